import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { type CompareCommandOptions, compareCommand } from "../../src/cli/compare/compare.ts";
import { ensembleCommand } from "../../src/cli/ensemble/ensemble.ts";
import { evaluateCommand } from "../../src/cli/evaluate/evaluate.ts";
import type { EvaluateCommandOptions } from "../../src/cli/evaluate/options.ts";
import { openClassifier, openModel } from "../../src/cli/openModel.ts";
import { backend, type Dataset, dense, encodeModel, flatten, network, sgd, train } from "../../src/index.ts";
import { createRun, openRun, savePack } from "../../src/node.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();

let folder = "";
const at = (name: string) => join(folder, name);
const data = bars(300);
const tests = bars(100, { stream: 1 });
const model = network({ input: [8, 8, 1], classes: data.classNames }, [flatten(), dense(4)]);

interface Training {
  readonly seed?: number;
  readonly steps?: number;
  /** The step at which it is stopped. */
  readonly stopAt?: number;
  /** The separate test set, or none: a part of the data is drawn. */
  readonly test?: Dataset | "drawn";
}

/** Trains a run in a folder of its own. */
async function aRun(name: string, { seed = 1, steps = 30, stopAt, test = tests }: Training = {}): Promise<string> {
  const separate = test !== "drawn";
  const run = await createRun(at(name), { source: at("bars.inkling"), ...(separate && { test: at("tests.inkling") }) });
  const options = { seed, steps, batchSize: 8, validateEvery: 0, backend: "wasm", optimizer: sgd(0.01), threads: 1 };
  const abort = new AbortController();
  const more = { ...(separate && { test }), ...(stopAt && { signal: abort.signal }) };
  try {
    const training = train(model, data, { ...options, ...more });
    if (stopAt) await training.setCallSize({ steps: 1 });
    for await (const event of training) {
      await run.record(event);
      if (event.type === "progress" && event.step >= stopAt!) abort.abort();
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  await run.close();
  return at(name);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "inkling-compare-"));
  await savePack(data, at("bars.inkling"));
  await savePack(tests, at("tests.inkling"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let written = { out: "", notes: "" };
beforeEach(() => {
  written = { out: "", notes: "" };
  for (const [stream, name] of [
    [process.stdout, "out"],
    [process.stderr, "notes"],
  ] as const)
    vi.spyOn(stream, "write").mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

async function compare(paths: readonly string[], options: Partial<CompareCommandOptions> = {}): Promise<string> {
  written = { out: "", notes: "" };
  await compareCommand(paths, { weights: "last", threads: 1, ...options });
  return written.out;
}

describe("inkling compare", () => {
  let [good, seeded, bad] = ["", "", ""];
  beforeAll(async () => {
    good = await aRun("good");
    seeded = await aRun("seeded", { seed: 2 });
    bad = await aRun("bad", { steps: 1 });
  });

  it("says which run is better, in one sentence, and on which images", async () => {
    const text = await compare([bad, good]);
    expect(text).toMatch(/^Compared on 100 images, the test images of both runs\n/);
    expect(text).toMatch(/good is better than \S+bad on such images: \d+\.\d % against .* points \(95 % interval/);
    expect(text).toMatch(/^Only \S+good is right on \d+ images, only \S+bad on \d+\.$/m);
    const json = JSON.parse(await compare([bad, good], { json: true }));
    const [{ counts, verdict, interval }] = json.comparisons;
    expect(verdict).toBe("better");
    expect(interval[0]).toBeGreaterThan(0);
    expect(json.disagreements).toHaveLength(counts.onlyFirst + counts.onlySecond);
    for (const { label, answers } of json.disagreements)
      expect(answers.filter((answer: string) => answer === label)).toHaveLength(1);
    expect(json.models.map((one: { weightsSha256: string }) => one.weightsSha256)).toEqual(
      await Promise.all([bad, good].map(async (path) => (await openRun(path)).result!.weightsSha256)),
    );
    expect(json.verdicts[0]).not.toMatch(/NaN|undefined/);
  });

  it("makes a page of it, with the images on which they differ", async () => {
    await compare([bad, good], { html: at("page.html") });
    const page = readFileSync(at("page.html"), "utf8");
    const text = page.replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, "").replaceAll(/<[^>]+>/g, " ");
    for (const words of ["is better than", "By class:", "Settings in which", "steps", `${bad} ${good} --html`])
      expect(text.replaceAll(/\s+/g, " ")).toContain(words);
    expect(page.match(/<figure class="answered"/g)!.length).toBeGreaterThan(10);
    expect(text).not.toMatch(/NaN|undefined/);
    await compare([bad, good, seeded], { html: at("page.html") });
  });

  it("does not call a run better that differs in the seed alone", async () => {
    const text = await compare([good, seeded]);
    expect(text).not.toMatch(/is (better|worse)/);
    expect(text).toMatch(/^Another seed of the same setting moves the accuracy by \d/m);
    const grouped = JSON.parse(await compare([good, seeded, bad], { json: true }));
    expect(grouped.settings.map(({ runs }: { runs: unknown[] }) => runs.length)).toEqual([2, 1]);
    expect(grouped.comparisons[0]).toMatchObject({ test: "seeds", first: "A", second: "B" });
  });

  it("says what differs between runs with the same settings: seed, steps or nothing", async () => {
    // A run that was stopped: it has the settings of the other, and fewer steps.
    const stopped = await aRun("stopped", { stopAt: 1 });
    expect(await compare([stopped, good])).toMatch(
      /; their settings and seeds are the same, but it has 30 instead of 1 steps\.$/m,
    );
    expect(await compare([stopped, seeded])).not.toContain("Another seed of the same setting");
    cpSync(good, at("copied"), { recursive: true });
    expect(await compare([good, at("copied")])).toMatch(
      /copied and \S+good have the same weights, so they give the same answers\.\n$/,
    );
    await expect(compare([good, `${good}/`])).rejects.toThrow(/good\/ is given twice; compare takes different runs/);
    await expect(ensembleCommand([good, at("copied")], { out: at("twice.safetensors") })).rejects.toThrow(
      /good and \S+copied have the same weights; an ensemble takes models that differ/,
    );
    expect(existsSync(at("twice.safetensors"))).toBe(false);
  });

  it("closes the gate with exit code 3 for a run that is worse, or not good enough", async () => {
    expect(await compare([good, bad], { gate: true })).toMatch(/^The gate is closed: \S+bad is worse than/m);
    expect(process.exitCode).toBe(3);
    process.exitCode = 0;
    expect(await compare([good, seeded], { gate: true, minAccuracy: 0.5 })).toMatch(/^The gate is open: /m);
    expect(process.exitCode).toBe(0);
    const json = JSON.parse(await compare([good, seeded], { gate: true, minAccuracy: 1, json: true }));
    expect(json.gate).toMatchObject({
      open: false,
      failures: [expect.stringMatching(/but --min-accuracy is 100\.0 %/)],
    });
    expect(process.exitCode).toBe(3);
    await expect(compare([good, bad], { minAccuracy: 0.9 })).rejects.toThrow("add --gate");
  });

  it("leaves out images that a run was trained on, and compares files on a data set", async () => {
    const file = join(good, "model.safetensors");
    expect(existsSync(file)).toBe(true);
    expect(encodeModel((await openRun(good)).trained).length).toBeGreaterThan(0);
    const text = await compare([file, bad, at("tests.inkling")]);
    expect(text).toMatch(/^Compared on 100 images/);
    expect(written.notes).toContain("Not checked whether they were trained on these images");
    await expect(compare([good, bad, at("bars.inkling")])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(
        /^there are only 0 images to compare on: 300 are training or validation images of one of them; name a data set/,
      ),
    });
    await expect(compare([file, bad])).rejects.toThrow("is a file; name a data set to compare it on");
  });

  it("reduces test sets to what they share, or refuses if too little is left", async () => {
    const [one, two] = [await aRun("drawn-1", { test: "drawn" }), await aRun("drawn-2", { seed: 2, test: "drawn" })];
    await expect(compare([one, two])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^there are only \d+ images? to compare on: \d+ are test images of only some/),
    });
    const text = await compare([one, good, at("tests.inkling")]);
    expect(text).toMatch(/^Compared on 100 images/);
  });

  it("writes models as one file that predicts, is scored and compared, and has the answers of all", async () => {
    const file = at("both.safetensors");
    await ensembleCommand([good, bad], { out: file });
    expect(written.out).toMatch(/both\.safetensors: an ensemble of 2 models, \d+ kB\n$/);
    await savePack(bars(40, { stream: 2 }), at("unseen.inkling"));
    await ensembleCommand([good, bad], { out: at("calibrated.safetensors"), calibrate: at("unseen.inkling") });
    expect(written.notes).toMatch(/calibrated on 40 images of \S+unseen\.inkling\n$/);
    // Validation images of the runs are used, test images are not.
    const calibrate = at("bars.inkling");
    await ensembleCommand([good, bad], { out: at("calibrated-2.safetensors"), calibrate });
    expect(written.notes).toMatch(/calibrated on \d+ images of \S+; left out: a run was trained on \d+\n$/);
    const refused = ensembleCommand([good, bad], { out: at("none.safetensors"), calibrate: at("tests.inkling") });
    await expect(refused).rejects.toThrow(
      "there are only 0 images to calibrate on: 100 are test images of one of them; name a data set",
    );
    expect((await openClassifier(at("calibrated.safetensors"), backend("wasm"))).calibration).toMatchObject({
      images: 40,
    });
    await expect(ensembleCommand([good, bad], { out: file })).rejects.toThrow("replace it with --force");
    const scored = async (paths: readonly string[], options: Partial<EvaluateCommandOptions> = {}) => {
      written = { out: "", notes: "" };
      await evaluateCommand(paths, { weights: "last", duplicates: "pixels", threads: 1, json: true, ...options });
      return JSON.parse(written.out);
    };
    const together = await scored([good, bad], { ensemble: true });
    expect(together.members.map(({ run }: { run: string }) => run)).toEqual([good, bad]);
    const ofFile = await scored([file, at("tests.inkling")]);
    expect(ofFile.report).toEqual(together.report);
    expect([ofFile.testAccuracy, ofFile.weightsSha256]).toEqual([together.testAccuracy, together.weightsSha256]);
    expect(written.notes).toMatch(/By the mean of 2 models; alone they have \d+\.\d %, \d+\.\d %/);
    expect(await compare([bad, file, at("tests.inkling")])).toMatch(/both\.safetensors/);
    const alone = await scored([good]);
    const shifted = await scored([good], { tta: "shifts" });
    expect(shifted.augmentation).toMatchObject({ predictions: 5, without: { accuracy: alone.testAccuracy } });
    expect(shifted.loss).not.toBe(alone.loss);
    await scored([good, bad], { ensemble: true, html: at("together.html") });
    const page = readFileSync(at("together.html"), "utf8");
    for (const text of ["Accuracy of each model alone", "--ensemble --html"]) expect(page).toContain(text);
    for (const [paths, options, message] of [
      [[good, bad], {}, "add --ensemble to score several runs together"],
      [[good, bad], { ensemble: true, calibrate: true }, "--calibrate is for one run"],
    ] as const)
      await expect(scored(paths, options)).rejects.toThrow(message);
    await expect(openModel(file, backend("wasm"))).rejects.toThrow(
      "it has an ensemble of 2 models, but this takes a single model",
    );
  });

  it("takes two models at least, and names what is none", async () => {
    await expect(compare([good])).rejects.toThrow("takes at least two runs or files of models, but got one");
    await expect(compare([good, at("nowhere")])).rejects.toThrow(/nowhere is neither the folder of a run nor/);
  });
});
