import * as v from "valibot";
import { type Backend, backend } from "../backends/index.ts";
import { flag, parseConfig } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import type { AnyDataset, SplitSettings } from "../datasets/index.ts";
import { resolveThreads } from "../engine/threads.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { parseOptimizer } from "../optimizers/registry.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { machineEntries, settingEntries } from "./schema.ts";
import { defaultOptimizer, type TrainingSettings } from "./settings.ts";

/** How to train. Every option has a default. */
export interface TrainOptions extends TrainingSettings {
  /**
   * A data set of its own for the test, with the same classes; then all of `data` trains and validates, but for images
   * that have the same pixels as one of the test, where such images stay together.
   */
  readonly test?: AnyDataset;
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
  /** Resumes although this machine or version rounds otherwise than the checkpoint's, to other weights than undisturbed: false. */
  readonly otherArithmetic?: boolean;
  /** Stops the training: the run gives a last checkpoint and throws `ABORTED`. */
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
  readonly backend: Backend;
  readonly threads: number;
}

const anything = v.optional(v.unknown());
const schema = v.strictObject({
  ...settingEntries,
  ...machineEntries,
  otherArithmetic: v.optional(flag, false),
  test: anything,
  backend: anything,
  resume: anything,
  initFrom: anything,
  signal: anything,
});

/** Fills in defaults and checks ranges. Throws `INVALID_ARGUMENT` naming the option. */
export function resolveOptions({ test, resume, initFrom, signal, ...options }: TrainOptions): ResolvedOptions {
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
    optimizer: options.optimizer ? parseOptimizer(options.optimizer) : defaultOptimizer,
    backend: on,
    threads: resolveThreads(on.name, threads),
  } as ResolvedOptions;
}
