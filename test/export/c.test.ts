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

enableRelaxedSimd();
/** One that rounds multiply-adds once. */
const backend = detectFeatures().fma ? wasmBackend({ fma: true }) : interpretBackend;
const compiler = compilerHere();
const strict = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

const trainedOf = (model: Model, seed = 1): TrainedModel => {
  const { weights } = randomWeights(model, randomFrom(seed));
  return new TrainedModel(model, weights, backend);
};

/** A network that is compiled at once, with names of layers that C or the export has other uses for. */
const small = network({ input: [3, 3, 1], classes: ["a", "b", "c"] }, [
  layers.flatten({ name: "int" }),
  layers.dense(5, { name: "return" }),
  layers.relu({ name: "memory" }),
  layers.dense(5, { name: "logits" }),
  layers.dense(5, { name: "class_names" }),
  layers.dense(5, { name: "a-b" }),
  layers.dense(3, { name: "a_b" }),
]);

async function goldenOf(trained: TrainedModel): Promise<readonly GoldenVector[]> {
  const pixels = noise(trained.model, 3, randomFrom(5));
  const size = sizeOf(trained.model.input);
  return Promise.all(
    [0, 1, 2].map(async (label) => {
      const own = pixels.slice(label * size, (label + 1) * size);
      return { label, pixels: own, logits: await trained.logits(own) };
    }),
  );
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

/** Compiles files to a program, which the compiler has nothing to say about. */
function build(files: readonly TextFile[], [compiler, ...options]: CompileCommand): string {
  for (const { name, contents } of files) writeFileSync(join(folder, name), contents);
  const sources = files.map(({ name }) => name).filter((name) => name.endsWith(".c"));
  const args = [...options, ...sources, "-o", "program", "-lm"];
  expect(spawnSync(compiler!, args, { cwd: folder, encoding: "utf8" }).stderr).toBe("");
  return join(folder, "program");
}

/** Compiles a model with its golden vectors, and gives what the program said. */
async function selfTest(command: CompileCommand, simd: boolean, emulator: readonly string[] = []) {
  const { files } = await (simd ? vectors : scalar);
  const [first, ...rest] = [...emulator, build(files, command)];
  const { stdout, stderr, status } = spawnSync(first!, rest, { encoding: "utf8" });
  return { stdout, stderr, status };
}

const IMAGES = 3;

/** A program that writes the logits of models, by name, for the same images of noise. */
const mainOf = (names: readonly string[], pixels: Uint8Array): string => `#include <stdio.h>
${names.map((name) => `#include "${name}.h"\n`).join("")}
static const uint8_t pixels[] = {${pixels.join(",")}};

int main(void)
{
${names
  .map((name) => {
    const macro = name.toUpperCase();
    return `  for (size_t k = 0; k < ${IMAGES}; k++) {
    float logits[${macro}_CLASSES];
    ${name}_logits(&pixels[k * ${macro}_HEIGHT * ${macro}_WIDTH * ${macro}_CHANNELS], logits);
    fwrite(logits, sizeof logits, 1, stdout);
  }
`;
  })
  .join("")}  return 0;
}
`;

/** Expects that models have their logits in C too, in single floats and in vectors, compiled into one program. */
async function expectLogits(all: readonly TrainedModel[], command: CompileCommand) {
  const cases = all.flatMap((trained, i) =>
    [`scalar_${i}`, `simd_${i}`].map((name) => ({ trained, name, simd: name.startsWith("simd") })),
  );
  const exported = await Promise.all(cases.map(({ trained, ...options }) => exportC(trained, options)));
  const random = randomFrom(3);
  const largest = Math.max(...all.map(({ model }) => sizeOf(model.input)));
  const pixels = Uint8Array.from({ length: IMAGES * largest }, () => 256 * random());
  const names = cases.map(({ name }) => name);
  const main = { name: "main.c", contents: mainOf(names, pixels) };
  const { stdout } = spawnSync(build([...exported.flatMap(({ files }) => files), main], command));
  const found = new Float32Array(Uint8Array.from(stdout).buffer);
  let start = 0;
  for (const { trained, name } of cases) {
    const { input, classes } = trained.model;
    const logits = found.subarray(start, start + IMAGES * classes.length);
    start += logits.length;
    const wanted = await trained.logits(pixels.subarray(0, IMAGES * sizeOf(input)));
    expect(logits, `${name}: ${JSON.stringify(trained.model)}`).toEqual(wanted);
  }
  return exported;
}

const allAgree = { stdout: "3 of 3 images have the logits of the run (3 classes)\n", stderr: "", status: 0 };

describe.skipIf(typeof compiler === "string")("a model in C", () => {
  const command = typeof compiler === "string" ? [] : commandFor(compiler);

  it("has the logits of the models of recipes bit for bit, in little memory", async () => {
    const exported = await expectLogits(
      models.map(([, model]) => trainedOf(model)),
      [...command, "-O0", ...strict],
    );
    for (const [i, { ramBytes, leastRamBytes }] of exported.entries())
      expect(ramBytes / leastRamBytes).toBeLessThan(
        ["lenet", "fast"].includes(models[Math.floor(i / 2)]![0]) ? 1.11 : 1.5,
      );
  });

  it("has them for networks of random layers, and of long sums", async () => {
    const random = Array.from({ length: 6 }, (_, i) => trainedOf(randomNetwork(i + 1), i + 1));
    await expectLogits([...random, ...longSums.map((model) => trainedOf(model))], [...command, "-O0", ...strict]);
  });

  it("has those of two roundings where it is told to", async () => {
    // Without what is computed ahead with multiply-adds that round once: scales of a batch normalization, Winograd's kernels.
    const { layers } = withoutWinograd(everything);
    const model: Model = { ...everything, layers: layers.slice(1) };
    const { weights } = trainedOf(model);
    const macros = ["-DSCALAR_0_MUL_ADD", "-DSIMD_0_MUL_ADD"];
    const trained = new TrainedModel(model, weights, interpretBackendWith("mul-add"));
    await expectLogits([trained], [...command, "-O0", ...macros, ...strict]);
  });

  it.each([false, true])("compiles without warnings as C99, C11 and C++17, simd: %s", async (simd) => {
    for (const standard of [["-std=c99", "-O2"], ["-std=c11"], ["-xc++", "-std=c++17"]]) {
      const test = [command[0]!, ...standard, ...strict, "-DMODEL_SELF_TEST"];
      expect(await selfTest(test, simd)).toEqual(allAgree);
    }
  });

  it.each([false, true])("does nothing undefined, simd: %s", async (simd) => {
    const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    const here = spawnSync(command[0]!, [...sanitizers, "-xc", "-", "-o", join(folder, "empty")], {
      input: "int main(void) { return 0; }",
    });
    if (here.status !== 0) return console.warn("the compiler has no sanitizers");
    const test = [...command, "-O1", ...strict, ...sanitizers, "-g1", "-DMODEL_SELF_TEST"];
    expect(await selfTest(test, simd)).toEqual(allAgree);
  });

  it("fails its self-test where a weight is another", async () => {
    const trained = trainedOf(small);
    const golden = await goldenOf(trained);
    const weights = new Map([...trained.weights].map(([name, values]) => [name, values.slice()]));
    weights.get("return.bias")![1]! += 1;
    const { files } = await exportC(new TrainedModel(small, weights), { golden });
    await expect(compileC(files, command)).rejects.toThrow("0 of 3 images have the logits of the run");
  });

  it("classifies in memory that its caller gives, with probabilities at the model's temperature", async () => {
    const trained = calibrated(trainedOf(small));
    const { files } = await exportC(trained, { name: "my letters-2" });
    const pixels = noise(small, 1, randomFrom(8));
    const main = `#include "my letters-2.h"
#include <stdio.h>
static const uint8_t pixels[] = {${pixels.join(",")}};
int main(void) {
  float memory[MY_LETTERS_2_RAM_BYTES / 4], p[MY_LETTERS_2_CLASSES];
  int best = my_letters_2_classify_in(memory, pixels, p);
  printf("%s %.9g %.9g %.9g", my_letters_2_class_names[best], p[0], p[1], p[2]);
  return 0;
}
`;
    const flags = [...command, ...strict, "-DMY_LETTERS_2_NO_MEMORY"];
    const program = build([...files, { name: "main.c", contents: main }], flags);
    const header = files[0]!.contents;
    expect(header).toMatch(/#define MY_LETTERS_2_IN_SET_90 +0\.\d+f /);
    const said = spawnSync(program, { encoding: "utf8" }).stdout.split(" ");
    const { label, ranking } = await trained.predict(pixels);
    expect(said[0]).toBe(label);
    for (const [k, name] of small.classes.entries())
      expect(Number(said[k + 1])).toBeCloseTo(ranking.find((r) => r.label === name)!.probability, 6);
  });

  it("keeps layers of all names apart from its own", () => expectLogits([trainedOf(small)], [...command, ...strict]));
});

describe.each([
  ["64-bit ARM", "aarch64-linux-gnu-gcc", "qemu-aarch64", "-march=armv8-a"],
  ["32-bit ARM", "arm-linux-gnueabihf-gcc", "qemu-arm", "-march=armv7-a+neon-vfpv4"],
])("a model in C for %s, in an emulator", (_, cross, emulator, processor) => {
  const isHere = [cross, emulator].every((program) => spawnSync(program, ["--version"]).status === 0);
  it.skipIf(!isHere).each([false, true])("has the same logits, simd: %s", async (simd) => {
    const command = [cross, "-std=c99", "-O1", processor, ...strict, "-static", "-DMODEL_SELF_TEST"];
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
    const trained = trainedOf(small);
    trained.weights.get("return.bias")![0] = Number.NaN;
    await expect(exportC(trained)).rejects.toThrow(
      expect.objectContaining({ code: "INVALID_DATA", message: expect.stringContaining("a weight is NaN") }),
    );
  });

  it("refuses a name that a header cannot have", async () => {
    await expect(exportC(trainedOf(small), { name: 'a"b' })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("writes strings of ASCII alone", () => {
    expect(stringLiteral('a"b\\c??/d\n7é')).toBe('"a\\042b\\134c\\077\\077/d\\0127\\303\\251"');
  });

  it("is the same each time", async () => {
    const trained = trainedOf(everything);
    expect(await exportC(trained, { golden: await goldenOf(trained) })).toEqual(await scalar);
  });
});
