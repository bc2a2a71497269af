import { expect, it } from "vitest";
import { backend } from "../../src/backends/index.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import type { Tilings } from "../../src/compiler/schedule/measured.ts";
import { contractionKey } from "../../src/compiler/schedule/measured.ts";
import { likelyTilings } from "../../src/compiler/schedule/tilings.ts";
import type { Contraction } from "../../src/ir/contraction.ts";
import type { Tiling } from "../../src/ir/machine.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { train, tune, tuned } from "../../src/training/index.ts";
import { bars } from "./data.ts";

enableRelaxedSimd();
const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [
  conv2d(8, 3),
  batchNormalization(),
  relu(),
  flatten(),
  dense(4),
]);
const settings = { backend: "wasm", batchSize: 8, threads: 1 };

async function tilingsOf(known?: Tilings) {
  const found = [];
  for await (const measured of tune(model, settings, known)) found.push(measured);
  return found;
}

it("times the sums of a training, each once, and none that is known; and the weights stay the same", async () => {
  const found = await tilingsOf();
  expect(found.length).toBeGreaterThan(3);
  expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
  for (const { seconds, expectedSeconds, of } of found) {
    expect(Math.min(seconds, expectedSeconds)).toBeGreaterThan(0);
    expect(of).toBe(found.length);
  }
  const tilings = Object.fromEntries(found.map(({ key, tiling }) => [key, tiling]));
  expect(await tilingsOf(tilings)).toEqual([]);

  const trained = async (on: ReturnType<typeof backend>) =>
    (await train(model, bars(60), { ...settings, steps: 5, backend: on }).result()).weightsSha256;
  // What is thought to be the slowest differs most from what a training takes by itself.
  const machine = backend("wasm").machine;
  const slowest = new Map<string, Tiling>();
  const slow = {
    ...machine,
    tilingOf: (c: Contraction) => {
      const tiling = likelyTilings(c, machine, Number.POSITIVE_INFINITY).at(-1)!;
      slowest.set(contractionKey(c), tiling);
      return tiling;
    },
  };
  const plain = await trained(backend("wasm"));
  expect(await trained(tuned("wasm", tilings))).toBe(plain);
  expect(await trained({ ...backend("wasm"), machine: slow })).toBe(plain);
  expect(slowest.size).toBeGreaterThanOrEqual(found.length);
  expect(
    await tilingsOf({ ...tilings, [found[0]!.key]: { vector: "gone", width: 4, tile: {}, unroll: 1 } }),
  ).toHaveLength(1);
});
