import { listed } from "../base/listed.ts";
import type { AnyDataset } from "./dataset.ts";
import type { Division, SeparateSets } from "./divide.ts";
import { splitNames } from "./splitSizes.ts";
import { countLabels } from "./statistics.ts";

/** A training's data, and how they are divided. */
export interface Divided extends SeparateSets {
  readonly dataset: AnyDataset;
  readonly division: Division;
}

/** How many names a warning lists. */
const SHOWN = 5;
/** The widest acceptable half of a 95% interval, as a fraction. */
const WIDEST = 0.1;

/**
 * What makes the scores of a split misleading, each as a sentence: classes without images, without training or test images, or with a
 * single image; no validation images; duplicates and groups across splits; a test set too small for an interval of ±10
 * points, 1.96·√(¼ / n) at an accuracy of one half; a batch larger than the training images. None if nothing does.
 */
export function misleadingSplit(divided: Divided, batchSize?: number): readonly string[] {
  const { dataset, division } = divided;
  const { split } = division;
  const counts = classCounts(divided);
  const named = (wanted: (k: number) => boolean) => {
    const names = dataset.classNames.filter((_, k) => wanted(k));
    return { count: names.length, text: `${names.length === 1 ? "class" : "classes"} ${listed(names, SHOWN)}` };
  };
  const of = (name: keyof typeof counts, k: number) => counts[name][k]!;
  const untaught = named((k) => of("training", k) === 0 && of("test", k) + of("validation", k) > 0);
  const untested = named((k) => of("test", k) === 0 && of("training", k) > 0);
  const single = named((k) => of("training", k) + of("validation", k) + of("test", k) === 1);
  const tested = named((k) => of("test", k) > 0);
  const { length: test } = split.test;
  const half = Math.round(98 / Math.sqrt(test));
  const shared = groupsAcross(divided);
  const has = ({ count }: { readonly count: number }) => (count === 1 ? "has" : "have");
  const empty = named((k) => of("training", k) + of("validation", k) + of("test", k) === 0);
  const warnings = [
    empty.count > 0 && `${empty.text} ${has(empty)} no images`,
    untaught.count > 0 &&
      `${untaught.text} ${has(untaught)} no training images, so validation and test images of ${untaught.count === 1 ? "this class" : "these classes"} cannot be recognized`,
    single.count > 0 &&
      `${single.text} ${single.count === 1 ? "has a single image, which is" : "have a single image each, which is"} in one split only`,
    split.validation.length === 0 && "there are no validation images, so the best weights are not known",
    test === 0 && "there are no test images, so the accuracy is not measured",
    test > 0 && tested.count === 1 && dataset.classNames.length > 1 && `all test images are of ${tested.text}`,
    test > 0 && tested.count > 1 && untested.count > 0 && `no test image is of ${untested.text}`,
    test > 0 &&
      half > 100 * WIDEST &&
      (half > 50
        ? `with only ${test} test image${test === 1 ? "" : "s"}, the accuracy says next to nothing`
        : `with only ${test} test images, the accuracy is known to within about ${half} points either way`),
    division.trainTestDuplicates.length > 0 &&
      `${division.trainTestDuplicates.length} of ${test} test images are also training images`,
    division.trainValidationDuplicates.length > 0 &&
      `${division.trainValidationDuplicates.length} of ${split.validation.length} validation images are also training images`,
    division.validationTestDuplicates.length > 0 &&
      `${division.validationTestDuplicates.length} of ${test} test images are also validation images, by which the best weights are chosen`,
    shared > 0 &&
      `${shared === 1 ? "one group is" : `${shared} groups are`} in the training split and in another one${dataset.parts ? ", as the source gives them" : ""}`,
    batchSize !== undefined &&
      batchSize > split.training.length &&
      `a batch has ${batchSize} images, more than the ${split.training.length} training images, so a step repeats some`,
  ];
  return warnings.filter((warning) => warning !== false);
}

/** Shape [K] for each split: its images of each class. */
function classCounts({ dataset, test, validation, division }: Divided) {
  const labels = [dataset, test, validation].flatMap((set) => (set ? [set.labels] : []));
  const labelOf = (row: number): number => {
    let at = row;
    for (const own of labels) {
      if (at < own.length) return own[at]!;
      at -= own.length;
    }
    throw new RangeError(`there is no row ${row}`);
  };
  const count = (rows: Uint32Array) => countLabels(Uint16Array.from(rows, labelOf), dataset.classNames.length);
  const { split } = division;
  return { training: count(split.training), validation: count(split.validation), test: count(split.test) };
}

/** How many groups of the data set are in the training split and in another one. */
function groupsAcross({ dataset, division }: Divided): number {
  const { groups, labels } = dataset;
  if (!groups) return 0;
  const [training, ...others] = splitNames.map(
    (name) =>
      new Set(
        Array.from(
          division.split[name].filter((row) => row < labels.length),
          (row) => groups[row]!,
        ),
      ),
  );
  return [...training!].filter((group) => others.some((other) => other.has(group))).length;
}
