import { availableParallelism } from "node:os";
import { startThread } from "../../base/node/addressSpace.ts";
import type { DecodedBatch } from "../decodeBatch.ts";
import { type DecodeThreads, MAX_DECODE_THREADS } from "../pool.ts";

/** Worker threads of Node. Only in the built package, because Node cannot run the TypeScript sources in a thread. */
export const workerThreads: DecodeThreads = {
  count: import.meta.url.endsWith(".ts") ? 1 : Math.min(MAX_DECODE_THREADS, availableParallelism()),
  start(answer, fail) {
    const worker = startThread(new URL("./worker.js", import.meta.url));
    worker.on("message", (decoded: DecodedBatch) => answer(decoded));
    worker.on("error", fail);
    return { post: (batch) => worker.postMessage(batch), close: () => void worker.terminate() };
  },
};
