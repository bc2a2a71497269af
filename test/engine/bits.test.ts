import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { add, conv2d, dense, dropout, flatten, maxPool2d, relu } from "../../src/layers/index.ts";
import { type Model, network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { pairs } from "../backends/backends.ts";
import { recipeModel } from "../training/recipeModel.ts";
import { trainSteps } from "./session.ts";

const classes = ["A", "B", "C", "D"];
const seedNetwork = recipeModel("lenet", { input: [12, 12, 1], classes }, { keepProbability: 0.5 });
const plain = network({ input: [8, 8, 1], classes }, [conv2d(5, 3), relu(), maxPool2d(2), flatten(), dense(4)]);
/** Not a chain: a value is used three times, and branches merge twice. */
const diamond = network({ input: [8, 8, 1], classes }, [
  conv2d(4, 3, { name: "top", padding: "same", strides: 2 }),
  conv2d(4, 3, { name: "left", padding: "same" }),
  relu({ name: "bent" }),
  conv2d(4, 1, { name: "right", inputs: ["top"] }),
  add(["bent", "right", "top"], { name: "joined" }),
  dropout(0.25),
  flatten({ name: "a" }),
  flatten({ name: "b", inputs: ["right"] }),
  add(["a", "b"]),
  dense(4),
]);

describe.each(pairs)("%s arithmetic", (_name, interpreter, wasm) => {
  const same = async (model: Model, batchSize: number, steps: number) => {
    const options = { batchSize, calls: [steps] };
    const want = await trainSteps(model, { ...options, backend: interpreter });
    expect(await trainSteps(model, { ...options, backend: wasm })).toEqual(want);
    return want;
  };

  it("trains LeNet with dropout to the same bits in the interpreter and in WebAssembly", async () => {
    const { losses, weights } = await same(seedNetwork, 5, 2);
    expect(losses.every((loss) => loss > 0 && loss < 10)).toBe(true);
    expect(Object.keys(weights)).toHaveLength(10);
  });

  it("trains a graph that is not a chain to the same bits in both", async () => {
    await same(diamond, 6, 3);
  });
});

it("differs between the two arithmetics", async () => {
  const [fused, rounded] = await Promise.all(pairs.map(([, , backend]) => trainSteps(plain, { backend, calls: [3] })));
  expect(fused).not.toEqual(rounded);
});

describe("batches of every division into groups and tiles", () => {
  it.each([1, 5, 11, 12, 13, 16, 22, 97])("of %i train to the same bits in both", async (batchSize) => {
    const options = { batchSize, calls: [2] };
    const want = await trainSteps(plain, { ...options, backend: interpretBackend });
    expect(await trainSteps(plain, { ...options, backend: wasmBackend() })).toEqual(want);
  });

  it("give the same mean losses, whatever the groups are", async () => {
    // The same 12 samples: one batch of 12, and 12 batches of 1 with a learning rate of nearly 0.
    const still = sgd(1e-30);
    const each = await trainSteps(plain, { backend: wasmBackend(), batchSize: 1, calls: [12], optimizer: still });
    const { losses } = await trainSteps(plain, { backend: wasmBackend(), batchSize: 12, calls: [1], optimizer: still });
    expect(losses[0]).toBeCloseTo(each.losses.reduce((a, b) => a + b) / 12, 5);
  });
});

describe("steps", () => {
  const backend: Backend = wasmBackend();
  const run = (calls: readonly number[], more: { rewrite?: boolean; seed?: number } = {}) =>
    trainSteps(diamond, { backend, batchSize: 5, calls, ...more });

  it("in calls of 1, 3 and 6 equal one call of 10", async () => {
    expect(await run([1, 3, 6])).toEqual(await run([10]));
  });

  it("continue as before after all weights were read and written", async () => {
    expect(await run([4, 3, 3], { rewrite: true })).toEqual(await run([10]));
  });

  it("depend on the seed alone", async () => {
    const first = await run([3], { seed: 7 });
    expect(await run([3], { seed: 7 })).toEqual(first);
    expect((await run([3], { seed: 8 })).weights).not.toEqual(first.weights);
  });

  it("draw different masks at each step and for each seed", async () => {
    const dropping = network({ input: [8, 8, 1], classes }, [flatten(), dropout(0.5), dense(4, { useBias: false })]);
    const still = sgd(1e-30);
    // 24 steps of 1 sample show each image once; 3 more begin again.
    const { losses } = await trainSteps(dropping, { backend, batchSize: 1, calls: [27], optimizer: still });
    for (const k of [0, 1, 2]) expect(losses[24 + k]).not.toBe(losses[k]);
  });

  it("learn: the loss falls, on a chain and on a diamond", async () => {
    for (const model of [plain, diamond]) {
      const { losses } = await trainSteps(model, { backend, batchSize: 8, calls: [60], optimizer: sgd(0.1) });
      const mean = (from: number) => losses.slice(from, from + 5).reduce((a, b) => a + b) / 5;
      expect(mean(55)).toBeLessThan(0.3 * mean(0));
    }
  });
});
