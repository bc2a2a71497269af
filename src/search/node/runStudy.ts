import { InklingError } from "../../base/error.ts";
import { sha256 } from "../../base/sha256.ts";
import type { TaskResult } from "../queueMessage.ts";
import type { Job } from "../study.ts";
import type { StudyFolder } from "./studyFolder.ts";
import { problemOf, type TrialResult, type TrialTask } from "./trial.ts";

/** What trains trials, several at once. */
export interface Workers {
  readonly count: number;
  /** Trains on a free worker. Throws `ABORTED` if it was stopped. */
  run(task: TrialTask, onStep?: (step: number) => void): Promise<TaskResult>;
  /** Stops what is in progress; its training is saved. */
  stop(): void;
  /** Ends the workers. */
  close(): void | Promise<void>;
}

/** How a study is run. */
export interface StudyOptions {
  /**
   * The training of a step, or one for each fold. Throws `INVALID_ARGUMENT` or `INVALID_MODEL` for parameters that make none.
   */
  readonly tasksOf: (job: Job) => Promise<readonly TrialTask[]>;
  readonly signal?: AbortSignal | undefined;
  /** Seconds after which no further step begins, and what is in progress is stopped. */
  readonly budget?: number | undefined;
  /** Of how many of the best trials weights are kept. Default: all. */
  readonly keep?: number | undefined;
  /** Called when a step begins. */
  readonly onStart?: (job: Job) => void;
  /** Called with the share of a step's training that is done. */
  readonly onProgress?: (job: Job, share: number) => void;
  /** Called with what came of a step, once it is on disk. */
  readonly onEnd?: (job: Job, result: TrialResult) => void;
}

/** Trains the folds of a step one after another; the first that fails is what came of it. */
export async function trainFolds(
  tasks: readonly TrialTask[],
  workers: Workers,
  onProgress?: (share: number) => void,
): Promise<TrialResult> {
  const results: Exclude<TaskResult, { readonly problem: string }>[] = [];
  for (const task of tasks) {
    const result = await workers.run(task, (step) => onProgress?.((results.length + step / task.steps) / tasks.length));
    if ("problem" in result) return result;
    results.push(result);
  }
  const [first] = results;
  if (first && results.length === 1) return first;
  const folds = results.map(({ score }) => score);
  return {
    score: folds.reduce((sum, score) => sum + score, 0) / folds.length,
    weightsSha256: await sha256(new TextEncoder().encode(results.map(({ weightsSha256 }) => weightsSha256).join(""))),
    seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
    folds,
  };
}

/**
 * Does the steps of a study until it is done, or until it is stopped or its time is over; true if it is done. Which worker
 * does a step, and how long it takes, does not affect the study. Throws the first error of a worker, after the others have
 * stopped.
 */
export async function runStudy(folder: StudyFolder, workers: Workers, options: StudyOptions): Promise<boolean> {
  const { study } = folder;
  const { tasksOf, signal, budget, keep, onStart, onProgress, onEnd } = options;
  const running = new Map<number, Promise<void>>();
  const failures: unknown[] = [];
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    workers.stop();
  };
  const timer = budget === undefined ? undefined : setTimeout(stop, 1000 * budget);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();

  const train = async (job: Job): Promise<void> => {
    await folder.begin(job);
    onStart?.(job);
    const tasks = await tasksOf(job).catch((error) => ({ failure: problemOf(error) }));
    const result =
      "failure" in tasks ? tasks.failure : await trainFolds(tasks, workers, (share) => onProgress?.(job, share));
    await folder.finish(job, "failure" in tasks ? 0 : tasks[0]!.steps, result);
    if (keep !== undefined) await folder.keepBest(keep);
    onEnd?.(job, result);
  };
  const work = (job: Job): Promise<void> =>
    train(job)
      .catch((error) => {
        const isStopped = isStopping && error instanceof InklingError && error.code === "ABORTED";
        if (!isStopped) failures.push(error);
        stop();
      })
      .finally(() => running.delete(job.step));
  try {
    while (!study.isDone) {
      if (!isStopping)
        for (const job of study.ready())
          if (running.size < workers.count && !running.has(job.step)) running.set(job.step, work(job));
      if (running.size === 0) break;
      await Promise.race(running.values());
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
  if (failures.length > 0) throw failures[0];
  return study.isDone;
}
