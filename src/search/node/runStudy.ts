import { InklingError } from "../../base/error.ts";
import type { TrialResult } from "../queueMessage.ts";
import type { Job } from "../study.ts";
import type { StudyFolder } from "./studyFolder.ts";
import { problemOf, type TrialTask } from "./trial.ts";

/** What trains trials, several at once. */
export interface Workers {
  readonly count: number;
  /** Trains on a free worker. Throws `ABORTED` if it was stopped. */
  run(task: TrialTask, onStep?: (step: number) => void): Promise<TrialResult>;
  /** Stops what is in progress; its training is saved. */
  stop(): void;
  /** Ends the workers. */
  close(): void | Promise<void>;
}

/** How a study is run. */
export interface StudyOptions {
  /** The training of a step. Throws `INVALID_ARGUMENT` or `INVALID_MODEL` for parameters that make none. */
  readonly taskOf: (job: Job) => Promise<TrialTask>;
  readonly signal?: AbortSignal | undefined;
  /** Seconds after which no step begins any more, and what is in progress is stopped. */
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

/**
 * Does the steps of a study until it is done, or until it is stopped or its time is over; true if it is done. Which worker
 * does a step, and how long it takes, does not affect the study. Throws the first error of a worker, after the others have
 * stopped.
 */
export async function runStudy(folder: StudyFolder, workers: Workers, options: StudyOptions): Promise<boolean> {
  const { study } = folder;
  const { taskOf, signal, budget, keep, onStart, onProgress, onEnd } = options;
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
    const task = await taskOf(job).catch((error) => ({ failure: problemOf(error) }));
    const isTask = !("failure" in task);
    const result = isTask ? await workers.run(task, (step) => onProgress?.(job, step / task.steps)) : task.failure;
    await folder.finish(job, isTask ? task.steps : 0, result);
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
