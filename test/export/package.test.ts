import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { decide, decisionsOf } from "../../src/evaluation/decisions.ts";
import { exportPackage, type PackageExportOptions } from "../../src/export/package/exportPackage.ts";
import type { Classifier } from "../../src/export/package/runtime.ts";
import { type Picture, TrainedModel } from "../../src/index.ts";
import { calibrated, everything, models, noise, randomFrom, randomWeights } from "./networks.ts";

enableRelaxedSimd();
const root = fileURLToPath(new URL("../../", import.meta.url));
const [, letters] = models[0]!;

const trainedOf = (model: typeof letters): TrainedModel => {
  const { weights, preparation } = randomWeights(model, randomFrom(1));
  return new TrainedModel(model, weights, wasmBackend(), preparation);
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkling-npm-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Installs a package into the project. */
async function install(trained: TrainedModel, options: PackageExportOptions & { readonly name: string }) {
  const path = join(folder, "node_modules", options.name);
  mkdirSync(path, { recursive: true });
  const { files } = await exportPackage(trained, options);
  for (const { name, contents } of files) writeFileSync(join(path, name), contents);
  return path;
}
const imported = async (path: string): Promise<Classifier> =>
  import(/* @vite-ignore */ pathToFileURL(join(path, "index.node.js")).href);

/** A dark stroke on a light background, in a photo of that size. */
function photo(width: number, height: number, channels: number): Picture {
  const random = randomFrom(width);
  const data = new Uint8ClampedArray(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    const isInk = Math.abs(x - y - width / 8) < width / 12 && Math.abs(x - width / 2) < width / 3;
    const isAlpha = channels === 4 && i % channels === 3;
    data[i] = isAlpha ? 255 : (isInk ? 40 : 200) + 20 * random();
  }
  return { width, height, channels, data };
}

describe("a model as an npm package", () => {
  it("gives the predictions of the model, of pictures and of prepared images", async () => {
    const trained = calibrated(trainedOf(letters));
    const { classify, labels, logits } = await imported(await install(trained, { name: "letters-1" }));
    expect(labels).toEqual(letters.classes);
    for (const picture of [photo(90, 70, 1), photo(200, 150, 3), photo(33, 64, 4), photo(28, 28, 1)])
      expect(classify(picture)).toEqual(await trained.predict(picture));
    const pixels = noise(letters, 1, randomFrom(2));
    expect(classify(pixels)).toEqual(await trained.predict(pixels));
    expect(logits(pixels)).toEqual(await trained.logits(pixels));
    const decisions = decisionsOf(trained, { coverage: 0.9 });
    const prediction = await trained.predict(pixels);
    expect(classify(pixels, { coverage: 0.9 })).toEqual({ ...prediction, ...decide(prediction, decisions, false) });
    expect(() => classify(pixels, { targetAccuracy: 0.999 })).toThrow("no confidence is high enough");
    expect(() => classify(pixels.subarray(1))).toThrow("the image has 783 bytes, expected (28, 28, 1)");
    expect(() => classify({ width: 5, height: 5, data: pixels })).toThrow("picture: it has 784 bytes");
  });

  it("is found right by publint and attw", async () => {
    const path = await install(trainedOf(everything), { name: "checked", license: "MIT" });
    const { messages } = await publint({ pkgDir: path, strict: true });
    expect(messages).toEqual([]);
    const packed = spawnSync("npm", ["pack", "--pack-destination", folder], { cwd: path, encoding: "utf8" });
    expect(packed.status, packed.stderr).toBe(0);
    const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz"))!);
    const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
    const args = [attw, tarball, "--profile", "esm-only", "--no-color", "--exclude-entrypoints", "./model.wasm"];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status, stdout).toBe(0);
  });

  it("has types that name the classes, with and without those of a page", async () => {
    await install(trainedOf(letters), { name: "letters-1" });
    writeFileSync(
      join(folder, "program.ts"),
      `import { classify, type Label, labels } from "letters-1";
const { label, probability, ranking } = classify(new Uint8Array(784));
const all: readonly ("A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J")[] = labels;
const one: Label = label;
// @ts-expect-error: it is not a class
const other: Label = "K";
console.log(all, one, other, probability.toFixed(2), ranking[0]!.label);
`,
    );
    writeFileSync(join(folder, "page.ts"), 'import { classify } from "letters-1";\nclassify(new ImageData(3, 4));\n');
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const check = (file: string, libraries: string) =>
      spawnSync(
        process.execPath,
        [
          compiler,
          "--noEmit",
          "--strict",
          "--module",
          "nodenext",
          "--target",
          "es2023",
          "--types",
          "",
          "--lib",
          libraries,
          file,
        ],
        { cwd: folder, encoding: "utf8" },
      ).stdout;
    const withConsole = "declare const console: { log(...values: unknown[]): void };\n";
    writeFileSync(join(folder, "program.ts"), withConsole + readFileSync(join(folder, "program.ts"), "utf8"));
    expect(check("program.ts", "es2023")).toBe("");
    expect(check("page.ts", "es2023,dom")).toBe("");
  });

  it("has little code", async () => {
    const path = await install(trainedOf(letters), { name: "letters-1" });
    const code = ["index.js", "runtime.js"].map((name) => readFileSync(join(path, name)));
    expect(gzipSync(Buffer.concat(code), { level: 9 }).length).toBeLessThan(9_300);
  });

  it("is refused a name that npm does not allow", async () => {
    for (const name of ["Upper", "a b", "", "../up", ".hidden", "x".repeat(215)])
      await expect(exportPackage(trainedOf(everything), { name })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
