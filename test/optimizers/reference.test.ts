import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feed, inMemory } from "../../src/engine/feed.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { readWeights, startFrom } from "../../src/engine/session.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { adam, adamw, lion, type OptimizerConfig, rmsprop, sgd } from "../../src/optimizers/index.ts";
import { scalarsAt } from "../../src/optimizers/registry.ts";

const read = (file: string) => JSON.parse(readFileSync(new URL(`../reference/${file}`, import.meta.url), "utf8"));
/** Made by optimizers.py with PyTorch, and by lion.py with NumPy, in float64: 20 steps of a dense layer. */
const reference = read("optimizers.json") as {
  readonly images: number[][];
  readonly labels: number[];
  readonly kernel: number[][];
  readonly losses: Readonly<Record<string, number[]>>;
};
const losses = { ...reference.losses, ...(read("lion.json") as Pick<typeof reference, "losses">).losses };
const model = network({ input: [2, 2, 1], classes: ["a", "b", "c"] }, [flatten(), dense(3)]);
const batch = reference.labels.length;

/** Losses of the same 20 steps here, and the weights after them. */
async function run(optimizer: OptimizerConfig, steps = 20) {
  const program = trainingProgram(model, { batchSize: batch, optimizer, steps });
  const engine = await Engine.create([program.spec], wasmBackend());
  const kernel = Float32Array.from(reference.kernel.flat());
  startFrom(
    engine,
    program,
    new Map([
      ["dense_1.kernel", kernel],
      ["dense_1.bias", new Float32Array(3)],
    ]),
  );
  const data = inMemory(Uint8Array.from(reference.images.flat()), reference.labels);
  feed(
    engine,
    program,
    data,
    Uint32Array.from({ length: steps * batch }, (_, i) => i % batch),
  );
  const numbers = Array.from({ length: steps }, (_, step) => Object.values(scalarsAt(optimizer, step)));
  engine.elements("train", program.scalars).set(numbers.flat());
  engine.run("train", steps);
  return { losses: [...engine.elements("train", program.loss)], weights: readWeights(engine, program) };
}

const cases: Readonly<Record<string, OptimizerConfig>> = {
  sgd: sgd(0.5),
  "sgd weight decay": sgd(0.5, { weightDecay: 0.1 }),
  "sgd weight decay of all": sgd(0.5, { weightDecay: 0.1, weightDecayMask: "all" }),
  momentum: sgd(0.2, { momentum: 0.9 }),
  nesterov: sgd(0.2, { momentum: 0.9, nesterov: true }),
  rmsprop: rmsprop(0.01),
  adam: adam(0.05),
  "adam weight decay": adam(0.05, { weightDecay: 0.1 }),
  adamw: adamw(0.05, { weightDecay: 0.1 }),
  clip: sgd(0.5, { clipNorm: 0.1 }),
  lion: lion(0.02),
  "lion weight decay": lion(0.02, { weightDecay: 0.1 }),
  "lion other betas, weight decay of all": lion(0.03, {
    beta1: 0.6,
    beta2: 0.8,
    weightDecay: 0.2,
    weightDecayMask: "all",
  }),
};

describe("optimizers", () => {
  beforeAll(() => enableRelaxedSimd());

  it("has a case for every reference", () => {
    expect(Object.keys(cases)).toEqual(Object.keys(losses));
  });

  it.each(Object.entries(cases))("follows the reference's %s for 20 steps within 1e-5", async (name, optimizer) => {
    const got = await run(optimizer);
    const worst = losses[name]!.map((want, step) => Math.abs(got.losses[step]! - want) / want);
    expect(Math.max(...worst)).toBeLessThan(1e-5);
  });

  it("keep one number for each weight for Lion, and two for Adam", () => {
    const kept = (optimizer: OptimizerConfig) =>
      trainingProgram(model, { batchSize: batch, optimizer, steps: 1 }).state.map(({ name }) => name);
    expect(kept(lion())).toEqual([
      ...["dense_1.kernel", "dense_1.bias", "dense_1.kernel.momentum", "dense_1.bias.momentum"],
    ]);
    expect(kept(adam())).toHaveLength(6);
    expect(lion()).toMatchObject({ type: "lion", beta1: 0.9, beta2: 0.99, weightDecay: 0 });
  });

  it("averages weights: a ← decay·a + (1 − decay)·w, from the first weights on", async () => {
    const decay = 0.75;
    let average = Float64Array.from(reference.kernel.flat());
    for (let steps = 1; steps <= 5; steps++) {
      const w = (await run(sgd(0.5), steps)).weights.get("dense_1.kernel")!;
      average = average.map((a, i) => decay * a + (1 - decay) * w[i]!);
    }
    const got = (await run(sgd(0.5, { averageDecay: decay }), 5)).weights.get("dense_1.kernel")!;
    got.forEach((a, i) => {
      expect(a).toBeCloseTo(average[i]!, 6);
    });
  });
});
