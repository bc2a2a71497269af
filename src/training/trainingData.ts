import { InklingError } from "../base/error.ts";
import {
  type AnyDataset,
  type Division,
  defaultKeepTogether,
  divide,
  fingerprint,
  readImages,
  type SplitSettings,
} from "../datasets/index.ts";
import type { LabeledImages } from "../engine/feed.ts";
import { labelledImages } from "../evaluation/index.ts";
import type { TrainOptions } from "./options.ts";
import type { DataSpec } from "./spec.ts";

/**
 * A data set divided for a training, and identified: once, for all that `train`, `fitSteps` and others do with it. They
 * take it in place of the data set; seed, split and test set are then those that it was divided by.
 */
export class TrainingData {
  readonly dataset: AnyDataset;
  /** A data set of its own for the test. */
  readonly test: AnyDataset | undefined;
  readonly seed: number;
  /** How it is divided; it says what stays together. */
  readonly split: SplitSettings;
  readonly division: Division;
  #spec: Promise<DataSpec> | undefined;

  /** Divides. Throws `INVALID_ARGUMENT` for sizes that the data set cannot give. */
  constructor(dataset: AnyDataset, { test, seed = 1, split = {} }: Pick<TrainOptions, "test" | "seed" | "split"> = {}) {
    this.dataset = dataset;
    this.test = test;
    this.seed = seed;
    this.split = {
      ...(test && { test: 0 }),
      ...split,
      keepTogether: split.keepTogether ?? defaultKeepTogether(dataset),
    };
    this.division = divide(dataset, test, { ...this.split, seed });
  }

  /** Where the data are, as they say, and what identifies them; computed when it is first wanted. */
  get spec(): Promise<DataSpec> {
    this.#spec ??= describe(this.dataset, this.test);
    return this.#spec;
  }

  /**
   * All images, those of a test set of its own after the others, as the division's rows count them.
   *
   * @internal
   */
  get images(): LabeledImages {
    const { dataset, test } = this;
    if (!test) return labelledImages(dataset);
    const first = dataset.labels.length;
    const labels = new Uint16Array(first + test.labels.length);
    labels.set(dataset.labels);
    labels.set(test.labels, first);
    // All rows of a call are of one split, so they are in one of the two.
    const read: LabeledImages["read"] = (rows, target) => {
      if (rows[0]! < first) return readImages(dataset, rows, target);
      readImages(
        test,
        Uint32Array.from(rows, (row) => row - first),
        target,
      );
    };
    return { labels, read };
  }

  /** The number of each training image's class. */
  get trainingLabels(): Uint16Array {
    return Uint16Array.from(this.division.split.training, (row) => this.dataset.labels[row]!);
  }
}

async function describe(dataset: AnyDataset, test: AnyDataset | undefined): Promise<DataSpec> {
  const { source } = dataset.provenance;
  const identified = { source, fingerprint: await fingerprint(dataset) };
  if (!test) return identified;
  return { ...identified, test: test.provenance.source, testFingerprint: await fingerprint(test) };
}

/**
 * Data divided for a training: as they are if they have been divided, otherwise as the options say. Throws
 * `INVALID_ARGUMENT` where options contradict the way the data have been divided.
 */
export function dataOf(data: AnyDataset | TrainingData, options: TrainOptions): TrainingData {
  if (!(data instanceof TrainingData)) return new TrainingData(data, options);
  const { seed = data.seed, split = {}, test = data.test } = options;
  const contradicted = [
    ...(seed === data.seed ? [] : ["seed"]),
    ...(test === data.test ? [] : ["test"]),
    ...(Object.keys(split) as (keyof SplitSettings)[])
      .filter((key) => split[key] !== undefined && split[key] !== data.split[key])
      .map((key) => `split.${key}`),
  ];
  if (contradicted.length === 0) return data;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `train: ${contradicted.join(", ")} differs from how the data were split; omit it, or split them again with new TrainingData`,
  );
}
