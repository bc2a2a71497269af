import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { createRun, isLocked, resumeRun } from "../../runs/node/runs.ts";
import { RUN_FILE } from "../../runs/result.ts";
import type { ValidationEvent } from "../../training/events.ts";
import { originOf, type TrainingSpec } from "../../training/spec.ts";
import { trainSpec } from "../../training/train.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { TaskResult } from "../queueMessage.ts";

/** A part of a trial: its training up to a number of steps. */
export interface TrialTask {
  /** The whole training. */
  readonly spec: TrainingSpec;
  /** The steps after which it is scored. */
  readonly steps: number;
  /** The folder of its run. */
  readonly folder: string;
}

/** What came of a step of a study, whose trials may have several tasks. */
export type TrialResult = TaskResult & {
  /** The score of each fold of cross-validation, of which the score is the mean. */
  readonly folds?: readonly number[];
};

/** How a trial is trained; none of it affects the weights. */
export interface TrialOptions {
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the steps done, several times a second. */
  readonly onStep?: ((step: number) => void) | undefined;
  /** Called when a checkpoint is on disk. */
  readonly onCheckpoint?: (() => void) | undefined;
}

const OF_PARAMETERS = ["NOT_FINITE", "INVALID_MODEL", "INVALID_SHAPE", "INVALID_ARGUMENT"];

/** What a trial comes to every time because of its parameters. Throws any other error again. */
export function problemOf(error: unknown): TaskResult {
  if (error instanceof InklingError && OF_PARAMETERS.includes(error.code)) return { problem: error.message };
  throw error;
}

/**
 * Trains a trial up to a number of steps, as an ordinary run, and scores it on its validation images, never on its test
 * images. It goes on where an earlier call stopped, and does nothing if that many steps are done. Throws `ABORTED`, and
 * whatever is not a consequence of the trial's parameters.
 */
export async function runTrial(task: TrialTask, data: TrainingData, options: TrialOptions = {}): Promise<TaskResult> {
  const { spec, steps, folder } = task;
  const { onStep, onCheckpoint, threads, signal } = options;
  await released(folder);
  const started = performance.now();
  const run = existsSync(join(folder, RUN_FILE)) ? await resumeRun(folder) : await createRun(folder, originOf(spec));
  let last: ValidationEvent | undefined;
  try {
    const { checkpoint: resume } = run;
    const training = trainSpec({ ...spec, steps }, data, {
      testAtEnd: false,
      ...(threads !== undefined && { threads }),
      ...(signal && { signal }),
      ...(resume && { resume }),
    });
    for await (const event of training) {
      await run.record(event);
      if (event.type === "validation") last = event;
      if (event.type === "progress") onStep?.(event.step);
      if (event.type === "checkpoint") onCheckpoint?.();
      if (event.type !== "end") continue;
      const seconds = (performance.now() - started) / 1000;
      return { score: last![spec.monitor], weightsSha256: event.result.weightsSha256, seconds };
    }
    throw new Error("a trial ended without a result");
  } catch (error) {
    return problemOf(error);
  } finally {
    await run.close();
  }
}

/** Seconds that a process has to end whose search was killed. */
const PATIENCE = 30;

/** Waits until no process uses a run: that of a search that was killed notices it a moment later. */
async function released(folder: string): Promise<void> {
  const end = performance.now() + 1000 * PATIENCE;
  while (performance.now() < end && (await isLocked(folder))) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Files of a run that hold weights. */
const WEIGHTS = /\.safetensors$/;

/** Removes the weights of a trial; what describes it, and its curve, stay. */
export async function dropWeights(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) if (WEIGHTS.test(name)) await rm(join(folder, name), { force: true });
}
