import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import type { ElementType } from "../../src/ir/types.ts";
import type { Tensor } from "../../src/ops/graph.ts";
import { constantRate, sgd } from "../../src/optimizers/index.ts";
import { decodeSafetensors } from "../../src/runs/safetensors.ts";
import { backendOf, natives } from "../backends/native.ts";
import { recipeModel } from "../training/recipeModel.ts";

/**
 * 100 steps of LeNet from fixed weights on fixed batches, in float64, cross-checked with
 * TensorFlow's ops (whose float32 stays within 1.3e-6 of these losses).
 */
const golden = new URL("../golden/", import.meta.url);
const { lossFloat64 } = JSON.parse(readFileSync(new URL("seed_trajectory.json", golden), "utf8")) as {
  lossFloat64: number[];
};
const { tensors } = decodeSafetensors(readFileSync(new URL("seed_trajectory.safetensors", golden)));

/** The names of layers there and here. */
const layers = { conv1: "conv2d_1", conv2: "conv2d_2", conv3: "conv2d_3", hidden: "dense_1", logits: "dense_2" };
const parameters = Object.entries(layers).flatMap(([theirs, ours]) => [
  { theirs: `${theirs}.weight`, ours: `${ours}.kernel` },
  { theirs: `${theirs}.bias`, ours: `${ours}.bias` },
]);

const backends: readonly (readonly [string, () => Backend])[] = [
  ["WebAssembly", () => wasmBackend()],
  ...natives.map((native) => [native.title, () => backendOf(native)] as const),
];

describe.each(backends)("the golden trajectory of LeNet, on %s", (_name, backend) => {
  const losses = new Float64Array(lossFloat64.length);
  const weights = new Map<string, Float32Array>();

  beforeAll(async () => {
    enableRelaxedSimd();
    const model = recipeModel("lenet", { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] });
    const steps = losses.length;
    const program = trainingProgram(model, {
      batchSize: 16,
      optimizer: sgd(constantRate(0.1)),
      steps,
    });
    const engine = await Engine.create([program.spec], backend());
    const elements = <T extends ElementType>(t: Tensor & { readonly type: T }) => engine.elements("train", t);
    elements(program.images).set(tensors.get("images")!.data);
    elements(program.labels).set(tensors.get("labels")!.data);
    elements(program.scalars).fill(0.1);
    for (const { theirs, ours } of parameters) {
      const tensor = program.weights.find((p) => p.tensor.name === ours)!.tensor;
      const values = elements({ ...tensor, type: "f32" });
      values.set(tensors.get(`initial.${theirs}`)!.data);
      weights.set(theirs, values);
    }
    await engine.run("train", steps);
    losses.set(elements(program.loss));
  });

  it("has every loss within 1e-5 of float64", () => {
    const worst = Math.max(...lossFloat64.map((want, step) => Math.abs(losses[step]! - want) / want));
    expect(worst).toBeLessThan(1e-5);
  });

  it("ends with every weight within 1e-4", () => {
    for (const { theirs } of parameters) {
      const want = tensors.get(`final.${theirs}`)!.data;
      const worst = Math.max(...Array.from(want, (w, i) => Math.abs(w - weights.get(theirs)![i]!)));
      expect(worst, theirs).toBeLessThan(1e-4);
    }
  });
});
