import { InklingError } from "../base/error.ts";
import type { Answer, Message } from "./worker.ts";

/** A thread that handles messages in order. */
export interface Thread {
  /** Sends a message, and resolves to the answer once it has been handled. */
  send(message: Message): Promise<Answer>;
  /** Whether it can no longer be used. */
  hasFailed(): boolean;
  /** Ends it. */
  stop(): void;
}

/** The threads that Node or a browser provides. */
export interface ThreadHost {
  /** The number of processors. */
  readonly available: number;
  /** The back ends that a thread can load. */
  readonly backends: readonly string[];
  start(): Thread;
}

/** A thread of the pool. */
interface Helper extends Thread {
  /** Engines that use it. */
  engines: number;
  /** Bytes of the memories of engines that no longer use it. */
  released: number;
}

/**
 * A thread that has let go of this much memory is replaced once no engine uses it: a thread that only computes hardly ever
 * collects garbage, so it would hold on to the memory of every engine that it ever worked for.
 */
const MOST_RELEASED = 2 ** 24;

let host: ThreadHost | undefined = browserHost();
const pool: Helper[] = [];

/** Sets how threads are started. Default: a page that is cross-origin isolated uses Web Workers. */
export function useThreads(by: ThreadHost): void {
  host = by;
}

/** The number of processors; 1 if unknown. */
export const processors = (): number => host?.available ?? 1;

/** The largest number of threads that a back end can use on this platform: 1, or the number of processors. */
export const availableThreads = (backend: string): number => (host?.backends.includes(backend) ? host.available : 1);

/**
 * How many threads to use: as many as there are processors, unless requested otherwise. Throws `UNSUPPORTED` if several
 * are requested but only one is possible.
 */
export function resolveThreads(backend: string, requested?: number): number {
  if (requested === undefined) return availableThreads(backend);
  if (requested === 1 || host?.backends.includes(backend)) return requested;
  throw new InklingError(
    "UNSUPPORTED",
    `${requested} threads: the back end ${backend} supports only one here${host ? "" : "; a page needs cross-origin isolation for more"}`,
  );
}

/** Threads besides the caller's, for an engine, started when first needed and kept for later engines. */
export function acquireThreads(count: number): readonly Thread[] {
  for (let k = pool.length - 1; k >= 0; k--) if (pool[k]!.hasFailed()) pool.splice(k, 1);
  while (pool.length < count) pool.push({ ...host!.start(), engines: 0, released: 0 });
  const acquired = pool.slice(0, count);
  for (const helper of acquired) helper.engines++;
  return acquired;
}

/** Gives back the threads of an engine that no longer runs, whose memory had the given number of bytes. */
export function releaseThreads(threads: readonly Thread[], bytes: number): void {
  for (const helper of pool.filter((helper) => threads.includes(helper))) {
    helper.engines--;
    helper.released += bytes;
    if (helper.engines > 0 || helper.released < MOST_RELEASED) continue;
    pool.splice(pool.indexOf(helper), 1);
    helper.stop();
  }
}

/** Whether the calling thread may block. A page's main thread may not. */
export function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}

function browserHost(): ThreadHost | undefined {
  if (!globalThis.crossOriginIsolated || typeof Worker === "undefined") return undefined;
  return { available: navigator.hardwareConcurrency, backends: ["wasm"], start: startWebWorker };
}

function startWebWorker(): Thread {
  const web = new Worker(new URL("./webWorker.js", import.meta.url), { type: "module" });
  return threadOf(
    (message) => web.postMessage(message),
    (answer, fail) => {
      web.onmessage = ({ data }: MessageEvent<Answer>) => answer(data);
      // If the script could not be loaded, the event has no message.
      web.onerror = ({ message }) => fail(message || "its script could not be loaded");
      web.onmessageerror = () => fail("a message could not be read");
    },
    () => web.terminate(),
  );
}

/**
 * A thread from functions that post messages to it, listen for its answers, which arrive in the order of the messages, and
 * end it.
 */
export function threadOf(
  post: (message: Message) => void,
  listen: (answer: (answer: Answer) => void, fail: (reason: string) => void) => void,
  end: () => void,
): Thread {
  const waiting: ((answer: Answer) => void)[] = [];
  let failure: string | undefined;
  listen(
    (answer) => waiting.shift()?.(answer),
    (reason) => {
      failure = reason;
      for (const answer of waiting.splice(0)) answer({ error: reason });
    },
  );
  return {
    stop: end,
    hasFailed: () => failure !== undefined,
    send: (message) =>
      new Promise((resolve) => {
        if (failure !== undefined) return resolve({ error: failure });
        waiting.push(resolve);
        post(message);
      }),
  };
}
