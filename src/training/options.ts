import * as v from "valibot";
import { type Backend, backend } from "../backends/index.ts";
import { flag, parseOptions, positive } from "../base/config.ts";
import { InklingError, message, optionRef } from "../base/error.ts";
import type { AnyDataset, SplitSettings } from "../datasets/index.ts";
import { resolveThreads } from "../engine/threads.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { parseOptimizer } from "../optimizers/registry.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { machineEntries, settingEntries } from "./schema.ts";
import { defaultOptimizer, defaultValidateEvery, type TrainingSettings } from "./settings.ts";

/** How to train. Every option has a default. */
export interface TrainOptions extends TrainingSettings {
  /**
   * A separate test set, with the same classes. All of `data` is then used for training and validation, except images
   * that must stay together with a test image, such as those with the same pixels. See `split.keepTogether`.
   */
  readonly test?: AnyDataset | undefined;
  /** A separate validation set, with the same classes; otherwise like `test`. */
  readonly validation?: AnyDataset | undefined;
  /**
   * Starts from the weights of another model, for fine-tuning, in layers with the same name, type and shapes. Other
   * layers are initialized as usual, as are those that compute the logits if the classes differ.
   */
  readonly initFrom?: TrainedModel;
  /** "native" (in Node, the default there), "wasm" (the default elsewhere), "interpret", or a back end of your own. */
  readonly backend?: string | Backend;
  /** Number of threads, which affects only the speed. Default: the number of processors. */
  readonly threads?: number;
  /** Seconds between checkpoints; 0 for one after each call of the compiled program, about 0.1 s. Default: 10. */
  readonly checkpointEvery?: number;
  /**
   * Resumes from a checkpoint; the weights end up the same as if the run had not stopped. The model, the data and all
   * options that determine the weights must be those of the checkpoint; `steps` may be larger.
   */
  readonly resume?: Checkpoint;
  /**
   * Resumes even if this machine or version rounds differently than the checkpoint's; the weights then differ from
   * those of an uninterrupted run. Default: false.
   */
  readonly otherArithmetic?: boolean;
  /**
   * Seconds from the call of `train` to the end of the run, including the test. The number of steps, and a learning rate
   * schedule made for it, are corrected while it runs; a `plan` event has each new plan, which leads to the same weights
   * without a budget. Default: as many steps as `steps` says, however long they take.
   */
  readonly budget?: number;
  /** Whether the test images are scored at the end; if not, the test score is one of no images. Default: true. */
  readonly testAtEnd?: boolean;
  /** Stops the training: the run yields a last checkpoint and throws `ABORTED`. */
  readonly signal?: AbortSignal;
}

/** Options with their defaults. */
export interface ResolvedOptions extends TrainingSettings {
  readonly steps: number;
  readonly batchSize: number;
  readonly gradientAccumulation: number;
  readonly mixup: number;
  readonly optimizer: OptimizerConfig;
  readonly seed: number;
  readonly split: SplitSettings;
  readonly validateEvery: number;
  readonly dropoutInValidation: boolean;
  readonly monitor: "accuracy" | "loss";
  readonly checkpointEvery: number;
  readonly otherArithmetic: boolean;
  readonly budget?: number;
  readonly testAtEnd: boolean;
  readonly backend: Backend;
  readonly threads: number;
}

const anything = v.optional(v.unknown());
const schema = v.strictObject({
  ...settingEntries,
  ...machineEntries,
  otherArithmetic: v.optional(flag, false),
  budget: v.optional(positive),
  testAtEnd: v.optional(flag, true),
  test: anything,
  validation: anything,
  backend: anything,
  resume: anything,
  initFrom: anything,
  signal: anything,
});

/** Throws `INVALID_ARGUMENT` unless a batch can be divided into the given number of parts. */
export function checkParts(batchSize: number, gradientAccumulation: number): void {
  if (batchSize % gradientAccumulation === 0) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    message`train: ${optionRef("gradientAccumulation")} is ${gradientAccumulation}, expected a divisor of ${optionRef("batchSize")}, ${batchSize}`,
  );
}

/** Fills in defaults and checks ranges. Throws `INVALID_ARGUMENT` naming the invalid option. */
export function resolveOptions({
  test,
  validation,
  resume,
  initFrom,
  signal,
  ...options
}: TrainOptions): ResolvedOptions {
  const { threads, ...settings } = parseOptions(schema, options, "train");
  checkParts(settings.batchSize, settings.gradientAccumulation);
  const on = backend(options.backend);
  return {
    ...settings,
    validateEvery: settings.validateEvery ?? defaultValidateEvery(settings.steps),
    optimizer: options.optimizer ? parseOptimizer(options.optimizer) : defaultOptimizer(),
    backend: on,
    threads: resolveThreads(on.name, threads),
  } as ResolvedOptions;
}
