/** The entry point of the Web Workers that decode images. */
import { type Batch, type DecodedBatch, decodeBatch } from "./decodeBatch.ts";

const post = (decoded: DecodedBatch): void =>
  self.postMessage(decoded, { transfer: [decoded.pixels.buffer, decoded.shapes.buffer] });
// A reported error reaches the page's onerror handler; a rejected promise does not.
self.onmessage = ({ data }: MessageEvent<Batch>) => void decodeBatch(data).then(post, reportError);
