import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feed, inMemory, type Weights } from "../../src/engine/feed.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { readWeights, startFrom } from "../../src/engine/session.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { initialWeights, network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";

/** Made by batchNormalization.py with PyTorch in float64. */
const reference = JSON.parse(
  readFileSync(new URL("../reference/batchNormalization.json", import.meta.url), "utf8"),
) as Readonly<Record<string, number[]>>;
const model = network({ input: [6, 6, 1], classes: ["a", "b", "c"] }, [
  conv2d(5, 3, { padding: "same", useBias: false }),
  batchNormalization({ momentum: 0.9 }),
  relu(),
  flatten(),
  dense(3, { useBias: false }),
]);

describe("batch normalization", () => {
  const steps = reference["losses"]!.length;
  const batch = reference["labels"]!.length;
  let losses: readonly number[] = [];
  let weights: Weights = new Map();

  beforeAll(async () => {
    enableRelaxedSimd();
    const program = trainingProgram(model, { batchSize: batch, optimizer: sgd(0.1), steps });
    const engine = await Engine.create([program.spec], wasmBackend());
    const start = initialWeights(program.weights, 1);
    start.set("conv2d_1.kernel", Float32Array.from(reference["kernel"]!));
    start.set("dense_1.kernel", Float32Array.from(reference["dense"]!));
    startFrom(engine, program, start);
    const data = inMemory(Uint8Array.from(reference["images"]!), reference["labels"]!);
    feed(
      engine,
      program,
      data,
      Uint32Array.from({ length: steps * batch }, (_, i) => i % batch),
    );
    engine.elements("train", program.scalars).fill(0.1);
    await engine.run("train", steps);
    losses = [...engine.elements("train", program.loss)];
    weights = readWeights(engine, program);
  });

  it("follows PyTorch for 20 steps within 1e-5", () => {
    const worst = reference["losses"]!.map((want, step) => Math.abs(losses[step]! - want) / want);
    expect(Math.max(...worst)).toBeLessThan(1e-5);
  });

  it.each(["gamma", "beta", "movingMean", "movingVariance"])("ends with PyTorch's %s", (name) => {
    const got = weights.get(`batchNormalization_1.${name}`)!;
    reference[name]!.forEach((want, c) => {
      expect(Math.abs(got[c]! - want)).toBeLessThan(1e-5 * (1 + Math.abs(want)));
    });
  });
});
