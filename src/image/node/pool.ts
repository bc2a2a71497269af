import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { concat } from "../../base/concat.ts";
import type { ImageOptions } from "../image.ts";
import { type Decoded, type Images, imagesOf } from "./batch.ts";
import { decodeFile } from "./decodeBatch.ts";
import type { Task } from "./worker.ts";

/** More threads would wait for the one that reads. */
const MAX_THREADS = 4;
/** Batches that a thread has at a time: it goes on with the next while this one waits for nothing. */
const AHEAD = 2;
/** Batches before threads are started: so many are decoded about as soon as a thread has started and is warm. */
const ALONE = 64;

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

  decode(files: readonly Uint8Array[]): Images | Promise<Images> {
    if (this.#batches++ === ALONE)
      this.#helpers = Array.from({ length: this.#threads - 1 }, () => new Helper(this.#options));
    const free = this.#helpers.find(({ isFree }) => isFree);
    return free ? free.decode(files) : decodeAll(files, this.#options);
  }

  close(): void {
    for (const helper of this.#helpers) helper.close();
  }
}

const decodeAll = (files: readonly Uint8Array[], options: ImageOptions): Images =>
  files.map((bytes) => decodeFile(bytes, options));

/** A thread, with the batches that it has. */
class Helper {
  readonly #worker = new Worker(new URL("./worker.js", import.meta.url), { execArgv: [] });
  readonly #options: ImageOptions;
  readonly #waiting: { readonly files: readonly Uint8Array[]; readonly resolve: (images: Promise<Images>) => void }[] =
    [];
  #failed = false;

  constructor(options: ImageOptions) {
    this.#options = options;
    this.#worker.on("message", (decoded: Decoded) =>
      this.#waiting.shift()!.resolve(Promise.resolve(imagesOf(decoded))),
    );
    // Then this thread decodes, and meets the reason if it lies in the data.
    this.#worker.on("error", () => {
      this.#failed = true;
      for (const { files, resolve } of this.#waiting.splice(0))
        resolve(Promise.resolve(files).then((again) => decodeAll(again, options)));
    });
  }

  get isFree(): boolean {
    return !this.#failed && this.#waiting.length < AHEAD;
  }

  decode(files: readonly Uint8Array[]): Promise<Images> {
    const { resize, channels } = this.#options;
    let end = 0;
    const ends = Uint32Array.from(files, (bytes) => (end += bytes.length));
    const task: Task = {
      batch: { bytes: concat(files), ends },
      options: { ...(resize && { resize }), ...(channels && { channels }) },
    };
    this.#worker.postMessage(task);
    const decoded = new Promise<Images>((resolve) => this.#waiting.push({ files, resolve }));
    decoded.catch(() => {}); // reported to whoever waits for it
    return decoded;
  }

  close(): void {
    void this.#worker.terminate();
  }
}
