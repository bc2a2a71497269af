import { InklingError } from "../base/error.ts";
import type { Answer, Message } from "./worker.ts";

/** A thread that deals with messages in their order. */
export interface Thread {
  /** Sends a message; the answer comes when it is dealt with. */
  send(message: Message): Promise<Answer>;
  /** Whether it can no longer be used. */
  hasFailed(): boolean;
}

/** What several threads need of Node or of a browser. */
export interface ThreadHost {
  /** Processors. */
  readonly available: number;
  /** The back ends that a thread can load. */
  readonly backends: readonly string[];
  start(): Thread;
}

let host: ThreadHost | undefined = browserHost();
const pool: Thread[] = [];

/** Sets how threads are started. Without it a page uses Web Workers, if it is cross-origin isolated. */
export function useThreads(by: ThreadHost): void {
  host = by;
}

/** The number of processors; 1 where it is not known. */
export const processors = (): number => host?.available ?? 1;

/** How many threads a back end can use here at most. */
export const availableThreads = (backend: string): number => (host?.backends.includes(backend) ? host.available : 1);

/**
 * How many threads to use: all processors unless told otherwise. Throws `UNSUPPORTED` for more than one where there
 * can be only one.
 */
export function resolveThreads(backend: string, requested?: number): number {
  if (requested === undefined) return availableThreads(backend);
  if (requested === 1 || host?.backends.includes(backend)) return requested;
  throw new InklingError(
    "UNSUPPORTED",
    `${requested} threads: the back end ${backend} has only one here${host ? "" : "; a page needs cross-origin isolation for more"}`,
  );
}

/** Threads beside the caller's, started when they are first needed and kept for later engines. */
export function helpers(count: number): readonly Thread[] {
  for (let k = pool.length - 1; k >= 0; k--) if (pool[k]!.hasFailed()) pool.splice(k, 1);
  while (pool.length < count) pool.push(host!.start());
  return pool.slice(0, count);
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
      // Where the script could not be loaded there is no message.
      web.onerror = ({ message }) => fail(message || "its script could not be loaded");
      web.onmessageerror = () => fail("a message could not be read");
    },
  );
}

/** A thread from functions that send it messages and receive its answers, which come in the order of the messages. */
export function threadOf(
  post: (message: Message) => void,
  listen: (answer: (answer: Answer) => void, fail: (reason: string) => void) => void,
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
    hasFailed: () => failure !== undefined,
    send: (message) =>
      new Promise((resolve) => {
        if (failure !== undefined) return resolve({ error: failure });
        waiting.push(resolve);
        post(message);
      }),
  };
}
