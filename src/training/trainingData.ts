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
import { labeledImages } from "../evaluation/index.ts";
import type { TrainOptions } from "./options.ts";
import type { DataSpec } from "./spec.ts";

/**
 * A data set split for a training. Pass it instead of the data set to `train`, `fitSteps` and other functions to split
 * and fingerprint the data only once; they then use its seed, split and test set.
 */
export class TrainingData {
  readonly dataset: AnyDataset;
  /** A separate test set. */
  readonly test: AnyDataset | undefined;
  readonly seed: number;
  /** How it is split, with `keepTogether` filled in. */
  readonly split: SplitSettings;
  readonly division: Division;
  #spec: Promise<DataSpec> | undefined;

  /**
   * Splits the data; defaults are those of `train`. Throws `INVALID_ARGUMENT` for sizes that do not fit the data set.
   */
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

  /** The provenance and the fingerprint of the data, computed on first use. */
  get spec(): Promise<DataSpec> {
    this.#spec ??= describe(this.dataset, this.test);
    return this.#spec;
  }

  /**
   * All images, followed by those of the separate test set, if any; the rows of `division` refer to them.
   *
   * @internal
   */
  get images(): LabeledImages {
    const { dataset, test } = this;
    if (!test) return labeledImages(dataset);
    const first = dataset.labels.length;
    const labels = new Uint16Array(first + test.labels.length);
    labels.set(dataset.labels);
    labels.set(test.labels, first);
    // All rows of a call belong to one split, and so to one of the two data sets.
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

  /** The label of each training image. */
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
 * Data split for a training: a data set is split as the options say; `TrainingData` is returned as it is. Throws
 * `INVALID_ARGUMENT` if the options contradict how the data were split.
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
