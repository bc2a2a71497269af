import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ImageOptions } from "../../image.ts";
import type { Batch, Decoded } from "./batch.ts";
import { decodeBatch } from "./decodeBatch.ts";
import type { Task } from "./worker.ts";

/** More threads would wait for the one that reads. */
const MAX_THREADS = 4;
/** Batches that a thread has at a time: it goes on with the next while this one waits for nothing. */
const AHEAD = 2;

/** Threads to decode with, unless told otherwise. Node cannot run the sources in a thread, only the built package. */
const defaultThreads = (): number =>
  import.meta.url.endsWith(".ts") ? 1 : Math.min(MAX_THREADS, availableParallelism());

/** Threads that decode images; this one takes what the others cannot take at once. Which does what changes nothing. */
export class DecodePool {
  readonly #options: ImageOptions;
  readonly #threads: number;
  #helpers: Helper[] = [];
  #batches = 0;

  constructor(options: ImageOptions, threads = defaultThreads()) {
    this.#options = options;
    this.#threads = threads;
  }

  /** The images of a batch, which is used up. */
  decode(batch: Batch): Decoded | Promise<Decoded> {
    // What fits one batch is decoded sooner than a thread starts.
    if (this.#batches++ === 1)
      this.#helpers = Array.from({ length: this.#threads - 1 }, () => new Helper(this.#options));
    const free = this.#helpers.find(({ isFree }) => isFree);
    return free ? free.decode(batch) : decodeBatch(batch, this.#options);
  }

  close(): void {
    for (const helper of this.#helpers) helper.close();
  }
}

/** A thread, with the batches that it has. */
class Helper {
  readonly #worker = new Worker(new URL("./worker.js", import.meta.url), { execArgv: [] });
  readonly #options: ImageOptions;
  readonly #waiting: { readonly batch: Batch; readonly resolve: (decoded: Decoded | Promise<Decoded>) => void }[] = [];
  #failed = false;

  constructor(options: ImageOptions) {
    this.#options = options;
    this.#worker.on("message", (decoded: Decoded) => this.#waiting.shift()!.resolve(decoded));
    // Then this thread decodes, and meets the reason if it lies in the data.
    this.#worker.on("error", () => {
      this.#failed = true;
      for (const { batch, resolve } of this.#waiting.splice(0))
        resolve(Promise.resolve(batch).then((again) => decodeBatch(again, options)));
    });
  }

  get isFree(): boolean {
    return !this.#failed && this.#waiting.length < AHEAD;
  }

  decode(batch: Batch): Promise<Decoded> {
    const { resize, channels } = this.#options;
    const task: Task = { batch, options: { ...(resize && { resize }), ...(channels && { channels }) } };
    this.#worker.postMessage(task);
    const decoded = new Promise<Decoded>((resolve) => this.#waiting.push({ batch, resolve }));
    decoded.catch(() => {}); // reported to whoever waits for it
    return decoded;
  }

  close(): void {
    void this.#worker.terminate();
  }
}
