import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { exportOnnx } from "../../src/export/onnx/exportOnnx.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import type { TrainedModel } from "../../src/index.ts";
import { recipes } from "../../src/training/recipes/index.ts";
import { noise, randomFrom, randomNetwork, randomWeights } from "./networks.ts";
import { hasOnnx, python } from "./python.ts";

const NETWORKS = Number(process.env["INKLING_NETWORKS"] ?? 40);
const folder = mkdtempSync(join(tmpdir(), "inkling-onnx-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Checked {
  readonly difference: number;
  readonly one: number;
  readonly equal: number;
  readonly images: number;
  readonly sums: number;
  readonly inferred: boolean;
  readonly nodes: readonly string[];
}

/** Writes a model, images and its logits into a folder. */
async function write(name: string, trained: TrainedModel, images: Uint8Array): Promise<string> {
  const path = join(folder, name);
  mkdirSync(path);
  const logits = await trained.logits(images);
  const count = logits.length / trained.model.classes.length;
  writeFileSync(join(path, "model.onnx"), await exportOnnx(trained));
  writeFileSync(join(path, "images.npy"), encodeNpy(images, [count, ...trained.model.input]));
  writeFileSync(join(path, "logits.npy"), encodeNpy(logits, [count, trained.model.classes.length]));
  return path;
}

describe.skipIf(!hasOnnx)("an exported ONNX file", () => {
  it("is valid, and computes the same in ONNX Runtime, for every recipe and random networks of all layers", {
    timeout: 300_000,
  }, async () => {
    const paths: string[] = [];
    for (const { name, training } of recipes) {
      const images = { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] } as const;
      const { model } = training({ images, trainingImages: 10_000 }, {});
      const trained = randomWeights(model, randomFrom(1));
      paths.push(await write(name, trained, noise(model, 20, randomFrom(2))));
    }
    for (let seed = 1; seed <= NETWORKS; seed++) {
      const random = randomFrom(seed + 1_000_000);
      const trained = randomWeights(randomNetwork(seed), random);
      paths.push(await write(`${seed}`, trained, noise(trained.model, 5, random)));
    }
    const { stdout, stderr, status } = spawnSync(python, [join(import.meta.dirname, "check.py"), ...paths], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const checked = stdout
      .trim()
      .split("\n")
      .map((line): Checked => JSON.parse(line));
    expect(checked.length).toBe(recipes.length + NETWORKS);
    for (const { difference, one, equal, images, sums, inferred } of checked) {
      expect(difference).toBeLessThan(1e-4);
      expect(one).toBeLessThan(1e-4);
      expect(equal).toBe(images);
      expect(sums).toBeLessThan(1e-5);
      expect(inferred).toBe(true);
    }
  });
});
