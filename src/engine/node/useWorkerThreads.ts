import { availableParallelism } from "node:os";
import { startThread } from "../../base/node/addressSpace.ts";
import { type Thread, threadOf, useThreads } from "../threads.ts";
import type { Answer } from "../worker.ts";

/** Lets engines use `worker_threads`. Works in the built package only, since Node cannot run the TypeScript sources in a thread. */
export function useWorkerThreads(): void {
  if (import.meta.url.endsWith(".ts")) return;
  useThreads({ available: availableParallelism(), backends: ["wasm", "native"], start });
}

/** A thread that keeps the process alive only while an answer is awaited. */
function start(): Thread {
  const node = startThread(new URL("./worker.js", import.meta.url));
  let awaited = 0;
  node.unref();
  return threadOf(
    (message) => {
      if (awaited++ === 0) node.ref();
      node.postMessage(message);
    },
    (answer, fail) => {
      node.on("message", (message: Answer) => {
        if (--awaited === 0) node.unref();
        answer(message);
      });
      node.on("error", (error) => fail(String(error)));
      node.on("exit", () => fail("it has exited"));
    },
    () => void node.terminate(),
  );
}
