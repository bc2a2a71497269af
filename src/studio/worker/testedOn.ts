import { sizeOf } from "../../base/shape.ts";
import { type AnyDataset, readImages, type Split } from "../../datasets/index.ts";
import { calibrationOf } from "../../evaluation/calibration.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { type ModelCalibration, thresholdFor } from "../../evaluation/modelCalibration.ts";
import { answersOf, probabilitiesOf } from "../../evaluation/probabilities.ts";
import { type Scaling, UNSCALED } from "../../evaluation/softmax.ts";
import type { AnsweredRows } from "../../report/pages/evaluate/answeredRows.ts";
import { type ShownPictures, shownPictures } from "../../report/pages/evaluate/shownPictures.ts";
import type { Tested, Threshold } from "../inside.ts";

/** Parts of the answers that are to be right. */
const TARGETS = [0.9, 0.95, 0.98, 0.99, 0.995];

/** What a model answers for some rows of a data set, and their pictures. */
export interface TestedRows extends AnsweredRows, Pick<ShownPictures, "placeOf"> {
  readonly tested: Tested;
}

/** The images that tell how good a model is: those of the test or, where there are none, of the validation. */
export const heldOutRows = ({ test, validation }: Split): Uint32Array => (test.length > 0 ? test : validation);

/** Has a model answer for some rows of a data set. */
export async function testedOn(trained: TrainedModel, dataset: AnyDataset, rows: Uint32Array): Promise<TestedRows> {
  const { classes, input } = trained.model;
  const pixels = new Uint8Array(rows.length * sizeOf(input));
  readImages(dataset, rows, pixels);
  const labels = Array.from(rows, (row) => dataset.labels[row]!);
  const logits = await trained.logits(pixels);
  const at = (scaling: Scaling) => probabilitiesOf(logits, labels, classes.length, scaling);
  const all = answersOf(at(trained.scaling));
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const [i, { answer }] of all.entries()) confusion[labels[i]!]![answer]!++;
  const answered: AnsweredRows = {
    dataset,
    rows,
    answers: all.map(({ answer }) => answer),
    confidences: all.map(({ confidence }) => confidence),
  };
  const { pictures, placeOf, mistakes } = shownPictures(answered);
  const reliability = (scaling: Scaling) => {
    const { temperature, attenuation } = scaling;
    return { temperature, attenuation, ...calibrationOf(at(scaling)) };
  };
  const tested: Tested = {
    confusion,
    pictures,
    mistakes: mistakes.flatMap((i) => placeOf.get(i) ?? []),
    probabilities: { before: reliability(UNSCALED), after: reliability(trained.scaling) },
    thresholds: trained.calibration ? TARGETS.flatMap((target) => reached(trained.calibration!, target)) : [],
  };
  return { ...answered, placeOf, tested };
}

/** The threshold for a target, if the validation images show that one reaches it. */
function reached(calibration: ModelCalibration, target: number): readonly Threshold[] {
  try {
    const { threshold, coverage } = thresholdFor(calibration, target);
    return [{ target, threshold, coverage }];
  } catch {
    return [];
  }
}
