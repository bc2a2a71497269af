import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TrainOptions } from "inkling";
import { describe, expect, it } from "vitest";
import { batchNormalization, conv2d, dense, dropout, flatten, relu } from "../../src/layers/index.ts";
import { directory, natives } from "../backends/native.ts";
import { builtPackage } from "../package/built.ts";
import { bars } from "../training/data.ts";
import { recipeModel } from "../training/recipeModel.ts";

// The built package: Node cannot run the sources in its worker threads.
const built = (path: string): string => pathToFileURL(join(builtPackage(), "dist", path)).href;
const inkling: typeof import("inkling") = await import(built("index.node.js"));
const { availableThreads, network, sgd, train, weightsSha256, withWinograd } = inkling;

const data = bars(200, { classes: 4, size: 12 });
const input = { input: data.imageShape, classes: data.classNames };
const seedNetwork = recipeModel("lenet", input, { keepProbability: 0.5 });
/** With statistics of the batch in the middle, so with more barriers. */
const normalized = network(input, [
  conv2d(8, 3, { padding: "same" }),
  batchNormalization(),
  relu(),
  conv2d(8, 3, { strides: 2 }),
  batchNormalization(),
  relu(),
  dropout(0.2),
  flatten(),
  dense(4),
]);

/** A convolution by Winograd's algorithm, whose kernels are transformed at a barrier. */
const winograd = withWinograd(
  network(input, [
    conv2d(8, 3, { padding: "same" }),
    conv2d(16, 5, { padding: "same" }),
    batchNormalization(),
    relu(),
    flatten(),
    dense(4),
  ]),
);

async function hashOf(model: typeof seedNetwork, options: TrainOptions): Promise<string> {
  const run = train(model, data, { steps: 30, validateEvery: 10, optimizer: sgd(0.05, { momentum: 0.9 }), ...options });
  return weightsSha256((await run.model()).weights);
}

const nodeCode = (code: string) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
    timeout: 120_000,
    stdio: ["ignore", "pipe", "pipe"],
  });

describe("several threads", () => {
  it("are as many as there are processors, unless requested otherwise", () => {
    expect(availableThreads("wasm")).toBeGreaterThanOrEqual(1);
    expect(availableThreads("interpret")).toBe(1);
  });

  it.each([
    ["LeNet", seedNetwork, 16],
    ["a network with batch normalization", normalized, 16],
    ["a network by Winograd's algorithm", winograd, 16],
    ["a batch of 11, which does not divide evenly", normalized, 11],
    ["a batch of 13, which does not divide evenly", seedNetwork, 13],
    ["a batch of 97, which does not divide evenly", normalized, 97],
  ])("train %s to the same bits as one", async (_name, model, batchSize) => {
    const want = await hashOf(model, { batchSize, threads: 1 });
    for (const threads of [2, 3, 8]) expect(await hashOf(model, { batchSize, threads }), `${threads}`).toBe(want);
  });

  it("train with mixup, class weights and gradients of several parts to the same bits as one", async () => {
    const options = { batchSize: 12, gradientAccumulation: 3, mixup: 0.4, classWeights: [1, 2, 0.5, 1] };
    const want = await hashOf(normalized, { ...options, threads: 1 });
    for (const threads of [2, 5]) expect(await hashOf(normalized, { ...options, threads })).toBe(want);
  });

  it.skipIf(natives.length === 0)("train to the same bits in native code as in WebAssembly", async () => {
    process.env["INKLING_CACHE"] = directory;
    for (const [model, batchSize] of [
      [seedNetwork, 16],
      [normalized, 16],
      [winograd, 16],
      [normalized, 11],
      [seedNetwork, 13],
      [normalized, 97],
    ] as const) {
      const want = await hashOf(model, { batchSize, threads: 1, backend: "wasm" });
      for (const threads of [1, 2, 3, 8])
        expect(await hashOf(model, { batchSize, threads, backend: "native" }), `${batchSize}, ${threads}`).toBe(want);
    }
  });

  it("are rejected for a back end that supports only one", async () => {
    await expect(train(seedNetwork, data, { backend: "interpret", threads: 2 }).result()).rejects.toThrow(
      "2 threads: the back end interpret supports only one here",
    );
  });

  it("end with the process, which does not wait for them", () => {
    const out = nodeCode(`
      import { train, network, flatten, dense } from ${JSON.stringify(built("index.node.js"))};
      const images = new Uint8Array(40 * 16).map((_, i) => i % 251);
      const labels = Uint16Array.from({ length: 40 }, (_, i) => i % 2);
      const data = { images, labels, imageShape: [4, 4, 1], classNames: ["a", "b"],
        provenance: { source: "made", description: "" }, skipped: [] };
      const model = network({ input: data.imageShape, classes: data.classNames }, [flatten(), dense(2)]);
      const { threads } = await train(model, data, { steps: 5, threads: 3 }).result();
      console.log(threads);
    `);
    expect(out).toBe("3\n");
  });

  it("fail together, with the reason of the first one that failed", () => {
    const dist = (path: string) => JSON.stringify(built(path));
    const out = nodeCode(`
      import { backend } from ${dist("index.node.js")};
      import { firstStepTensor, seedTensor } from ${dist("compiler/storage.js")};
      import { Engine } from ${dist("engine/engine.js")};
      import { load, loops, store } from ${dist("ir/build.js")};
      import { at, gather } from ${dist("ir/view.js")};
      const table = { name: "table", shape: [20], type: "f32", of: "batch" };
      const rows = { name: "rows", shape: [16], type: "u32", of: "samples" };
      const y = { name: "y", shape: [16], type: "f32", of: "samples" };
      const nests = (view) => [
        loops({ n: view(y).shape[0] }, ({ n }) =>
          store(at(view(y), n), load(gather(view(table), load(at(view(rows), n)), 0)))),
      ];
      const spec = {
        name: "take", batch: 16, steps: 2, nodes: [{ name: "y", writes: [y], scratch: [], nests }], updates: [],
        state: [table, seedTensor, firstStepTensor], perStep: [rows], outputs: [y],
      };
      const engine = await Engine.create([spec], backend("wasm"), 2);
      await engine.run("take", 2);
      engine.elements("take", rows).fill(2 ** 28); // far outside the table
      for (const time of [1, 2]) await engine.run("take", 2).catch((error) => console.log(time + " " + error.message));
    `);
    expect(out).toMatch(/^1 a thread failed: .*out of bounds.*\n2 a thread failed: .*out of bounds.*\n$/);
  });
});
