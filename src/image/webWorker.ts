/** What a Web Worker runs that decodes images. */
import { type Batch, type DecodedBatch, decodeBatch } from "./decodeBatch.ts";

const post = (decoded: DecodedBatch): void =>
  self.postMessage(decoded, { transfer: [decoded.pixels.buffer, decoded.shapes.buffer] });
// An error that is reported reaches the page as one of this worker; a promise that fails does not.
self.onmessage = ({ data }: MessageEvent<Batch>) => void decodeBatch(data).then(post, reportError);
