/** The entry point of the worker threads that decode images in Node. */
import { parentPort } from "node:worker_threads";
import { type Batch, decodeBatch } from "../decodeBatch.ts";

const port = parentPort!;
port.on("message", async (batch: Batch) => {
  const decoded = await decodeBatch(batch);
  port.postMessage(decoded, [decoded.pixels.buffer, decoded.shapes.buffer]);
});
