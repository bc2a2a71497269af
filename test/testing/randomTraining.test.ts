import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { layerTypes } from "../../src/layers/index.ts";
import { optimizerTypes, scheduleTypes } from "../../src/optimizers/index.ts";
import { checkSameResults, errorsOf, trainOnBackend, trainShadow } from "../../src/testing/trainingChecks.ts";
import { backendOf, natives } from "../backends/native.ts";
import { updateOf } from "../optimizers/updates.ts";
import { randomTraining } from "./randomTraining.ts";

/**
 * Random networks of all layers, trained for three steps: the compiled program, interpreted in float64, must follow the
 * references within 1e-6, and all back ends must compute the same bits, near it. CI trains a few;
 * `INKLING_NETWORKS=1000 npx vitest run test/testing/randomTraining.test.ts` more, with native code for each.
 */
const asked = process.env["INKLING_NETWORKS"];
const NETWORKS = Number(asked ?? 4);
const FIRST = Number(process.env["INKLING_SEED"] ?? 1);
enableRelaxedSimd();

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!;

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
