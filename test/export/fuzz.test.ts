import { describe, expect, it } from "vitest";
import { exportOnnx } from "../../src/export/onnx/exportOnnx.ts";
import { importOnnx } from "../../src/export/onnx/importOnnx.ts";
import { InklingError } from "../../src/index.ts";
import { randomFrom, randomNetwork, randomWeights } from "./networks.ts";

const MUTATIONS = Number(process.env["INKLING_MUTATIONS"] ?? 3000);

/** A copy with some bytes changed, inserted, removed, repeated, or cut off. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const whole = (limit: number) => Math.floor(random() * limit);
  // Half of all changes in the structure rather than in the weights, which are most of the bytes.
  const place = () => (random() < 0.5 ? whole(bytes.length) : whole(Math.min(bytes.length, 3000)));
  let mutated = bytes;
  for (let changes = 1 + whole(3); changes > 0; changes--) {
    const [at, length] = [place(), whole(20)];
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at)];
    const inserted = Uint8Array.from({ length }, () => whole(256));
    const kinds = [
      () => [before, Uint8Array.of(whole(256)), after.subarray(1)],
      () => [before, Uint8Array.of((after[0] ?? 0) ^ (1 << whole(8))), after.subarray(1)],
      () => [before, inserted, after],
      () => [before, after.subarray(length)],
      () => [before, after.subarray(0, length), after],
      () => [before],
    ];
    mutated = Uint8Array.from(Buffer.concat(kinds[whole(kinds.length)]!()));
  }
  return mutated;
}

describe("a damaged ONNX file", () => {
  it(`is read or refused, in ${MUTATIONS} variants`, { timeout: 3_600_000 }, async () => {
    const files: Uint8Array[] = [];
    for (let seed = 1; seed <= 20; seed++)
      files.push(await exportOnnx(randomWeights(randomNetwork(seed), randomFrom(seed))));
    let refused = 0;
    for (let k = 0; k < MUTATIONS; k++) {
      const mutated = mutate(files[k % files.length]!, randomFrom(k));
      try {
        importOnnx(mutated);
      } catch (error) {
        if (!(error instanceof InklingError)) throw new Error(`mutation ${k}`, { cause: error });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(MUTATIONS / 10);
  });
});
