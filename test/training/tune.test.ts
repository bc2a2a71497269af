import { expect, it } from "vitest";
import { backend } from "../../src/backends/index.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { type Tilings, train, tune, tuned } from "../../src/training/index.ts";
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
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(expectedSeconds);
    expect(of).toBe(found.length);
  }
  const tilings = Object.fromEntries(found.map(({ key, tiling }) => [key, tiling]));
  expect(await tilingsOf(tilings)).toEqual([]);

  const trained = async (on: ReturnType<typeof backend>) =>
    (await train(model, bars(60), { ...settings, steps: 5, backend: on }).result()).weightsSha256;
  // The slowest tilings that there are differ most from those that a training takes by itself.
  const slowest = Object.fromEntries(
    found.map(({ key }) => [key, { vector: "o", width: 4, tile: { o: 4 }, unroll: 1 }]),
  );
  const plain = await trained(backend("wasm"));
  for (const other of [tilings, slowest]) expect(await trained(tuned("wasm", other))).toBe(plain);
});
