import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { layerTypes } from "../../src/layers/index.ts";
import { optimizerTypes, scheduleTypes } from "../../src/optimizers/index.ts";
import { checkSameResults, errorsOf, prepare, trainOnBackend, trainShadow } from "../../src/testing/trainingChecks.ts";
import { backendOf, natives } from "../backends/native.ts";
import { updateOf } from "../optimizers/updates.ts";
import { randomFirstStep, randomTraining } from "./randomTraining.ts";

/**
 * Random networks of all layers, trained for three steps: the compiled program, interpreted in float64, must follow the
 * references within 1e-6, and all back ends must compute the same bits, near it. CI trains a few;
 * `INKLING_NETWORKS=1000 npx vitest run test/testing/randomTraining.test.ts` more, with native code for each. With
 * `INKLING_CASES=FOLDER` it also writes what the first step of each comes to, for `rounding.py`.
 */
const asked = process.env["INKLING_NETWORKS"];
const cases = process.env["INKLING_CASES"];
const NETWORKS = Number(asked ?? 4);
const FIRST = Number(process.env["INKLING_SEED"] ?? 1);
enableRelaxedSimd();
if (cases) mkdirSync(cases, { recursive: true });

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!;

const base64 = (values: Float32Array | Float64Array) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");

/** The loss and the gradients of a first step, in float32 and in the shadow, with what they are of. */
async function firstStep(seed: number) {
  const training = randomFirstStep(seed);
  const { program, weights, fed } = prepare(training, 1);
  const [images, labels] = fed.map(({ values }) => Array.from(values));
  const results = [await trainOnBackend(training, wasmBackend()), trainShadow(training)].map(({ losses, state }) => ({
    loss: losses[0],
    gradients: Object.fromEntries(
      program.parameters.map(({ name }) => [name, base64(Float64Array.from(state.get(`${name}.velocity`)!))]),
    ),
  }));
  const shapes = new Map(program.weights.map(({ tensor: { name, shape } }) => [name, shape]));
  return {
    ...{
      model: training.model,
      batchSize: training.batchSize,
      images,
      labels,
      float32: results[0],
      float64: results[1],
    },
    weights: Object.fromEntries(
      [...weights].map(([name, values]) => [name, { shape: shapes.get(name), values: base64(values) }]),
    ),
  };
}

describe("random networks", () => {
  it("are trained as the references say, to the same bits everywhere", { timeout: 86_400_000 }, async () => {
    const native = natives[0] && backendOf(natives[0]);
    const errors: { readonly seed: number; readonly loss: number; readonly state: number }[] = [];
    const faults: string[] = [];
    for (let seed = FIRST; seed < FIRST + NETWORKS; seed++) {
      const training = randomTraining(seed);
      try {
        const shadow = trainShadow(training, updateOf(training.optimizer));
        const wasm = await trainOnBackend(training, wasmBackend());
        if (native && asked) checkSameResults(await trainOnBackend(training, native), wasm);
        errors.push({ seed, ...errorsOf(wasm, shadow) });
        if (cases) writeFileSync(join(cases, `${seed}.json`), JSON.stringify(await firstStep(seed)));
      } catch (error) {
        faults.push(`network ${seed}: ${(error as Error).stack}`);
      }
      if (asked && seed % 50 === 0) console.info(`${seed - FIRST + 1} networks, ${faults.length} faults`);
    }
    for (const of of ["loss", "state"] as const) {
      const values = errors.map((error) => error[of]);
      const [median, most, worst] = [0.5, 0.99, 1].map((q) => quantile(values, q).toExponential(1));
      if (asked) console.info(`${of}: float32 differs by ${median} in the median, ${most} at 99 %, ${worst} at most`);
    }
    expect(faults).toEqual([]);
    expect(
      quantile(
        errors.map(({ loss }) => loss),
        0.5,
      ),
    ).toBeLessThan(1e-6);
    expect(
      quantile(
        errors.map(({ loss }) => loss),
        0.95,
      ),
    ).toBeLessThan(1e-4);
  });

  it("have every layer, optimizer and schedule", () => {
    const used = new Set<string>();
    for (let seed = 1; seed <= 70; seed++) {
      const { model, optimizer } = randomTraining(seed);
      for (const { type } of [...model.layers, optimizer, optimizer.learningRate]) used.add(type);
    }
    const all = [...layerTypes, ...optimizerTypes, ...scheduleTypes].map(({ type }) => type);
    expect(all.filter((type) => !used.has(type))).toEqual([]);
  });
});
