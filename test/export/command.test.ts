import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compilerHere } from "../../src/backends/native/node/nativeOrWasm.ts";
import { detectFeatures } from "../../src/backends/wasm/features.ts";
import { exportWasm } from "../../src/export/wasm/exportWasm.ts";
import { openWasm } from "../../src/export/wasm/openWasm.ts";
import { encodePng } from "../../src/image/encodePng.ts";
import { encodeModel, exportOnnx, importOnnx, TrainedModel } from "../../src/index.ts";
import { openRun, readRun } from "../../src/node.ts";
import { printed } from "../cli/printed.ts";
import { runCommand } from "../cli/program.ts";
import { type CommandLine, commandLine } from "../runs/cli.ts";
import { hasOnnx, python } from "./python.ts";

// One export is to fail.
vi.mock("../../src/export/wasm/exportWasm.ts", { spy: true });
const original = await vi.importActual<typeof import("../../src/export/wasm/exportWasm.ts")>(
  "../../src/export/wasm/exportWasm.ts",
);

interface Seen {
  readonly label: string;
  readonly ranking: readonly { readonly label: string; readonly probability: number }[];
}
const noise = Uint8Array.from({ length: 600 }, (_, i) => (i * 7919) % 256);

/** The model with weights a little larger. */
const changed = ({ model, weights }: TrainedModel): TrainedModel =>
  new TrainedModel(model, new Map([...weights].map(([name, values]) => [name, values.map((value) => 1.01 * value)])));

let cli: CommandLine;
const at = (...names: string[]) => join(cli.folder, ...names);
beforeAll(async () => {
  cli = await commandLine();
  const training = ["train", at("bars.inkling"), "--recipe", "small.mjs", "--steps", "40", "--out", "run"];
  expect((await cli.inkling(training)).code).toBe(0);
});
afterAll(() => cli.remove());

/** Runs a command in this process. Rejects with what it throws. */
const inkling = (...args: readonly string[]) => printed(() => runCommand(args));

describe("inkling export", () => {
  it("writes a model that it has compared on the test images, and that predict and train take", async () => {
    const { stdout, code, stderr } = await cli.inkling([
      ...["export", "run", "model.onnx", "--license", "CC0-1.0", "--json"],
    ]);
    expect(code, stderr).toBe(0);
    const run = await readRun(at("run"));
    const { accuracy, count } = run.result!.test;
    const bytes = readFileSync(at("model.onnx"));
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ model: "run", target: "model.onnx", form: "onnx", bytes: bytes.length },
      agreement: { images: count, equalAnswers: count, accuracy: [accuracy, accuracy] },
    });
    const read = importOnnx(bytes);
    expect(read).toMatchObject({ run: "run", license: "CC0-1.0", weightsSha256: run.result!.weightsSha256 });
    expect(read.golden.map(({ label }) => label)).toEqual(read.trained.model.classes.map((_, k) => k));
    const training = ["train", "bars.inkling", "--recipe", "small.mjs", "--steps", "2", "--out", "next"];
    const next = await cli.inkling([...training, "--init-from", "model.onnx"]);
    expect(next.code, next.stderr).toBe(0);
  });

  it("writes what evaluate scores as it scores the run, given a data set", async () => {
    await inkling("export", at("run"), at("scored.onnx"));
    const score = (model: string) => inkling("evaluate", at(model), at("others.inkling"), "--json");
    const { confusion } = JSON.parse((await score("run")).stdout);
    const { stdout, stderr } = await score("scored.onnx");
    const scored = JSON.parse(stdout);
    expect(scored.confusion).toEqual(confusion);
    expect(scored.steps).toBeUndefined();
    expect(stderr).toContain("Train/test duplicates were not counted");
    await expect(inkling("evaluate", at("scored.onnx"))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("scored.onnx is a file; name a data set to score its model on"),
    });
  });

  it("writes what predict takes", async () => {
    writeFileSync(at("noise.png"), encodePng(noise, [20, 30, 1]));
    await inkling("export", at("run"), at("predicts.onnx"));
    const predict = async (model: string): Promise<Seen> =>
      JSON.parse((await inkling("predict", at(model), at("noise.png"), "--json")).stdout).pictures[0];
    const [own, others] = [await predict("run"), await predict("predicts.onnx")];
    expect(others.label).toBe(own.label);
    for (const [k, { label, probability }] of others.ranking.entries()) {
      expect(label).toBe(own.ranking[k]!.label);
      expect(probability).toBeCloseTo(own.ranking[k]!.probability, 5);
    }
  });

  it("writes WebAssembly that verify finds right", async () => {
    const { stdout } = await inkling("export", at("run"), at("model.wasm"), "--relaxed", "--json");
    const run = await readRun(at("run"));
    const { accuracy, count } = run.result!.test;
    const { goldenVectors, agreement, ...figures } = JSON.parse(stdout);
    expect(agreement).toMatchObject({ images: count, equalAnswers: count, accuracy: [accuracy, accuracy] });
    if (detectFeatures().fma) expect(agreement.difference).toBe(0);
    const bytes = readFileSync(at("model.wasm"));
    const { classifier, golden } = openWasm(bytes);
    expect(figures).toMatchObject({ form: "wasm", bytes: bytes.length, microsecondsPerImage: expect.any(Number) });
    expect(golden).toHaveLength(goldenVectors);
    const { classes } = run.config.model;
    expect(classifier.metadata).toMatchObject({ run: "run", classes, weightsSha256: run.result!.weightsSha256 });
    const verified = await inkling("verify", at("model.wasm"), at("run"), "--json");
    expect(JSON.parse(verified.stdout)).toMatchObject({ form: "wasm", goldenVectors, agreement });
  });

  it("writes an npm package that verify finds right, into a folder, and a card", async () => {
    const { stdout } = await inkling("export", at("run"), `${at("bars-classifier")}/`, "--json");
    const run = await readRun(at("run"));
    const { accuracy, count } = run.result!.test;
    const { bytes, ...said } = JSON.parse(stdout);
    const agreement = { images: count, equalAnswers: count, accuracy: [accuracy, accuracy] };
    expect(said).toMatchObject({ form: "npm", agreement, microsecondsPerImage: expect.any(Number) });
    if (detectFeatures().fma) expect(said.agreement.difference).toBe(0);
    const files = readdirSync(at("bars-classifier"));
    const contents = files.map((name) => readFileSync(at("bars-classifier", name)));
    expect(contents.reduce((sum, { length }) => sum + length, 0)).toBe(bytes);
    expect(JSON.parse(readFileSync(at("bars-classifier", "package.json"), "utf8")).name).toBe("bars-classifier");
    await inkling("verify", at("bars-classifier"), at("run"));
    await expect(inkling("export", at("run"), at("bars-classifier"))).rejects.toThrow("already exists");
    writeFileSync(at("bars-classifier", "mine.txt"), "mine");
    await inkling("export", at("run"), at("bars-classifier"), "--force");
    expect(readdirSync(at("bars-classifier"))).toEqual([...files, "mine.txt"].sort());

    await inkling("export", at("run"), at("CARD.md"));
    const card = readFileSync(at("CARD.md"), "utf8");
    expect(card).toContain(`value: ${accuracy}`);
    expect(card).toContain(run.result!.weightsSha256);
    await expect(inkling("verify", at("CARD.md"), at("run"))).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("keeps nothing that differs from the model, and verify finds what does", async () => {
    vi.mocked(exportWasm).mockImplementationOnce((trained, options) => original.exportWasm(changed(trained), options));
    await expect(inkling("export", at("run"), at("wrong.wasm"))).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringMatching(/wrong\.wasm is not written: on the images that it carries its logits differ/),
    });
    expect(existsSync(at("wrong.wasm"))).toBe(false);

    const other = changed((await openRun(at("run"))).trained);
    writeFileSync(at("other.wasm"), (await exportWasm(other)).bytes);
    writeFileSync(at("other.onnx"), await exportOnnx(other));
    for (const name of ["other.wasm", "other.onnx"])
      await expect(inkling("verify", at(name), at("run"))).rejects.toMatchObject({
        code: "INVALID_DATA",
        message: expect.stringMatching(`${name}: on the test images its logits differ.*; .* with --weights best$`),
      });
    await expect(inkling("verify", at("other.onnx"), at("other.wasm"))).rejects.toThrow(/cannot be read as a model; /);
    writeFileSync(at("broken.wasm"), readFileSync(at("other.wasm")).subarray(0, 500));
    await expect(inkling("verify", at("broken.wasm"), at("run"))).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining("broken.wasm: WebAssembly file: this engine cannot run it"),
    });
  });

  it("replaces a file only when forced, and refuses a name that says no form", async () => {
    writeFileSync(at("there.onnx"), "mine");
    await expect(inkling("export", at("run"), at("there.onnx"))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("there.onnx already exists"),
    });
    expect(readFileSync(at("there.onnx"), "utf8")).toBe("mine");
    await inkling("export", at("run"), at("there.onnx"), "--force");
    expect(importOnnx(readFileSync(at("there.onnx"))).run).toBe("run");
    await expect(inkling("export", at("run"), at("model.bin"))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("end it in .onnx, .c, .wasm or .md, or in / for an npm package"),
    });
    expect(existsSync(at("model.bin"))).toBe(false);
    await inkling("export", at("run"), at("model.bin"), "--to", "onnx");
    expect(importOnnx(readFileSync(at("model.bin"))).run).toBe("run");
  });

  it("refuses an option of another form, a folder with other files, and to work without room for its own", async () => {
    const refused = (message: string, ...args: string[]) =>
      expect(inkling("export", at("run"), ...args)).rejects.toMatchObject({
        message: expect.stringContaining(message),
      });
    await refused("--simd is an option of the form c, not of onnx", at("no.onnx"), "--simd");
    await refused("contains other files, and no package to replace", at("run"), "--force");
    await refused("is a folder; name a file in it", at("run"), "--to", "onnx");
    await refused("does not exist or cannot be written to", at("no", "where", "no.onnx"));
    vi.stubEnv("TMPDIR", at("nowhere"));
    await refused("set TMPDIR to a folder for temporary files", at("package/")).finally(() => vi.unstubAllEnvs());
    expect(existsSync(at("package"))).toBe(false);
  });

  it("exports a file, and a run whose data are gone, after comparing them on noise", async () => {
    const file = await inkling("export", at("run", "model.safetensors"), at("file.onnx"), "--json");
    expect(file.stderr).toContain("Not compared on test images");
    expect(JSON.parse(file.stdout)).toMatchObject({ noise: { images: 32, equalAnswers: 32 }, goldenVectors: 0 });
    await inkling("verify", at("file.onnx"), at("run", "model.safetensors"));
    const { trained } = await openRun(at("run"));
    writeFileSync(at("other.safetensors"), encodeModel(changed(trained)));
    const named = new TrainedModel(
      { ...trained.model, classes: trained.model.classes.map((name) => `${name}!`) },
      trained.weights,
    );
    writeFileSync(at("named.safetensors"), encodeModel(named));
    const cases = {
      "other.safetensors": "on images of noise its logits differ",
      "named.safetensors": "its class names",
    };
    for (const [name, message] of Object.entries(cases))
      await expect(inkling("verify", at("file.onnx"), at(name))).rejects.toMatchObject({
        code: "INVALID_DATA",
        message: expect.stringContaining(message),
      });
    await rename(at("bars.inkling"), at("moved.inkling"));
    const moved = await inkling("export", at("run"), at("gone.onnx"));
    await rename(at("moved.inkling"), at("bars.inkling"));
    expect(moved.stderr).toContain("Not compared on test images");
    expect(importOnnx(readFileSync(at("gone.onnx"))).golden).toEqual([]);
  });

  const compiler = compilerHere();
  it.skipIf(typeof compiler === "string")(
    "writes C that it has compiled and compared, and that runs as documented",
    async () => {
      const { stdout } = await inkling("export", at("run"), at("model.c"), "--json");
      const { accuracy, count } = (await readRun(at("run"))).result!.test;
      const exact = typeof compiler !== "string" && compiler.fma && detectFeatures().fma;
      expect(JSON.parse(stdout)).toMatchObject({
        ...{ target: at("model.c"), form: "c", ramBytes: expect.any(Number), microsecondsPerImage: expect.any(Number) },
        agreement: {
          images: count,
          equalAnswers: count,
          accuracy: [accuracy, accuracy],
          ...(exact && { difference: 0 }),
        },
      });
      const again = await inkling("export", at("run"), at("model.c"), "--simd", "--force");
      expect(again.stdout).toContain("working memory");
      const docs = readFileSync(join(import.meta.dirname, "../../docs/export.md"), "utf8");
      const [, example] = /```c\n([\s\S]*?)```/.exec(docs)!;
      writeFileSync(at("main.c"), example!);
      const built = spawnSync("cc", ["-std=c99", "-O2", "main.c", "model.c", "-lm", "-o", "main"], {
        cwd: cli.folder,
        encoding: "utf8",
      });
      expect(built).toMatchObject({ status: 0, stderr: "" });
      const header = readFileSync(at("model.h"), "utf8");
      const [, height, width] = /_HEIGHT +(\d+)[\s\S]*_WIDTH +(\d+)/.exec(header)!;
      writeFileSync(at("image.gray"), new Uint8Array(Number(height) * Number(width)));
      const said = spawnSync(at("main"), ["image.gray"], { cwd: cli.folder, encoding: "utf8" });
      expect(said.stdout).toMatch(/^\S+ +\d+\.\d %\n$/);
    },
  );

  it.skipIf(!hasOnnx)("is used in Python as the documentation shows", async () => {
    await inkling("export", at("run"), at("model.onnx"), "--force");
    const docs = readFileSync(join(import.meta.dirname, "../../docs/export.md"), "utf8");
    const [, example] = /```python\n([\s\S]*?)```/.exec(docs)!;
    const { stdout, stderr } = spawnSync(python, ["-c", example!], { cwd: cli.folder, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^(\S+: \S+ \(\d\.\d{3}\)\n)+$/);
  });
});
