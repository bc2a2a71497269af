import type { Backend } from "../backends/index.ts";
import { InklingError } from "../base/error.ts";
import { type AnyDataset, allRows, foldDataset, readImages, subset } from "../datasets/index.ts";
import { EVALUATION_BATCH } from "../engine/feed.ts";
import { resolveThreads } from "../engine/threads.ts";
import { Predictor } from "../evaluation/predictor.ts";
import { softmax } from "../evaluation/softmax.ts";
import { followsValidations } from "../optimizers/schedules/registry.ts";
import { type RecipeTraining, type TrainingRun, train } from "../training/index.ts";

/** The progress of an audit. */
export interface AuditProgress {
  /** The fold whose model is being trained, counted from 1. */
  readonly fold: number;
  readonly folds: number;
  /** The fraction of all folds that is done, 0 to 1. */
  readonly share: number;
  /** Images trained on per second. */
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

export interface OutOfFoldOptions {
  /** How each model is trained. */
  readonly training: RecipeTraining;
  /** Number of models, each trained without one fold of the images. */
  readonly folds: number;
  readonly seed: number;
  readonly backend: Backend;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: AuditProgress) => void) | undefined;
}

/**
 * The probabilities [N,K] of every image, row-major, predicted by a model that was not trained on it: k-fold
 * cross-validation. The same data and options give the same numbers. Throws `INVALID_ARGUMENT` if the data set cannot
 * be divided into that many folds, `ABORTED` if `signal` aborts, and otherwise as `train` does.
 */
export async function outOfFold(dataset: AnyDataset, options: OutOfFoldOptions): Promise<Float64Array> {
  const { folds, seed } = options;
  const classes = dataset.classNames.length;
  const probabilities = new Float64Array(dataset.labels.length * classes);
  // Training on a copy with the same label would leak that label.
  const parts = foldDataset(dataset, { folds, seed, keepTogether: "pixels" });
  for (const [fold, held] of parts.entries()) {
    const logits = await predictHeld(dataset, held, fold, options);
    for (const [i, row] of held.entries())
      probabilities.set(softmax(logits.subarray(i * classes, (i + 1) * classes)), row * classes);
  }
  return probabilities;
}

/** The logits [n,K] of the n held-out rows, after training on the others. */
async function predictHeld(
  dataset: AnyDataset,
  held: Uint32Array,
  fold: number,
  options: OutOfFoldOptions,
): Promise<Float32Array> {
  const { training, seed, backend, threads, signal } = options;
  const { model, steps, batchSize, optimizer } = training;
  const on = { backend, ...(threads !== undefined && { threads }) };
  const isHeld = new Set(held);
  const others = allRows(dataset).filter((row) => !isHeld.has(row));
  // No images are set aside for validation, unless the learning rate depends on it.
  const validates = followsValidations(optimizer.learningRate);
  const run = train(model, subset(dataset, others), {
    batchSize,
    steps,
    optimizer,
    // Smoothing would lower the probabilities of classes that the model is sure of.
    labelSmoothing: 0,
    seed,
    ...on,
    split: { validation: validates ? 0.1 : 0, test: 0, keepTogether: "none" },
    ...(!validates && { validateEvery: 0 }),
    ...(signal && { signal }),
  });
  await follow(run, fold, options);
  const predictor = await Predictor.create(await run.model(), backend, {
    batchSize: EVALUATION_BATCH,
    threads: resolveThreads(backend.name, threads),
  });
  try {
    return await predictor.logits((rows, target) => readImages(dataset, rows, target), held);
  } finally {
    await predictor.close();
  }
}

/** Runs a training to its end, and reports the progress of the whole audit. Throws `ABORTED` if its signal aborts. */
async function follow(
  run: TrainingRun,
  fold: number,
  { folds, training: { steps, batchSize }, onProgress }: OutOfFoldOptions,
): Promise<void> {
  try {
    for await (const event of run) {
      if (event.type !== "progress") continue;
      const { step, imagesPerSecond, secondsLeft } = event;
      const later = ((folds - fold - 1) * steps * batchSize) / imagesPerSecond;
      const share = (fold + step / steps) / folds;
      onProgress?.({ fold: fold + 1, folds, share, imagesPerSecond, secondsLeft: secondsLeft + later });
    }
  } catch (error) {
    if (!(error instanceof InklingError) || error.code !== "ABORTED") throw error;
    throw new InklingError(
      "ABORTED",
      `the audit was stopped in fold ${fold + 1} of ${folds}; its results were discarded`,
      {
        cause: error,
      },
    );
  }
}
