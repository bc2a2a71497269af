import { hostname } from "node:os";
import type { Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { InklingError } from "../../../base/error.ts";
import { temporaryFolder } from "../../../base/node/temporaryFolder.ts";
import { decodeTask, type QueuedTask, type TaskResult } from "../../queueMessage.ts";
import { Blobs } from "./blobs.ts";
import { openRedis, PREFIX, QUEUE, type RedisAccess, resultOf, stateOf, unwantedKey } from "./connect.ts";
import { reasonOf } from "./failure.ts";
import { MAX_RUN, packRun, unpackRun } from "./runBlob.ts";

/** What a worker has of a task. */
export interface Errand {
  readonly task: QueuedTask;
  /** The folder of its run, with what another worker has trained; it is removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** To be called with the steps done, several times a second. */
  readonly onStep: (step: number) => void;
  /** To be called when a checkpoint is on disk. */
  readonly onCheckpoint: () => void;
  readonly redis: Redis;
  readonly blobs: Blobs;
}

/** How a worker serves a queue. */
export interface ServeOptions {
  /**
   * Trains a task up to its last step in the folder of its run. Throws {@link Unfit} if this machine cannot train it, and
   * another one may.
   */
  readonly train: (errand: Errand) => Promise<TaskResult>;
  /** Tasks at once. Default: 1. */
  readonly concurrency?: number;
  /** Seconds without a sign of life after which a worker's tasks are given to another one. Default: 30. */
  readonly stalledAfter?: number;
  /** Stops the worker when it aborts: what it trains is saved on Redis, and goes back to the queue. */
  readonly signal: AbortSignal;
  readonly onReady?: (address: string) => void;
  readonly onStart?: (task: QueuedTask) => void;
  readonly onEnd?: (task: QueuedTask, result: TaskResult) => void;
  /** Called with what somebody should know. */
  readonly onNote?: (line: string) => void;
}

/** Why this machine cannot train what the queue has. */
export class Unfit extends InklingError {}

/** How often a task is begun whose workers have vanished. */
const VANISHED = 10;
/** Milliseconds between two signs of progress. */
const SIGN = 1000;

/** Why a task is stopped before its end. */
type Stop = "stopping" | "unwanted" | "lost";

/**
 * Takes tasks from a queue and trains them until `signal` aborts. Throws as {@link openRedis} does, and what `train` throws if
 * that is {@link Unfit}; the task goes back to the queue.
 */
export async function serveQueue(address: string, options: ServeOptions): Promise<void> {
  const redis = await openRedis(address, options.onNote);
  try {
    await new QueueServer(redis, options).serve();
  } finally {
    await redis.close();
  }
}

class QueueServer {
  readonly #redis: RedisAccess;
  readonly #connection: Redis;
  readonly #blobs: Blobs;
  readonly #options: ServeOptions;
  readonly #running = new Map<string, AbortController>();
  /** Ends `serve`, with an error or without one. */
  #end: (error?: unknown) => void = () => {};

  constructor(redis: RedisAccess, options: ServeOptions) {
    this.#redis = redis;
    this.#connection = redis.connect();
    this.#blobs = new Blobs(this.#connection);
    this.#options = options;
  }

  async serve(): Promise<void> {
    const { concurrency = 1, stalledAfter = 30, signal, onReady } = this.#options;
    const worker: Worker = new this.#redis.bullmq.Worker(QUEUE, (job, token) => this.#process(job, token!), {
      connection: this.#connection,
      prefix: PREFIX,
      name: `${hostname()} ${process.pid}`,
      concurrency,
      lockDuration: 1000 * stalledAfter,
      stalledInterval: 1000 * stalledAfter,
      maxStalledCount: VANISHED,
    });
    worker.on("error", () => {}); // the connection reports its own, and tasks theirs
    worker.on("lockRenewalFailed", (ids) => {
      for (const id of ids) this.#running.get(id)?.abort("lost" satisfies Stop);
    });
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error));
    });
    const stop = () => this.#end();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      await worker.waitUntilReady();
      onReady?.(this.#redis.shown);
      await ended;
    } finally {
      signal.removeEventListener("abort", stop);
      const closed = worker.close(); // takes no more tasks
      for (const controller of this.#running.values()) controller.abort("stopping" satisfies Stop);
      await closed;
    }
  }

  async #process(job: Job<{ readonly task?: unknown }>, token: string): Promise<void> {
    const { UnrecoverableError, WaitingError } = this.#redis.bullmq;
    const id = job.id!;
    let task: QueuedTask;
    try {
      task = decodeTask(job.data?.task);
    } catch (error) {
      const isKnown = error instanceof InklingError && error.code !== "INVALID_MODEL"; // another worker may have the layers
      throw isKnown ? new UnrecoverableError(reasonOf(error)) : new Error(reasonOf(error));
    }
    const { onStart, onEnd, signal } = this.#options;
    const controller = new AbortController();
    this.#running.set(id, controller);
    if (signal.aborted) controller.abort("stopping" satisfies Stop);
    const scratch = await temporaryFolder("worker");
    const folder = scratch.path;
    try {
      const state = await this.#blobs.get(stateOf(id), MAX_RUN);
      if (state) await unpackRun(state.bytes, folder);
      onStart?.(task);
      const result = await this.#train(job, task, folder, controller);
      await this.#blobs.put(resultOf(id), await packRun(folder), JSON.stringify(result));
      onEnd?.(task, result);
    } catch (error) {
      const isStopped = controller.signal.aborted && error instanceof InklingError && error.code === "ABORTED";
      if (!isStopped && !(error instanceof Unfit)) throw new Error(reasonOf(error));
      await this.#save(id, folder);
      if (controller.signal.reason === "unwanted") throw new UnrecoverableError(reasonOf(error));
      if (controller.signal.reason === "lost") throw error; // the task is no longer this worker's
      if (error instanceof Unfit) this.#end(error);
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      this.#running.delete(id);
      await scratch.remove();
    }
  }

  async #train(job: Job, task: QueuedTask, folder: string, controller: AbortController): Promise<TaskResult> {
    const id = job.id!;
    let saving: Promise<void> | undefined;
    let shown = performance.now();
    const onCheckpoint = () => {
      saving ??= this.#save(id, folder).finally(() => {
        saving = undefined;
      });
      saving.catch(() => {}); // the next one may succeed
    };
    const onStep = (step: number) => {
      if (performance.now() - shown < SIGN) return;
      shown = performance.now();
      void this.#showProgress(job, step, controller);
    };
    try {
      const { signal } = controller;
      const { train } = this.#options;
      return await train({
        ...{ task, folder, signal, onStep, onCheckpoint },
        ...{ redis: this.#connection, blobs: this.#blobs },
      });
    } finally {
      await saving?.catch(() => {});
    }
  }

  /** Tells the search how far a task is, and stops it if no search waits for it, or if Redis has forgotten it. */
  async #showProgress(job: Job, step: number, controller: AbortController): Promise<void> {
    try {
      await job.updateProgress(step);
      if ((await this.#connection.exists(unwantedKey(job.id!))) === 1) controller.abort("unwanted" satisfies Stop);
    } catch {
      controller.abort("lost" satisfies Stop);
    }
  }

  async #save(id: string, folder: string): Promise<void> {
    const bytes = await packRun(folder);
    if (bytes.length > 0 && bytes.length <= MAX_RUN) await this.#blobs.put(stateOf(id), bytes);
  }
}
