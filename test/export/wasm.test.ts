import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { detectFeatures } from "../../src/backends/wasm/features.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { TrainedModel } from "../../src/evaluation/trainedModel.ts";
import { exportWasm, type WasmExportOptions } from "../../src/export/wasm/exportWasm.ts";
import { WasmClassifier } from "../../src/export/wasm/wasmClassifier.ts";
import { type Model, withoutWinograd } from "../../src/model/index.ts";
import {
  calibrated,
  everything,
  longSums,
  models,
  noise,
  randomFrom,
  randomNetwork,
  randomWeights,
} from "./networks.ts";
import { hasWasmtime, python } from "./python.ts";

enableRelaxedSimd();
const { fma } = detectFeatures();

const trainedOf = (model: Model, seed = 1, hasFma = fma): TrainedModel =>
  new TrainedModel(model, randomWeights(model, randomFrom(seed)).weights, wasmBackend({ fma: hasFma }));

/** The logits [N,K] of images [N,H,W,C] by an exported module. */
async function exportedLogits(trained: TrainedModel, pixels: Uint8Array, options?: WasmExportOptions) {
  const classifier = new WasmClassifier(new WebAssembly.Module((await exportWasm(trained, options)).bytes));
  const size = sizeOf(trained.model.input);
  const images = Array.from({ length: pixels.length / size }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
  return Float32Array.from(images.flatMap((image) => [...classifier.logits(image)]));
}

/** The largest difference, relative to the largest value. */
const differenceOf = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!))) / Math.max(...a.map(Math.abs));

describe("a model in WebAssembly", () => {
  it.skipIf(!fma).each(models)("has the logits of the model bit for bit with relaxed SIMD: %s", async (_, model) => {
    const trained = trainedOf(model);
    const pixels = noise(model, 10, randomFrom(3));
    const wanted = await trained.logits(pixels);
    expect(await exportedLogits(trained, pixels, { relaxed: true })).toEqual(wanted);
    expect(await exportedLogits(trained, pixels, { relaxed: "also" })).toEqual(wanted);
    expect(differenceOf(wanted, await exportedLogits(trained, pixels))).toBeLessThan(1e-5);
  });

  it("has them for networks of random layers, and of long sums", async () => {
    const random = Array.from({ length: 15 }, (_, k) => randomNetwork(k + 1));
    for (const [k, model] of [...random, ...longSums].entries()) {
      const trained = trainedOf(model, k + 1);
      const pixels = noise(trained.model, 2, randomFrom(3));
      const logits = await exportedLogits(trained, pixels, { relaxed: fma });
      expect(logits, JSON.stringify(trained.model)).toEqual(await trained.logits(pixels));
    }
  });

  it("has those of two roundings, bit for bit, without relaxed SIMD", async () => {
    // Without what is computed ahead with multiply-adds that round once: scales of a batch normalization, Winograd's kernels.
    const { layers } = withoutWinograd(everything);
    const model: Model = { ...everything, layers: layers.slice(1) };
    const trained = trainedOf(model, 1, false);
    const pixels = noise(model, 3, randomFrom(3));
    expect(await exportedLogits(trained, pixels)).toEqual(await trained.logits(pixels));
  });

  it("imports nothing, and has as many pages as it needs", async () => {
    for (const [, model] of models) {
      const { bytes, ramBytes, flashBytes } = await exportWasm(trainedOf(model));
      const module = new WebAssembly.Module(bytes);
      expect(WebAssembly.Module.imports(module)).toEqual([]);
      const { exports } = new WebAssembly.Instance(module);
      const { buffer } = exports["memory"] as WebAssembly.Memory;
      expect(buffer.byteLength / 65536).toBe(Math.ceil((ramBytes + flashBytes) / 65536));
    }
  });

  it("classifies with probabilities at the model's temperature, and tells its class names", async () => {
    const trained = calibrated(trainedOf(everything));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module((await exportWasm(trained)).bytes));
    const { buffer } = exports["memory"] as WebAssembly.Memory;
    const number = (name: string): number => (exports[name] as WebAssembly.Global).value;
    expect(["height", "width", "channels", "classes"].map(number)).toEqual([20, 17, 3, 3]);
    for (let seed = 1; seed <= 8; seed++) {
      const pixels = noise(everything, 1, randomFrom(seed));
      new Uint8Array(buffer).set(pixels, number("pixels"));
      const best = (exports["classify"] as () => number)();
      const { label, ranking } = await trained.predict(pixels);
      const probabilities = new Float32Array(buffer, number("probabilities"), 3);
      for (const [k, name] of everything.classes.entries())
        expect(probabilities[k]).toBeCloseTo(ranking.find((r) => r.label === name)!.probability, 5);
      const [address, length] = new Uint32Array(buffer, number("class_names") + 8 * best, 2);
      expect(new TextDecoder().decode(new Uint8Array(buffer, address, length))).toBe(label);
    }
  });

  it("is the same each time, and carries what it was told", async () => {
    const options = { run: "letters-1", license: "MIT" };
    const trained = trainedOf(everything);
    const [a, b] = [await exportWasm(trained, options), await exportWasm(trained, options)];
    expect(a.bytes).toEqual(b.bytes);
    expect(new WasmClassifier(new WebAssembly.Module(a.bytes)).metadata).toMatchObject({
      ...options,
      classes: everything.classes,
      input: everything.input,
      preparation: trained.preparation,
    });
  });

  it("refuses weights that are not finite", async () => {
    const trained = trainedOf(everything);
    trained.weights.get("dense_2.bias")![0] = Number.NaN;
    await expect(exportWasm(trained)).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining("a weight is NaN"),
    });
  });
});

describe.skipIf(!hasWasmtime)("a model in WebAssembly, in wasmtime", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "inkling-wasm-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([false, true])("has the same logits and answers, relaxed: %s", async (relaxed) => {
    const trained = trainedOf(everything, 1, relaxed);
    const pixels = noise(everything, 4, randomFrom(3));
    writeFileSync(join(folder, "model.wasm"), (await exportWasm(trained, { relaxed })).bytes);
    writeFileSync(join(folder, "images"), pixels);
    const script = join(import.meta.dirname, "runWasm.py");
    const { stdout, stderr } = spawnSync(python, [script, folder], { encoding: "utf8" });
    expect(stderr).toBe("");
    const { logits, answers } = JSON.parse(stdout) as { logits: number[]; answers: string[] };
    const wanted = await trained.logits(pixels);
    expect(differenceOf(wanted, Float32Array.from(logits))).toBeLessThan(1e-5);
    if (relaxed && fma) expect(Float32Array.from(logits)).toEqual(wanted);
    const size = sizeOf(everything.input);
    const labels = [0, 1, 2, 3].map(async (i) => (await trained.predict(pixels.slice(i * size, (i + 1) * size))).label);
    expect(answers).toEqual(await Promise.all(labels));
  });
});
