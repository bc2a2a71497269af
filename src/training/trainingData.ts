import { InklingError, message, optionRef } from "../base/error.ts";
import { sha256 } from "../base/sha256.ts";
import {
  type AnyDataset,
  alignClasses,
  type DivideOptions,
  type Division,
  defaultKeepTogether,
  divide,
  fingerprint,
  misleadingSplit,
  readImages,
  type SeparateSets,
  type SplitSettings,
  validateDataset,
} from "../datasets/index.ts";
import type { LabeledImages } from "../engine/feed.ts";
import { labeledImages } from "../evaluation/index.ts";
import type { TrainOptions } from "./options.ts";
import type { DataShape } from "./recipes/recipe.ts";
import type { DataSpec } from "./spec.ts";

/**
 * A data set split for a training. Pass it instead of the data set to `train`, `fitSteps` and other functions to split
 * and fingerprint the data only once; they then use its seed, split and separate sets.
 */
export class TrainingData {
  readonly dataset: AnyDataset;
  /** A separate test set. */
  readonly test: AnyDataset | undefined;
  /** A separate validation set. */
  readonly validation: AnyDataset | undefined;
  readonly seed: number;
  /** How it is split, with `by` and `keepTogether` filled in. */
  readonly split: SplitSettings;
  readonly division: Division;
  #spec: Promise<DataSpec> | undefined;

  /**
   * Splits the data; defaults are those of `train`. Throws `INVALID_ARGUMENT` for sizes that do not fit the data set,
   * `INVALID_DATA` for a data set that is not consistent.
   */
  constructor(
    dataset: AnyDataset,
    {
      test,
      validation,
      seed = 1,
      split = {},
      duplicates,
    }: Pick<TrainOptions, "test" | "validation" | "seed" | "split"> & Pick<DivideOptions, "duplicates"> = {},
  ) {
    for (const set of [dataset, ...(test ? [test] : []), ...(validation ? [validation] : [])]) validateDataset(set);
    this.dataset = dataset;
    this.test = test;
    this.validation = validation;
    this.seed = seed;
    this.split = {
      ...(test && { test: 0 }),
      ...(validation && { validation: 0 }),
      ...split,
      by: split.by ?? (dataset.parts ? "source" : "seed"),
      keepTogether: split.keepTogether ?? defaultKeepTogether(dataset),
    };
    this.division = divide(dataset, { test, validation }, { ...this.split, seed, ...(duplicates && { duplicates }) });
  }

  /** The provenance and the fingerprint of the data, computed on first use. */
  get spec(): Promise<DataSpec> {
    this.#spec ??= describe(this.dataset, this, this.split);
    return this.#spec;
  }

  /**
   * All images, followed by those of the separate test set and the separate validation set, if any; the rows of
   * `division` refer to them.
   *
   * @internal
   */
  get images(): LabeledImages {
    const { dataset, test, validation } = this;
    const sets = [dataset, test, validation].flatMap((set) => (set ? [alignClasses(set, dataset.classNames)] : []));
    if (sets.length === 1) return labeledImages(dataset);
    const labels = new Uint16Array(sets.reduce((sum, set) => sum + set.labels.length, 0));
    let count = 0;
    const firsts = sets.map((set) => {
      const first = count;
      labels.set(set.labels, first);
      count += set.labels.length;
      return first;
    });
    // All rows of a call belong to one split, and so to one of the data sets.
    const read: LabeledImages["read"] = (rows, target) => {
      const k = firsts.findLastIndex((first) => first <= rows[0]!);
      const first = firsts[k]!;
      readImages(sets[k]!, first === 0 ? rows : Uint32Array.from(rows, (row) => row - first), target);
    };
    return { labels, read };
  }

  /** What a recipe's network and settings depend on. */
  get shape(): DataShape {
    const { imageShape, classNames } = this.dataset;
    const { training } = this.division.split;
    return { images: { input: imageShape, classes: classNames }, trainingImages: training.length };
  }

  /** What makes the scores of the split misleading, one sentence each. */
  warnings(batchSize?: number): readonly string[] {
    return misleadingSplit(this, batchSize);
  }

  /** The label of each training image. */
  get trainingLabels(): Uint16Array {
    return Uint16Array.from(this.division.split.training, (row) => this.dataset.labels[row]!);
  }
}

async function describe(
  dataset: AnyDataset,
  { test, validation }: SeparateSets,
  { by }: SplitSettings,
): Promise<DataSpec> {
  const { parts } = dataset;
  return {
    source: dataset.provenance.source,
    fingerprint: await fingerprint(dataset),
    ...(by === "source" && parts && { partsFingerprint: await sha256(parts) }),
    ...(validation && {
      validation: validation.provenance.source,
      validationFingerprint: await fingerprint(validation),
    }),
    ...(test && { test: test.provenance.source, testFingerprint: await fingerprint(test) }),
    ...readingsOf(dataset, test, validation),
  };
}

/** How each source was read. */
function readingsOf(dataset: AnyDataset, test?: AnyDataset, validation?: AnyDataset): Pick<DataSpec, "readings"> {
  const sets = { source: dataset, validation, test };
  const readings = Object.entries(sets).flatMap(([name, set]) => {
    const reading = set?.provenance.reading;
    return reading === undefined ? [] : [[name, reading]];
  });
  return readings.length > 0 ? { readings: Object.fromEntries(readings) } : {};
}

/**
 * Data split for a training: a data set is split as the options say; `TrainingData` is returned as it is. Throws
 * `INVALID_ARGUMENT` if the options contradict how the data were split.
 */
export function dataOf(data: AnyDataset | TrainingData, options: TrainOptions): TrainingData {
  if (!(data instanceof TrainingData)) return new TrainingData(data, options);
  const { seed = data.seed, split = {}, test = data.test, validation = data.validation } = options;
  const contradicted = [
    ...(seed === data.seed ? [] : ["seed"]),
    ...(test === data.test ? [] : ["test"]),
    ...(validation === data.validation ? [] : ["validation"]),
    ...(Object.keys(split) as (keyof SplitSettings)[])
      .filter((key) => split[key] !== undefined && split[key] !== data.split[key])
      .map((key) => `split.${key}`),
  ];
  if (contradicted.length === 0) return data;
  throw new InklingError(
    "INVALID_ARGUMENT",
    message`train: ${contradicted.map((path) => optionRef(path))} differs from how the data were split; omit it, or split them again with new TrainingData`,
  );
}
