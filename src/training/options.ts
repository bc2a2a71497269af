import * as v from "valibot";
import { type Backend, backend } from "../backends/index.ts";
import { count, flag, notNegative, parseConfig } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import type { AnyDataset, SplitSettings } from "../datasets/index.ts";
import { resolveThreads } from "../engine/threads.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import { exponentialDecay, type OptimizerConfig, sgd } from "../optimizers/index.ts";
import { parseOptimizer } from "../optimizers/registry.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { ClassWeights } from "./classWeights.ts";
import type { EarlyStopping, MonitorOptions } from "./monitor.ts";

/** How to train. Every option has a default. */
export interface TrainOptions {
  /** Images of one step: 16. */
  readonly batchSize?: number;
  /**
   * Into how many parts the images of a step are divided, which run one after the other before the weights are updated:
   * 1. A divisor of `batchSize`. It saves memory; batch normalisation then sees one part at a time. As Keras'
   * `gradient_accumulation_steps`, but that `batchSize` counts the images of all parts.
   */
  readonly gradientAccumulation?: number;
  /**
   * Trains on mixtures of two images and of their labels, at ratios from the beta distribution Beta(mixup, mixup): 0,
   * for not at all. Each image of a step is mixed with the one before it. Zhang et al., "mixup", ICLR 2018.
   */
  readonly mixup?: number;
  /**
   * What the loss of an image of each class is multiplied by: 1. The loss of a step is the mean over its images, as with
   * Keras' `class_weight`, and not divided by the sum of the weights, as PyTorch's `weight`.
   */
  readonly classWeights?: ClassWeights;
  /** Updates of the weights, with those before a resume: 1,001. */
  readonly steps?: number;
  /** sgd(exponentialDecay(0.1, 100_000, 0.96)). */
  readonly optimizer?: OptimizerConfig;
  /** Fixes initial weights, splits, shuffles and dropout: 1. A whole number from 0 to 2³² − 1. */
  readonly seed?: number;
  /**
   * Sizes of the splits, as numbers or shares: a tenth each for validation and test; and what stays together: the
   * data set's groups or, where it has none, images with the same pixels.
   */
  readonly split?: SplitSettings;
  /**
   * A data set of its own for the test, with the same classes; then all of `data` trains and validates, but for images
   * that have the same pixels as one of the test, where such images stay together.
   */
  readonly test?: AnyDataset;
  /** Steps between validations: 50; 0 for none but the last. */
  readonly validateEvery?: number;
  /** Leaves dropout on while validating, as the seed's author did: false. */
  readonly dropoutInValidation?: boolean;
  /** The validation's score that tells the best weights, and early stopping: "accuracy" (the default) or "loss". */
  readonly monitor?: "accuracy" | "loss";
  /** Ends the training before `steps` where it gets no better: never. As Keras' EarlyStopping. */
  readonly earlyStopping?: EarlyStopping;
  /**
   * Starts from the weights of another model, for fine-tuning: those of layers with the same name, type and shapes.
   * Others start fresh, and so do those that give the logits where the classes differ.
   */
  readonly initFrom?: TrainedModel;
  /** "native" (in Node, the default there), "wasm" (the default elsewhere), "interpret", or a back end of your own. */
  readonly backend?: string | Backend;
  /** Threads, which change nothing but the time it takes: as many as there are processors. */
  readonly threads?: number;
  /** Seconds between checkpoints: 10; 0 for one after each call of the compiled program, some 0.1 s. */
  readonly checkpointEvery?: number;
  /**
   * Goes on from here, to the same weights as if the run had not stopped. Model, data and all options that fix the
   * weights must be those of the checkpoint; `steps` may be more.
   */
  readonly resume?: Checkpoint;
  /** Resumes although this machine's arithmetic is not the checkpoint's, to other weights than undisturbed: false. */
  readonly otherArithmetic?: boolean;
  /** Stops the training: the run gives a last checkpoint and throws `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options with their defaults. */
export interface ResolvedOptions extends MonitorOptions {
  readonly batchSize: number;
  readonly steps: number;
  readonly gradientAccumulation: number;
  readonly mixup: number;
  readonly classWeights?: ClassWeights | undefined;
  readonly seed: number;
  readonly split: SplitSettings;
  readonly validateEvery: number;
  readonly dropoutInValidation: boolean;
  readonly checkpointEvery: number;
  readonly otherArithmetic: boolean;
  readonly backend: Backend;
  readonly threads: number;
}

const whole = (most: number, message: string) =>
  v.pipe(v.number(message), v.integer(message), v.minValue(0, message), v.maxValue(most, message));
const MAX_UINT32 = 2 ** 32 - 1;
const SECONDS = "seconds, at least 0";
/** The names of scores that are followed. */
export const monitorSchema = v.picklist(["accuracy", "loss"], '"accuracy" or "loss"');
export const earlyStoppingSchema = v.strictObject({ patience: count, minDelta: v.optional(notNegative, 0) });
const anything = v.optional(v.unknown());
const schema = v.strictObject({
  batchSize: v.optional(count, 16),
  gradientAccumulation: v.optional(count, 1),
  mixup: v.optional(notNegative, 0),
  steps: v.optional(count, 1001),
  threads: v.optional(count),
  seed: v.optional(whole(MAX_UINT32, "a whole number from 0 to 4294967295"), 1),
  validateEvery: v.optional(whole(MAX_UINT32, "a whole number of at least 0"), 50),
  dropoutInValidation: v.optional(flag, false),
  monitor: v.optional(monitorSchema, "accuracy"),
  earlyStopping: v.optional(earlyStoppingSchema),
  checkpointEvery: v.optional(v.pipe(v.number(SECONDS), v.minValue(0, SECONDS)), 10),
  otherArithmetic: v.optional(flag, false),
  optimizer: anything,
  split: anything,
  test: anything,
  backend: anything,
  resume: anything,
  initFrom: anything,
  classWeights: anything,
  signal: anything,
});

/** Fills in defaults and checks ranges. Throws `INVALID_ARGUMENT` naming the option. */
export function resolveOptions(options: TrainOptions): ResolvedOptions {
  const { optimizer = sgd(exponentialDecay(0.1, 100_000, 0.96)), split = {}, test } = options;
  const { threads, ...settings } = parseConfig(schema, options, "train");
  const { batchSize, gradientAccumulation } = settings;
  if (batchSize % gradientAccumulation !== 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `train: gradientAccumulation is ${gradientAccumulation}, expected a divisor of batchSize, ${batchSize}`,
    );
  const on = typeof options.backend === "object" ? options.backend : backend(options.backend);
  return {
    ...settings,
    classWeights: options.classWeights,
    optimizer: parseOptimizer(optimizer),
    split: test ? { test: 0, ...split } : split,
    backend: on,
    threads: resolveThreads(on.name, threads),
  };
}
