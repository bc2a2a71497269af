/** What a thread runs that decodes images. */
import { parentPort } from "node:worker_threads";
import type { ImageOptions } from "../image.ts";
import type { Batch } from "./batch.ts";
import { decodeBatch } from "./decodeBatch.ts";

/** A batch, and what its images are brought to. */
export interface Task {
  readonly batch: Batch;
  readonly options: ImageOptions;
}

const port = parentPort!;
port.on("message", ({ batch, options }: Task) => {
  const decoded = decodeBatch(batch, options);
  port.postMessage(decoded, [decoded.pixels.buffer, decoded.shapes.buffer]);
});
