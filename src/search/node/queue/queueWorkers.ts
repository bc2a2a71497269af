import type { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { backend } from "../../../backends/index.ts";
import { InklingError } from "../../../base/error.ts";
import { VERSION } from "../../../base/formatVersion.ts";
import { placesOf } from "../../../runs/node/dataPlaces.ts";
import type { TrainingData } from "../../../training/trainingData.ts";
import {
  decodeResult,
  divisionSha256,
  encodeTask,
  type QueuedTask,
  type TaskResult,
  taskId,
} from "../../queueMessage.ts";
import type { DataOf } from "../processes.ts";
import type { Workers } from "../runStudy.ts";
import type { TrialTask } from "../trial.ts";
import { Blobs } from "./blobs.ts";
import { openRedis, PREFIX, QUEUE, type RedisAccess, resultOf, stateOf, unwantedKey } from "./connect.ts";
import { failureOf } from "./failure.ts";
import { MAX_RUN, packRun, unpackRun } from "./runBlob.ts";
import { OfferedData } from "./sentData.ts";

/** How often a trial is begun whose worker fails, and milliseconds before the second time, which double each time. */
const ATTEMPTS = 5;
const BACKOFF = 1000;
/** Milliseconds between two looks at what is on Redis. */
const LOOK = 2000;
/** Seconds for which Redis remembers what has ended, for a search that was killed meanwhile, and the most trials. */
const MEMORY = 24 * 3600;
const REMEMBERED = 1000;
/** Milliseconds without any worker after which that is said. */
const LONELY = 5000;

/** How a study uses a queue. */
export interface QueueOptions {
  /** Trials at once. */
  readonly count: number;
  readonly dataOf: DataOf;
  /** The data as most trials have them, to send where they are missing. */
  readonly data: TrainingData;
  /** Called with what somebody should know. */
  readonly onNote?: (line: string) => void;
}

/** A task that some worker is to do. */
interface Pending {
  readonly id: string;
  readonly task: TrialTask;
  readonly message: string;
  readonly onStep: ((step: number) => void) | undefined;
  readonly resolve: (result: TaskResult) => void;
  readonly reject: (error: unknown) => void;
  /** Whether it is being looked at, and whether something has happened since. */
  isBusy: boolean;
  isNews: boolean;
}

/**
 * Trains on other machines, through a queue of BullMQ. What a trial comes to is on Redis under the name of its task, so a
 * search that was killed finds it there. A task that is not on Redis, because that was emptied, is handed out again, with the
 * run as far as this machine has it.
 */
export class QueueWorkers implements Workers {
  readonly count: number;
  readonly #redis: RedisAccess;
  readonly #connection: Redis;
  readonly #dataOf: DataOf;
  readonly #blobs: Blobs;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #offered: OfferedData;
  readonly #pending = new Map<string, Pending>();
  readonly #timer: NodeJS.Timeout;
  readonly #note: (line: string) => void;
  readonly #working = new Set<Promise<unknown>>();
  #isStopped = false;
  /** Since when no worker has taken a task; undefined once one has, or once that was said. */
  #alone: number | undefined = performance.now();

  private constructor(redis: RedisAccess, { count, dataOf, data, onNote = () => {} }: QueueOptions) {
    const { bullmq } = redis;
    const connection = redis.connect();
    this.count = count;
    this.#dataOf = dataOf;
    this.#connection = connection;
    this.#redis = redis;
    this.#note = onNote;
    this.#blobs = new Blobs(connection);
    this.#offered = new OfferedData(connection, this.#blobs, data);
    this.#queue = new bullmq.Queue(QUEUE, { connection, prefix: PREFIX });
    this.#events = new bullmq.QueueEvents(QUEUE, { connection, prefix: PREFIX });
    this.#queue.on("error", () => {}); // reported by the connection
    this.#events.on("error", () => {});
    for (const event of ["completed", "failed"] as const)
      this.#events.on(event, ({ jobId }: { readonly jobId: string }) => this.#look(jobId));
    this.#events.on("active", () => {
      this.#alone = undefined;
    });
    this.#events.on("progress", ({ jobId, data }) => {
      if (typeof data === "number") this.#pending.get(jobId)?.onStep?.(data);
    });
    this.#timer = setInterval(() => this.#background(this.#lookAround()), LOOK);
  }

  /** Connects to a queue. Throws as {@link openRedis} does. */
  static async open(address: string, options: QueueOptions): Promise<QueueWorkers> {
    return new QueueWorkers(await openRedis(address, options.onNote), options);
  }

  async run(task: TrialTask, onStep?: (step: number) => void): Promise<TaskResult> {
    const { spec, steps, folder } = task;
    const queued: QueuedTask = {
      inkling: VERSION,
      arithmetic: backend(spec.backend).arithmetic,
      name: folder,
      spec,
      steps,
      division: divisionSha256(this.#dataOf(spec).division),
      places: placesOf(folder, spec.data),
    };
    const id = await taskId(queued);
    const message = encodeTask(queued);
    return new Promise((resolve, reject) => {
      if (this.#isStopped) return reject(stopped());
      this.#pending.set(id, { id, task, message, onStep, resolve, reject, isBusy: false, isNews: false });
      this.#look(id);
    });
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const { id, reject } of this.#pending.values()) {
      this.#background(this.#withdraw(id));
      reject(stopped());
    }
    this.#pending.clear();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.allSettled(this.#working);
    await Promise.allSettled([this.#queue.close(), this.#events.close()]);
    await this.#redis.close();
  }

  /** Takes a task back: from the queue or, where a worker has it, by asking that to stop. */
  async #withdraw(id: string): Promise<void> {
    await this.#connection.set(unwantedKey(id), "1", "EX", MEMORY);
    await this.#queue.remove(id).catch(() => {}); // a worker has it
  }

  #background(work: Promise<unknown>): void {
    const done = work.catch((error) => this.#note((error as Error).message)).finally(() => this.#working.delete(done));
    this.#working.add(done);
  }

  /** Sees what has become of a task, one look at a time. */
  #look(id: string): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    if (pending.isBusy) {
      pending.isNews = true;
      return;
    }
    pending.isBusy = true;
    pending.isNews = false;
    const looked = this.#follow(pending)
      .catch((error) => this.#settle(pending, () => pending.reject(error)))
      .finally(() => {
        pending.isBusy = false;
        if (pending.isNews) this.#look(id);
      });
    this.#background(looked);
  }

  async #lookAround(): Promise<void> {
    for (const id of this.#pending.keys()) this.#look(id);
    await this.#offered.answer();
    if (this.#alone === undefined || this.#pending.size === 0) return;
    if (performance.now() - this.#alone < LONELY) return;
    this.#alone = undefined;
    this.#note(`No worker has taken a trial yet; start one on each machine with: inkling worker ${this.#redis.shown}`);
  }

  async #follow(pending: Pending): Promise<void> {
    const { id, task } = pending;
    const done = await this.#blobs.get(resultOf(id), MAX_RUN);
    if (done) {
      const result = decodeResult(done.note);
      const run = await unpackRun(done.bytes, task.folder);
      const sha = run?.run?.result?.weightsSha256;
      if ("score" in result && sha !== result.weightsSha256)
        throw new InklingError(
          "INVALID_DATA",
          `what a worker has sent for ${task.folder} is not the run of its result`,
        );
      this.#settle(pending, () => pending.resolve(result));
      await this.#blobs.remove(resultOf(id), stateOf(id));
      return;
    }
    const job = await this.#queue.getJob(id);
    const state = await job?.getState();
    if (job && state === "failed") {
      const { failedReason } = job;
      await job.remove().catch(() => {});
      throw failureOf(failedReason, task.folder);
    }
    if (job && state !== "completed" && state !== "unknown") return;
    await job?.remove().catch(() => {}); // its result has been lost
    await this.#handOut(pending);
  }

  async #handOut({ id, task, message }: Pending): Promise<void> {
    if (!(await this.#blobs.has(stateOf(id)))) {
      const state = await packRun(task.folder);
      if (state.length > 0) await this.#blobs.put(stateOf(id), state);
    }
    if (!this.#pending.has(id)) return;
    await this.#connection.del(unwantedKey(id));
    await this.#queue.add(
      "trial",
      { task: message },
      {
        jobId: id,
        attempts: ATTEMPTS,
        backoff: { type: "exponential", delay: BACKOFF },
        removeOnComplete: { age: MEMORY, count: REMEMBERED },
        removeOnFail: { age: MEMORY, count: REMEMBERED },
      },
    );
  }

  #settle({ id }: Pending, how: () => void): void {
    if (!this.#pending.delete(id)) return;
    how();
  }
}

const stopped = () => new InklingError("ABORTED", "the search was stopped");
