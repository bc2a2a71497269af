import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import type { Dataset } from "../../src/datasets/index.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feed, inMemory } from "../../src/engine/feed.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { startFrom } from "../../src/engine/session.ts";
import { TrainedModel } from "../../src/evaluation/index.ts";
import { dense, flatten } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { type TrainOptions, train } from "../../src/training/index.ts";

enableRelaxedSimd();
/** Made by training.py with PyTorch in float64: the losses of 20 steps. */
const reference = JSON.parse(readFileSync(new URL("training.json", import.meta.url), "utf8")) as {
  readonly images: number[][];
  readonly labels: number[];
  readonly kernel: number[][];
  readonly classWeights: number[];
  readonly alpha: number;
  readonly losses: Readonly<Record<string, number[]>>;
};
const classNames = ["a", "b", "c"];
const model = network({ input: [2, 2, 1], classes: classNames }, [flatten(), dense(3)]);
const initFrom = new TrainedModel(
  model,
  new Map([
    ["dense_1.kernel", Float32Array.from(reference.kernel.flat())],
    ["dense_1.bias", new Float32Array(3)],
  ]),
);

/** Losses of trainings that the order of the images does not change: each step has all of them. */
async function lossesOf(options: TrainOptions): Promise<readonly number[]> {
  const dataset: Dataset = {
    images: Uint8Array.from(reference.images.flat()),
    labels: Uint16Array.from(reference.labels),
    imageShape: [2, 2, 1],
    classNames,
    provenance: { source: "reference", description: "" },
    skipped: [],
  };
  const losses: number[] = [];
  const settings = { batchSize: 6, steps: 20, split: { validation: 0, test: 0 }, validateEvery: 1, initFrom };
  const optimizer = sgd(0.5, { momentum: 0.5 });
  for await (const event of train(model, dataset, { ...settings, optimizer, ...options }))
    if (event.type === "validation") losses.push(event.minibatchLoss);
  return losses;
}

const cases: Readonly<Record<string, TrainOptions>> = {
  classWeights: { classWeights: reference.classWeights },
  gradientAccumulation: { gradientAccumulation: 3 },
};

/** Losses of the same steps with images mixed in their order, which training shuffles. */
async function mixedLosses(): Promise<readonly number[]> {
  const optimizer = sgd(0.5, { momentum: 0.5 });
  const program = trainingProgram(model, { batchSize: 6, optimizer, steps: 20, mixup: reference.alpha });
  const engine = await Engine.create([program.spec], wasmBackend());
  startFrom(engine, program, initFrom.weights);
  const images = inMemory(Uint8Array.from(reference.images.flat()), reference.labels);
  const rows = Uint32Array.from({ length: 20 * 6 }, (_, i) => i % 6);
  feed(engine, program, images, rows);
  feed(
    engine,
    program,
    images,
    rows.map((row) => (row + 5) % 6),
    program.others,
  );
  engine.elements("train", program.scalars).fill(0.5);
  await engine.run("train", 20, 0, 1);
  return [...engine.elements("train", program.loss)];
}

it("mixup: follows PyTorch for 20 steps within 1e-5", async () => {
  const losses = await mixedLosses();
  const worst = reference.losses["mixup"]!.map((want, step) => Math.abs(losses[step]! - want) / want);
  expect(worst).toHaveLength(20);
  expect(Math.max(...worst)).toBeLessThan(1e-5);
});

it.each(Object.entries(cases))("%s: follows PyTorch for 20 steps within 1e-5", async (name, options) => {
  const losses = await lossesOf(options);
  const worst = reference.losses[name]!.map((want, step) => Math.abs(losses[step]! - want) / want);
  expect(worst).toHaveLength(20);
  expect(Math.max(...worst)).toBeLessThan(1e-5);
});
