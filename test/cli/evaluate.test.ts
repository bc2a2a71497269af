import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Audit, auditRecord } from "../../src/audit/index.ts";
import { evaluateCommand } from "../../src/cli/evaluate/evaluate.ts";
import { type PredictCommandOptions, predictCommand } from "../../src/cli/predict/predict.ts";
import { answerImages, answerShifted, probabilitiesOf } from "../../src/evaluation/index.ts";
import { encodePng } from "../../src/image/encodePng.ts";
import { decodeModel, encodeModel, type Fix, fingerprint, imageDigests, TrainedModel } from "../../src/index.ts";
import { openDataset, openRun, writeFixes } from "../../src/node.ts";
import { type CommandLine, commandLine } from "../runs/cli.ts";
import { bars } from "../training/data.ts";
import { printed } from "./printed.ts";

let cli: CommandLine;
const at = (...names: readonly string[]) => join(cli.folder, ...names);

async function ok(...args: readonly string[]) {
  const { stdout, stderr, code } = await cli.inkling(args);
  expect(code, stderr).toBe(0);
  return { json: args.includes("--json") ? JSON.parse(stdout) : undefined, stdout, stderr };
}

/** The JSON that a command prints. */
const jsonOf = async (command: () => Promise<void>) => JSON.parse((await printed(command)).stdout);

const pictures = bars(8, { stream: 2 });
/** Writes the pictures as PNG files, in a folder for each class. */
function writePictures(folder: string): void {
  for (const [n, label] of pictures.labels.entries()) {
    mkdirSync(at(folder, pictures.classNames[label]!), { recursive: true });
    const png = encodePng(pictures.images.slice(64 * n, 64 * (n + 1)), [8, 8, 1]);
    writeFileSync(at(folder, pictures.classNames[label]!, `${n}.png`), png);
  }
}

beforeAll(async () => {
  cli = await commandLine();
  await ok(
    ...["train", "bars.inkling", "--recipe", "small.mjs", "--steps", "20", "--validation-size", "0.3", "--out", "run"],
  );
});
afterAll(() => cli?.remove());

describe("inkling evaluate", () => {
  it("reports everything, with the temperature of the run", async () => {
    const { json, stdout } = await ok("evaluate", "run", "--json");
    const { result } = JSON.parse(readFileSync(at("run", "run.json"), "utf8"));
    const { report } = json;
    expect(report).toMatchObject({ count: json.testImages, accuracy: json.testAccuracy, interval: json.testInterval });
    expect(report.confusion.counts).toEqual(json.confusion);
    expect(report.probabilities.before).toMatchObject({ temperature: 1 });
    expect(report.probabilities.before.logLoss.value).toBeCloseTo(json.loss, 5);
    expect(report.probabilities.after.temperature).toBe(result.temperature);
    expect(report.twins.without).toEqual(json.testWithoutTwins);
    expect(report.thresholds.validationImages).toBe(60);
    expect(report.thresholds.sets.map(({ coverage }: { readonly coverage: number }) => coverage)).toEqual(
      [0.9, 0.95, 0.9, 0.95], // 60 images are too few for 0.99
    );
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect((await ok("evaluate", "run")).stdout).toMatch(/^calibration error +\d+\.\d % +\d+\.\d–\d+\.\d %$/m);
  });

  it("refuses images of other classes, of a folder before it reads them", async () => {
    mkdirSync(at("pets", "cat"), { recursive: true });
    mkdirSync(at("pets", "dog"));
    for (const name of ["cat", "dog"]) writeFileSync(at("pets", name, "1.png"), "not read");
    const { stderr, code } = await cli.inkling(["evaluate", "run", "pets"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "inkling: pets has images of cat, dog, but run knows A, B, C, D; use images of these, or train on all of them\n",
    );
  });

  it("calibrates a run from before trainings did so, to the bytes that they write now", async () => {
    const file = at("run", "model.safetensors");
    const [before, record] = [readFileSync(file), readFileSync(at("run", "run.json"), "utf8")];
    const { model, weights, preparation } = decodeModel(before);
    const former = JSON.parse(record);
    delete former.result.temperature;
    writeFileSync(file, encodeModel(new TrainedModel(model, weights, undefined, preparation)));
    writeFileSync(at("run", "run.json"), JSON.stringify(former));
    expect((await ok("evaluate", "run", "--json")).json.report.probabilities.after.temperature).toBe(1);
    expect((await cli.inkling(["predict", "run", "x.png", "--coverage", "90%"])).stderr).toContain(
      "inkling evaluate RUN --calibrate adds one to a run",
    );
    const { stderr } = await ok("evaluate", "run", "--calibrate");
    expect(stderr).toContain("calibrated on 60 validation images, kept with the last weights: temperature");
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(JSON.parse(readFileSync(at("run", "run.json"), "utf8"))).toEqual(JSON.parse(record));
    expect((await cli.inkling(["evaluate", "run/model.safetensors", "bars.inkling", "--calibrate"])).stderr).toContain(
      "run/model.safetensors is a file; --calibrate is for the folder of a run",
    );
  });

  it("scores a source before and after its corrections, and by the columns of a table", async () => {
    const data = await openDataset(at("bars.inkling"));
    const [first, second] = await imageDigests(data, [0, 1]);
    const label = (row: number) => data.classNames[data.labels[row]!]!;
    const fixes: readonly Fix[] = [
      { action: "drop", sha256: first!, label: label(0) },
      { action: "relabel", to: "C", sha256: second!, label: label(1) },
    ];
    await writeFixes(at("two.json"), { imageShape: data.imageShape, fixes });
    const { json, stderr } = await ok("evaluate", "run", "bars.inkling", "--fixes", "two.json", "--json");
    expect(stderr).toMatch(/With 1 label corrected and 1 image dropped the accuracy is \d+\.\d %, without \d+\.\d %/);
    const { labelFixes } = json.report;
    expect(labelFixes).toMatchObject({ relabeled: 1, dropped: 1, before: { count: 200 } });
    expect(labelFixes.after).toEqual({ count: 199, accuracy: json.testAccuracy, interval: json.testInterval });
    expect((await cli.inkling(["evaluate", "run", "bars.inkling", "--metadata", "two.csv"])).stderr).toContain(
      data.names ? "two.csv cannot be read" : "--metadata tells images apart by the names of their files",
    );
  });

  it("has the accuracy by the columns of a table that names the files, with fewer folders or more", async () => {
    writePictures("scans");
    writeFileSync(
      at("scanners.csv"),
      "file,scanner,year\n0.png,old,1990\nB/1.png, new ,2001\n2.png,old,\nother.png,new,1\n",
    );
    const json = await jsonOf(() =>
      evaluateCommand([at("run"), at("scans")], {
        ...{ weights: "last", duplicates: "pixels", threads: 1, json: true, metadata: at("scanners.csv") },
      }),
    );
    const counts = Object.fromEntries(
      json.report.slices.map(({ by, values }: { by: string; values: { value: string; count: number }[] }) => [
        by,
        Object.fromEntries(values.map(({ value, count }) => [value, count])),
      ]),
    );
    expect(counts).toMatchObject({
      scanner: { old: 2, new: 1, "(none)": 5 },
      year: { 1990: 1, 2001: 1, "(none)": 6 },
    });
  });

  it("scores the images with the labels that an audit suggests", async () => {
    const data = await openDataset(at("bars.inkling"));
    const { imageShape, classNames } = data;
    const [sha256] = await imageDigests(data, [0]);
    const label = classNames[data.labels[0]!]!;
    const suggested = classNames.find((name) => name !== label)!;
    const audit: Audit = {
      ...{ source: "bars.inkling", fingerprint: await fingerprint(data), images: 200, imageShape, classNames },
      ...{ recipe: "fast", folds: 4, steps: 1, seed: 1, backend: "wasm", arithmetic: "fma", accuracy: 1, noise: 0 },
      ...{ kept: 0, thresholds: classNames.map(() => 0.5), joint: classNames.map(() => classNames.map(() => 0)) },
      suspects: [
        {
          ...{ kind: "labelError", row: 0, sha256: sha256!, label, suggested, margin: -0.5 },
          probabilities: classNames.map((name) => Number(name === suggested)),
        },
      ],
    };
    writeFileSync(at("audit.json"), JSON.stringify(auditRecord(audit)));
    const { json } = await ok("evaluate", "run", "bars.inkling", "--audit", "audit.json", "--json");
    const { relabeled, dropped, before, after } = json.report.labelFixes;
    expect({ relabeled, dropped }).toEqual({ relabeled: 1, dropped: 0 });
    expect(before).toEqual({ count: 200, accuracy: json.testAccuracy, interval: json.testInterval });
    expect(Math.abs(after.accuracy - before.accuracy)).toBeLessThan(1 / 199);
  });
});

describe("inkling predict --tta shifts", () => {
  const predict = async (options: Partial<PredictCommandOptions>) => {
    const names = [at("shifted", "A", "0.png"), at("shifted", "B", "1.png")];
    return jsonOf(() => predictCommand(at("run"), names, { backend: "wasm", json: true, ...options }));
  };

  it("answers by the mean over the shifts of each picture, as evaluate does", async () => {
    writePictures("shifted");
    const [plain, shifted] = [await predict({}), await predict({ tta: "shifts" })];
    expect([plain.tta, shifted.tta]).toEqual([undefined, "shifts"]);
    const { trained } = await openRun(at("run"));
    const { classes } = trained.model;
    const data = { width: 8, height: 8, channels: 1 } as const;
    for (const [n, { ranking }] of shifted.pictures.entries()) {
      const { image } = trained.prepare({ ...data, data: pictures.images.slice(64 * n, 64 * (n + 1)) });
      const one = { ...pictures, images: image.pixels, labels: pictures.labels.slice(n, n + 1) };
      const mean = await answerShifted(one, (dataset) => answerImages(trained, dataset), trained.scaling);
      const { probabilities } = probabilitiesOf(mean.logits, mean.labels, classes.length);
      for (const { label, probability } of ranking)
        expect(probability).toBeCloseTo(probabilities[classes.indexOf(label)]!, 6);
      expect(ranking).not.toEqual(plain.pictures[n].ranking);
    }
  });

  it("promises nothing for thresholds that were measured without", async () => {
    for (const options of [{ targetAccuracy: 0.9 }, { coverage: 0.9 }])
      await expect(predict({ tta: "shifts", ...options })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("measured without --tta"),
      });
  });
});
