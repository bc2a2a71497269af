import { sha256 } from "../base/sha256.ts";
import type { Weights } from "../engine/feed.ts";

/** SHA-256 of all weights as float32, little-endian, one tensor after the other in the model's order; in hex. */
export async function weightsSha256(weights: Weights): Promise<string> {
  const parts = [...weights.values()];
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of parts) {
    all.set(values, at);
    at += values.length;
  }
  return sha256(new Uint8Array(all.buffer));
}
