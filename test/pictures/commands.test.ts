import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seePicture } from "../../src/evaluation/classify.ts";
import {
  decodeModel,
  dense,
  encodeModel,
  flatten,
  learnPreparation,
  network,
  TrainedModel,
  train,
} from "../../src/index.ts";
import { resizeOnly } from "../../src/pictures/preparation.ts";
import { type Finished, finish, Inkling } from "../cli/inkling.ts";
import { calibrated } from "../export/networks.ts";
import { png } from "../sources/files.ts";
import { datasetOf, testPictures } from "./pictures.ts";

const all = testPictures();
let inkling: Inkling;
beforeAll(async () => {
  inkling = new Inkling();
  // One pixel is another in each image: those with the same pixels would have to stay together.
  const bars = datasetOf(60, 12, (n, x, y) =>
    n % 2 === 0 || (x > 3 && x < 8) || y < 2 ? 255 - Number(x === 5 && y === 5) * n : 0,
  );
  const model = network({ input: bars.imageShape, classes: ["A", "B"] }, [flatten(), dense(2)]);
  // There are only two different images.
  const { weights } = await train(model, bars, { steps: 5, seed: 1, split: { keepTogether: "none" } }).model();
  const trained = new TrainedModel(model, weights, undefined, {
    ...learnPreparation(bars),
    background: "dark",
    crop: true,
  });
  writeFileSync(join(inkling.cwd, "model.safetensors"), encodeModel(trained));
  mkdirSync(join(inkling.cwd, "scans", "more"), { recursive: true });
  for (const { name, path } of all.slice(0, 3)) copyFileSync(path, join(inkling.cwd, "scans", name));
  copyFileSync(all[3]!.path, join(inkling.cwd, "scans", "more", all[3]!.name));
  writeFileSync(join(inkling.cwd, "scans", "broken.png"), "no picture");
  writeFileSync(join(inkling.cwd, "scans", "notes.txt"), "not looked at");
});
afterAll(() => inkling?.remove());

const predict = (...args: readonly string[]) => inkling.run("predict", "model.safetensors", ...args);
const names = ({ stdout }: Finished): readonly string[] =>
  JSON.parse(stdout).pictures.map(({ name }: { readonly name: string }) => name);

describe("inkling predict", () => {
  it("says a class, its probability and the next best for each picture of a folder, and names what it cannot read", async () => {
    const { code, stdout, stderr } = await predict("scans");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toMatch(/^scans\/\S+ +[AB] +\d+\.\d % {3}next [AB] \d+\.\d %$/);
    expect(stderr).toBe(
      "scans/broken.png: this is not a PNG, JPEG, WebP, GIF, BMP, TIFF or PNM picture; convert it to one of them\n1 of 5 pictures unreadable\n",
    );
  });

  it("judges a 16-bit picture by the range of values that the model was trained with", async () => {
    const trained = decodeModel(readFileSync(join(inkling.cwd, "model.safetensors")));
    const scan = new TrainedModel(trained.model, trained.weights, undefined, {
      ...resizeOnly,
      values: { of: "pictures", range: [0, 1023] },
    });
    const dim = Array.from({ length: 12 }, () =>
      Array.from({ length: 12 }, (_, x) => (x < 6 ? [0, 0] : [3, 255])).flat(),
    );
    const bytes = png(12, dim, { depth: 16 });
    expect((await seePicture(scan, bytes, {})).blank).toBe(false);
    const plain = new TrainedModel(trained.model, trained.weights, undefined, resizeOnly);
    expect((await seePicture(plain, bytes, {})).blank).toBe(true);
  });

  it("answers a blank picture by saying so first", async () => {
    const blank = Array.from({ length: 40 }, () => new Array<number>(40).fill(250));
    const bar = blank.map((row) => row.map((value, x) => (x > 15 && x < 25 ? 0 : value)));
    writeFileSync(join(inkling.cwd, "blank.png"), png(40, blank));
    writeFileSync(join(inkling.cwd, "bar.png"), png(40, bar));
    const { stdout } = await predict("blank.png", "bar.png");
    expect(stdout).toMatch(/^blank\.png +no ink found: the picture is blank \(the network's answer would be [AB] \d/);
    expect(stdout).toMatch(/^bar\.png +[AB] +\d+\.\d %/m);
    const { pictures } = JSON.parse((await predict("blank.png", "bar.png", "--json")).stdout);
    expect(pictures.map(({ blank = false }) => blank)).toEqual([true, false]);
  });

  it("says don't know where it is asked to and not certain enough, and lists what a picture may be", async () => {
    const trained = decodeModel(readFileSync(join(inkling.cwd, "model.safetensors")));
    writeFileSync(join(inkling.cwd, "calibrated.safetensors"), encodeModel(calibrated(trained)));
    const ask = (...args: readonly string[]) => inkling.run("predict", "calibrated.safetensors", "scans", ...args);
    const { stdout, stderr } = await ask("--target-accuracy", "60%", "--coverage", "0.9");
    expect(stderr).toMatch(
      /Answers from a confidence of \d+\.\d %, as \d+\.\d % of the validation images had: at least 60\.0 %/,
    );
    expect(stderr).toContain("Sets contain the right class at least 90.0 % of the time (lac)");
    for (const line of stdout.trimEnd().split("\n"))
      expect(line).toMatch(
        / {2}([AB] +\d+\.\d % {3}next [AB] \d+\.\d %|don't know \([AB] .* %\)) {3}set \{[AB](, [AB])?\}$/,
      );
    const { answers, pictures } = JSON.parse((await ask("--target-accuracy", "60%", "--json")).stdout);
    for (const { answered, probability } of pictures) expect(answered).toBe(probability >= answers.threshold);
    expect((await predict("scans", "--coverage", "95%")).stderr).toContain("the model has no calibration");
    expect((await ask("--coverage", "100%")).stderr).toContain(
      "expected a percentage above 0% and below 100%, such as 99%",
    );
    expect(await ask("--conformal", "aps")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("add --coverage"),
    });
    expect((await ask("--coverage", "99%")).stderr).toContain("there are 60 validation images");
  });

  it("takes globs, files and names in their order", async () => {
    const { name } = all[1]!;
    expect(names(await predict("scans/A*.{jpg,png}", `scans/${name}`, "--json"))).toEqual([
      `scans/${all[0]!.name}`,
      `scans/${name}`,
      `scans/${name}`,
    ]);
    expect(names(await predict("scans/**/B*.*", "--json"))).toHaveLength(2);
  });

  it("loads nothing of what trains and of what opens data sets, and help next to nothing", async () => {
    const help = await inkling.modules("--help");
    expect(help).toEqual([
      "base/error.js",
      "base/formatVersion.js",
      "base/json.js",
      "base/memory.js",
      "base/node/addressSpace.js",
      "base/node/systemError.js",
      "base/printable.js",
      "cli/commands.js",
      "cli/interrupt.js",
      "cli/main.js",
      "cli/output.js",
    ]);
    const modules = await inkling.modules("predict", "model.safetensors", `scans/${all[0]!.name}`);
    expect(modules).toContain("cli/predict/predict.js");
    const others = /^(training|datasets|formats|optimizers|audit|report\/node)\//;
    expect(modules.filter((path) => others.test(path))).toEqual([
      "training/optionText.js",
      "training/weightsSha256.js",
    ]);
    const unused = /^index|^node|differentiate|native\/render|interpret\/interpret/;
    expect(modules.filter((path) => unused.test(path))).toEqual([]);
  });

  it("reads standard input", async () => {
    const child = spawn(process.execPath, [inkling.main, "predict", "model.safetensors", "-", "--json"], {
      cwd: inkling.cwd,
    });
    child.stdin.end(all[0]!.bytes);
    const finished = await finish(child);
    expect(names(finished)).toEqual(["-"]);
  });

  it("prints one JSON object", async () => {
    const { stdout } = await predict("scans/more", "--json", "--top", "1", "--explain");
    const steps = expect.arrayContaining([expect.stringContaining("pixels")]);
    expect(JSON.parse(stdout)).toEqual({
      formatVersion: 1,
      model: "model.safetensors",
      pictures: [
        {
          name: `scans/more/${all[3]!.name}`,
          label: expect.any(String),
          probability: expect.any(Number),
          ranking: [expect.anything()],
          steps,
        },
      ],
      unreadable: [],
      seconds: expect.any(Number),
    });
  });

  it("explains each step, and does it as it is told", async () => {
    const picture = `scans/${all[0]!.name}`;
    expect((await predict(picture, "--explain")).stdout).toContain("    stretched to 12 × 12\n");
    const contained = await predict(picture, "--explain", "--fit", "contain", "--polarity", "keep", "--no-crop");
    expect(contained.stdout).toContain(": kept\n");
    expect(contained.stdout).toContain("    fitted into 12 × 12");
    expect(contained.stdout).not.toContain("cropped");
  });

  it("saves what the network saw", async () => {
    const { code } = await predict("scans", "--contact-sheet", "seen.png");
    expect(code).toBe(0);
    expect(readFileSync(join(inkling.cwd, "seen.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  it.each([
    [
      ["scans/broken.png", "nowhere.png", "*.webp"],
      1,
      "inkling: no picture could be read; specify PNG, JPEG, WebP, GIF, BMP, TIFF or PNM files",
    ],
    [
      ["scans", "--margin", "2"],
      2,
      "inkling: prepare: --margin is 2, expected a fraction of the side, at least 0 and below 0.5",
    ],
    [["scans", "--fit", "tight"], 2, "Allowed choices are stretch, contain, cover."],
    [["scans", "--like", "nowhere"], 1, "data set nowhere was not found"],
    [[], 2, "missing required argument 'image'"],
  ])("%j ends with exit code %i and a line", async (args, code, line) => {
    const finished = await predict(...args);
    expect(finished.code, finished.stderr).toBe(code);
    expect(finished.stderr).toContain(line);
    expect(finished.stderr).not.toContain("    at ");
  });

  it("says what a model is where there is none, and where it is damaged", async () => {
    expect((await inkling.run("predict", "nothing", "scans")).stderr).toBe(
      "inkling: nothing does not exist; specify the folder of a run, such as runs/lenet-letters-1, or a .safetensors or .onnx file\n",
    );
    const damaged = await inkling.run("predict", "scans/notes.txt", "scans");
    expect(damaged).toMatchObject({ code: 1, stdout: "" });
    expect(damaged.stderr).toMatch(/^inkling: scans\/notes\.txt: weights file: /);
  });
});
