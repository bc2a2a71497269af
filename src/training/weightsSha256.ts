import { sha256 } from "../base/sha256.ts";
import type { Weights } from "../engine/feed.ts";

/** SHA-256, in hex, of all weights as little-endian float32 values, one tensor after another in the model's order. */
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
