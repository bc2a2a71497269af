import { type Batch, batchOf, type DecodedBatch, decodeFiles, type Images, imagesOf } from "./decodeBatch.ts";
import { type Decoder, loadDecoder } from "./decoder.ts";
import type { ImageOptions } from "./image.ts";

/** A thread that decodes batches in their order, as `decodeBatch` does. */
export interface DecodeThread {
  post(batch: Batch): void;
  close(): void;
}

/** How threads that decode are started: this differs between Node and a browser. */
export interface DecodeThreads {
  /** Threads to decode with unless told otherwise, the caller's among them. */
  readonly count: number;
  /** Starts one. `fail` says that it is of no more use. */
  start(answer: (decoded: DecodedBatch) => void, fail: () => void): DecodeThread;
}

/** More threads would wait for the one that reads. */
export const MAX_DECODE_THREADS = 4;
/** Batches that a thread has at a time: it goes on with the next while this one waits for nothing. */
const AHEAD = 2;
/** Batches before threads are started: so many are decoded about as soon as a thread has started and is warm. */
const ALONE = 64;

/** Web Workers, each with a decoder of its own. */
export const webWorkers: DecodeThreads = {
  count: typeof Worker === "undefined" ? 1 : Math.min(MAX_DECODE_THREADS, navigator.hardwareConcurrency),
  start(answer, fail) {
    const worker = new Worker(new URL("./webWorker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<DecodedBatch>) => answer(data);
    worker.onerror = worker.onmessageerror = fail;
    return { post: (batch) => worker.postMessage(batch), close: () => worker.terminate() };
  },
};

/** Threads that decode images; this one takes what the others cannot take at once. Which does what changes nothing. */
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

  /** Throws `UNSUPPORTED` where the decoder cannot be loaded. */
  static async open(options: ImageOptions, threads: DecodeThreads, count = threads.count): Promise<DecodePool> {
    return new DecodePool(await loadDecoder(), options, threads, count);
  }

  /** The images of some files in their order, or why there is none, at once where this thread decodes them. */
  decode(files: readonly Uint8Array[]): Images | Promise<Images> {
    const alone = (): Images => decodeFiles(this.#decoder, files, this.#options);
    if (this.#batches++ === ALONE)
      this.#helpers = Array.from({ length: this.#count - 1 }, () => new Helper(this.#threads));
    const free = this.#helpers.find(({ isFree }) => isFree);
    return free ? free.decode(batchOf(files, this.#options), alone) : alone();
  }

  close(): void {
    for (const helper of this.#helpers) helper.close();
  }
}

/** A batch that a thread has. */
interface Waiting {
  readonly resolve: (images: Images | Promise<Images>) => void;
  /** Decodes it in this thread, which meets the reason if the other failed for one that lies in the data. */
  readonly alone: () => Images;
}

/** A thread, with the batches that it has. */
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
      fail(); // such as in a page whose script is another site's, which may start no worker
    }
  }

  get isFree(): boolean {
    return !this.#failed && this.#waiting.length < AHEAD;
  }

  decode(batch: Batch, alone: () => Images): Promise<Images> {
    this.#thread!.post(batch);
    const decoded = new Promise<Images>((resolve) => this.#waiting.push({ resolve, alone }));
    decoded.catch(() => {}); // reported to whoever waits for it
    return decoded;
  }

  close(): void {
    this.#thread?.close();
  }
}
