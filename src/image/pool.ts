import { memoryLimit } from "../base/memory.ts";
import { decodingBytes } from "./decode.ts";
import { type Batch, batchOf, type DecodedBatch, decodeFiles, type Images, imagesOf } from "./decodeBatch.ts";
import { type Decoder, loadDecoder } from "./decoder.ts";
import type { ImageOptions } from "./image.ts";

/** A thread that decodes batches in order, by `decodeBatch`. */
interface DecodeThread {
  post(batch: Batch): void;
  close(): void;
}

/** How decoding threads are started, which differs between Node and a browser. */
export interface DecodeThreads {
  /** The default number of threads, including the caller's. */
  readonly count: number;
  /** Starts a thread. It calls `answer` with each decoded batch, and `fail` when it can no longer be used. */
  start(answer: (decoded: DecodedBatch) => void, fail: () => void): DecodeThread;
}

/** More threads would wait for the one that reads the files. */
export const MAX_DECODE_THREADS = 4;
/** Batches queued per thread, so that it can continue with the next one at once. */
const AHEAD = 2;
/** The share of the memory budget that pictures may take while other threads decode them. */
const SHARE = 1 / 4;
/** Batches decoded before threads are started: about as many as are decoded while a thread starts and warms up. */
const ALONE = 64;

/** Web Workers, each with its own decoder. */
export const webWorkers: DecodeThreads = {
  count: typeof Worker === "undefined" ? 1 : Math.min(MAX_DECODE_THREADS, navigator.hardwareConcurrency),
  start(answer, fail) {
    const worker = new Worker(new URL("./decodeWorker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<DecodedBatch>) => answer(data);
    worker.onerror = worker.onmessageerror = fail;
    return { post: (batch) => worker.postMessage(batch), close: () => worker.terminate() };
  },
};

/**
 * Decodes images in several threads. The calling thread decodes the batches for which no other thread is free. Results do
 * not depend on which thread decodes a batch.
 */
export class DecodePool {
  readonly #decoder: Decoder;
  readonly #options: ImageOptions;
  readonly #threads: DecodeThreads;
  readonly #count: number;
  #helpers: Helper[] = [];
  #batches = 0;

  private constructor(decoder: Decoder, options: ImageOptions, threads: DecodeThreads, count: number) {
    this.#decoder = decoder;
    this.#options = options;
    this.#threads = threads;
    this.#count = count;
  }

  /** Loads the decoder and makes a pool of `count` threads. Throws `UNSUPPORTED` if the decoder cannot be loaded. */
  static async open(options: ImageOptions, threads: DecodeThreads, count = threads.count): Promise<DecodePool> {
    return new DecodePool(await loadDecoder(), options, threads, count);
  }

  /** Decodes files: synchronously in this thread, or with a promise in another one. */
  decode(files: readonly Uint8Array[]): Images | Promise<Images> {
    const alone = (): Images => decodeFiles(this.#decoder, files, this.#options);
    if (this.#batches++ === ALONE)
      this.#helpers = Array.from({ length: this.#count - 1 }, () => new Helper(this.#threads));
    const bytes = decodingBytes(files);
    const busy = this.#helpers.reduce((sum, helper) => sum + helper.bytes, 0);
    const free = busy + bytes > SHARE * memoryLimit() ? undefined : this.#helpers.find(({ isFree }) => isFree);
    return free ? free.decode(batchOf(files, this.#options), bytes, alone) : alone();
  }

  close(): void {
    for (const helper of this.#helpers) helper.close();
  }
}

/** A batch that a thread is decoding. */
interface Waiting {
  /** The most memory that decoding it takes. */
  readonly bytes: number;
  readonly resolve: (images: Images | Promise<Images>) => void;
  /** Decodes it in this thread, after the other one failed. If the data were the cause, the error surfaces here. */
  readonly alone: () => Images;
}

/** A thread and its pending batches. */
class Helper {
  #thread: DecodeThread | undefined;
  readonly #waiting: Waiting[] = [];
  #failed = false;

  constructor(threads: DecodeThreads) {
    const answer = (decoded: DecodedBatch) => this.#waiting.shift()!.resolve(imagesOf(decoded));
    const fail = () => {
      this.#failed = true;
      for (const { resolve, alone } of this.#waiting.splice(0)) resolve(Promise.resolve().then(alone));
    };
    try {
      this.#thread = threads.start(answer, fail);
    } catch {
      fail(); // e.g. in a page whose script comes from another origin, which may not start workers
    }
  }

  get isFree(): boolean {
    return !this.#failed && this.#waiting.length < AHEAD;
  }

  /** The most memory that its batches take. */
  get bytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  decode(batch: Batch, bytes: number, alone: () => Images): Promise<Images> {
    this.#thread!.post(batch);
    const decoded = new Promise<Images>((resolve) => this.#waiting.push({ bytes, resolve, alone }));
    decoded.catch(() => {}); // the caller handles the rejection
    return decoded;
  }

  close(): void {
    this.#thread?.close();
  }
}
