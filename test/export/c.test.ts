import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interpretBackend, interpretBackendWith } from "../../src/backends/interpret/backend.ts";
import { compilerHere } from "../../src/backends/native/node/nativeOrWasm.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { detectFeatures } from "../../src/backends/wasm/features.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { TrainedModel } from "../../src/evaluation/trainedModel.ts";
import { exportC, type TextFile } from "../../src/export/c/exportC.ts";
import { stringLiteral } from "../../src/export/c/files.ts";
import { type CompileCommand, commandFor, compileC } from "../../src/export/c/node/runC.ts";
import { floatLiteral } from "../../src/export/c/render.ts";
import type { GoldenVector } from "../../src/export/exportable.ts";
import * as layers from "../../src/layers/index.ts";
import { type Model, network, withoutWinograd } from "../../src/model/index.ts";
import { everything, models, noise, randomFrom, randomNetwork, randomWeights } from "./networks.ts";

enableRelaxedSimd();
/** One that rounds multiply-adds once. */
const backend = detectFeatures().fma ? wasmBackend({ fma: true }) : interpretBackend;
const compiler = compilerHere();
const strict = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

const trainedOf = (model: Model, seed = 1): TrainedModel => {
  const { weights } = randomWeights(model, randomFrom(seed));
  return new TrainedModel(model, weights, backend);
};
const logitsOf = (trained: TrainedModel, pixels: Uint8Array) => trained.logits(pixels);

async function goldenOf(trained: TrainedModel): Promise<readonly GoldenVector[]> {
  const pixels = noise(trained.model, 3, randomFrom(5));
  const size = sizeOf(trained.model.input);
  return Promise.all(
    [0, 1, 2].map(async (label) => {
      const own = pixels.slice(label * size, (label + 1) * size);
      return { label, pixels: own, logits: await logitsOf(trained, own) };
    }),
  );
}

async function runC(files: readonly TextFile[], pixels: Uint8Array, command: CompileCommand): Promise<Float32Array> {
  const program = await compileC(files, command);
  try {
    return await program.logits(pixels);
  } finally {
    await program.remove();
  }
}

const withGolden = async (simd: boolean) => {
  const trained = trainedOf(everything);
  return exportC(trained, { simd, golden: await goldenOf(trained) });
};
/** The network of all layers with golden vectors, in single floats and in vectors. */
const scalar = withGolden(false);
const vectors = withGolden(true);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkling-c-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles a model with its golden vectors, and gives what the compiler and the program said. */
async function selfTest(command: readonly string[], simd: boolean, emulator: readonly string[] = []) {
  const { files } = await (simd ? vectors : scalar);
  for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
  const program = join(folder, "program");
  const source = join(folder, files[1]!.name);
  const made = spawnSync(command[0]!, [...command.slice(1), source, "-o", program, "-lm"], { encoding: "utf8" });
  expect(made.stderr).toBe("");
  const [first, ...rest] = [...emulator, program];
  const { stdout, stderr, status } = spawnSync(first!, rest, { encoding: "utf8" });
  return { stdout, stderr, status };
}

const allAgree = { stdout: "3 of 3 images have the logits of the run (3 classes)\n", stderr: "", status: 0 };

describe.skipIf(typeof compiler === "string")("a model in C", () => {
  const command = typeof compiler === "string" ? [] : commandFor(compiler);

  it.each(models)("has the logits of the model bit for bit: %s", async (name, model) => {
    const trained = trainedOf(model);
    const pixels = noise(model, 20, randomFrom(3));
    const wanted = await logitsOf(trained, pixels);
    for (const simd of [false, true]) {
      const { files, ramBytes, leastRamBytes } = await exportC(trained, { simd });
      const logits = await runC(files, pixels, [...command, ...strict]);
      expect(logits, `simd: ${simd}`).toEqual(wanted);
      expect(ramBytes / leastRamBytes).toBeLessThan(["lenet", "fast"].includes(name) ? 1.11 : 1.5);
    }
  });

  it("has them for networks of random layers", async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const trained = trainedOf(randomNetwork(seed), seed);
      const pixels = noise(trained.model, 3, randomFrom(3));
      const { files } = await exportC(trained, { simd: seed % 4 === 0 });
      const logits = await runC(files, pixels, [...command, "-O1", ...strict]);
      expect(logits, JSON.stringify(trained.model)).toEqual(await logitsOf(trained, pixels));
    }
  });

  it("has those of two roundings where it is told to", async () => {
    // Without what is computed ahead with multiply-adds that round once: scales of a batch normalization, Winograd's kernels.
    const { layers } = withoutWinograd(everything);
    const model: Model = { ...everything, layers: layers.slice(1) };
    const { weights } = trainedOf(model);
    const trained = new TrainedModel(model, weights, interpretBackendWith("mul-add"));
    const pixels = noise(model, 2, randomFrom(3));
    for (const simd of [false, true]) {
      const { files } = await exportC(trained, { simd });
      const logits = await runC(files, pixels, [...command, "-DMODEL_MUL_ADD", ...strict]);
      expect(logits, `simd: ${simd}`).toEqual(await logitsOf(trained, pixels));
    }
  });

  const standards = [
    ["C99", "-std=c99"],
    ["C11", "-std=c11"],
    ["C++17", "-xc++", "-std=c++17"],
  ].flatMap(([standard, ...flags]) => [false, true].map((simd) => ({ standard, flags, simd })));
  it.each(standards)("compiles without warnings as $standard, simd: $simd", async ({ flags, simd }) => {
    const test = [...command.slice(0, 1), ...flags, "-O2", ...strict, "-DMODEL_SELF_TEST"];
    expect(await selfTest(test, simd)).toEqual(allAgree);
  });

  it.each([false, true])("does nothing undefined, simd: %s", async (simd) => {
    const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    const here = spawnSync(command[0]!, [...sanitizers, "-xc", "-", "-o", join(folder, "empty")], {
      input: "int main(void) { return 0; }",
    });
    if (here.status !== 0) return console.warn("the compiler has no sanitizers");
    const test = [...command, ...strict, ...sanitizers, "-g1", "-DMODEL_SELF_TEST"];
    expect(await selfTest(test, simd)).toEqual(allAgree);
  });

  it("fails its self-test where a weight is another", async () => {
    const trained = trainedOf(everything);
    const golden = await goldenOf(trained);
    const weights = new Map([...trained.weights].map(([name, values]) => [name, values.slice()]));
    weights.get("dense_2.bias")![1]! += 1;
    const { files } = await exportC(new TrainedModel(trained.model, weights), { golden });
    await expect(runC(files, golden[0]!.pixels, command)).rejects.toThrow("0 of 3 images have the logits of the run");
  });

  it("classifies in memory that its caller gives", async () => {
    const trained = trainedOf(everything);
    const { files } = await exportC(trained, { name: "my letters-2" });
    for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
    const pixels = noise(everything, 1, randomFrom(8));
    writeFileSync(
      join(folder, "main.c"),
      `#include "my letters-2.h"
#include <stdio.h>
static const uint8_t pixels[] = {${pixels.join(",")}};
int main(void) {
  float memory[MY_LETTERS_2_RAM_BYTES / 4], p[MY_LETTERS_2_CLASSES];
  int best = my_letters_2_classify_in(memory, pixels, p);
  printf("%s %.9g %.9g %.9g", my_letters_2_class_names[best], p[0], p[1], p[2]);
  return 0;
}
`,
    );
    const sources = ["my letters-2.c", "main.c"].map((name) => join(folder, name));
    const flags = [...command.slice(1), ...strict, "-DMY_LETTERS_2_NO_MEMORY"];
    const made = spawnSync(command[0]!, [...flags, ...sources, "-lm", "-o", join(folder, "own")], { encoding: "utf8" });
    expect(made.stderr).toBe("");
    const said = spawnSync(join(folder, "own"), { encoding: "utf8" }).stdout.split(" ");
    const { label, ranking } = await trained.predict(pixels);
    expect(said[0]).toBe(label);
    for (const [k, name] of everything.classes.entries())
      expect(Number(said[k + 1])).toBeCloseTo(ranking.find((r) => r.label === name)!.probability, 6);
  });

  it("keeps layers of all names apart from its own", async () => {
    const model = network({ input: [3, 3, 1], classes: ["a", "b"] }, [
      layers.flatten({ name: "int" }),
      layers.dense(5, { name: "return" }),
      layers.relu({ name: "memory" }),
      layers.dense(5, { name: "logits" }),
      layers.dense(5, { name: "class_names" }),
      layers.dense(5, { name: "a-b" }),
      layers.dense(2, { name: "a_b" }),
    ]);
    const trained = trainedOf(model);
    const { files } = await exportC(trained, { name: "model" });
    const pixels = noise(model, 2, randomFrom(1));
    expect(await runC(files, pixels, [...command, ...strict])).toEqual(await logitsOf(trained, pixels));
  });
});

describe.each([
  ["64-bit ARM", "aarch64-linux-gnu-gcc", "qemu-aarch64", "-march=armv8-a"],
  ["32-bit ARM", "arm-linux-gnueabihf-gcc", "qemu-arm", "-march=armv7-a+neon-vfpv4"],
])("a model in C for %s, in an emulator", (_, cross, emulator, processor) => {
  const isHere = [cross, emulator].every((program) => spawnSync(program, ["--version"]).status === 0);
  it.skipIf(!isHere).each([false, true])("has the same logits, simd: %s", async (simd) => {
    const command = [cross, "-std=c99", "-O2", processor, ...strict, "-static", "-DMODEL_SELF_TEST"];
    expect(await selfTest(command, simd, [emulator])).toEqual(allAgree);
  });
});

describe("the text of a model in C", () => {
  it("writes floats in few digits, which give them back", () => {
    for (const [value, text] of [
      [0, "0.0f"],
      [-0, "-0.0f"],
      [1, "1.0f"],
      [0.1, "0.1f"],
      [Math.fround(0.1) + 2 ** -27, "0.10000001f"],
      [2 ** -149, "1.4013e-45f"],
      [3.4028234663852886e38, "3.4028235e+38f"],
    ] as const) {
      expect(floatLiteral(value)).toBe(text);
      expect(Math.fround(Number(text.slice(0, -1)))).toBe(Math.fround(value));
    }
  });

  it("refuses weights that are not finite", async () => {
    const trained = trainedOf(everything);
    trained.weights.get("dense_2.bias")![0] = Number.NaN;
    await expect(exportC(trained)).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_DATA", message: expect.stringContaining("a weight is NaN") }),
    );
  });

  it("refuses a name that a header cannot have", async () => {
    await expect(exportC(trainedOf(everything), { name: 'a"b' })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("writes strings of ASCII alone", () => {
    expect(stringLiteral('a"b\\c??/d\n7é')).toBe('"a\\042b\\134c\\077\\077/d\\0127\\303\\251"');
  });

  it("is the same each time", async () => {
    const [a, b] = [await exportC(trainedOf(everything)), await exportC(trainedOf(everything))];
    expect(a).toEqual(b);
  });
});
