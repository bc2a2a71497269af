import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Audit,
  allRows,
  compareContenders,
  corruptImage,
  corruptions,
  mergeDatasets,
  parseFixes,
  proposeFixes,
  reportDataset,
  scoreCorruptions,
  seedSpread,
  subset,
} from "../../src/index.ts";
import { auditPage } from "../../src/report/pages/auditPage.tsx";
import { comparePage } from "../../src/report/pages/compare/comparePage.tsx";
import type { ComparedAnswers, ComparePageData } from "../../src/report/pages/compare/comparePageData.ts";
import { evaluatePage } from "../../src/report/pages/evaluate/evaluatePage.tsx";
import { sampleCorruptions } from "../../src/report/pages/evaluate/sampleCorruptions.ts";
import { inspectPage } from "../../src/report/pages/inspectPage.tsx";
import { runsPage } from "../../src/report/pages/runs/runsPage.tsx";
import type { RunsPageData } from "../../src/report/pages/runs/runsPageData.ts";
import { studyPage } from "../../src/report/pages/study/studyPage.tsx";
import type { StudyPageData } from "../../src/report/pages/study/studyPageData.ts";
import { choice, integer, logUniform, parseSpace, when } from "../../src/training/space/parameter.ts";
import { chromiumPath } from "../browser/site.ts";
import { bars } from "../training/data.ts";
import { evaluationOf } from "./evaluation.ts";
import { studyOf } from "./study.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Data with all that a report can show: copies, look-alikes, long names, names that are markup, unreadable files. */
const plain = bars(40);
const near = subset(plain, [6, 7]);
const dataset = {
  ...mergeDatasets([
    plain,
    subset(plain, [0, 1, 2]),
    { ...near, images: near.images.map((pixel) => Math.min(255, pixel + 1)) },
  ]),
  classNames: ["A", "<b>bold</b>", "A-name-that-is-long-and-has-no-space-in-it-anywhere", "D"],
  skipped: [{ name: "A/broken.png", reason: "the file is empty" }],
};
dataset.labels[40] = (dataset.labels[40]! + 1) % 4;

const audit: Audit = {
  source: "/home/somebody/collections/letters-of-many-kinds.tar.gz",
  fingerprint: "f",
  images: dataset.labels.length,
  imageShape: dataset.imageShape,
  classNames: dataset.classNames,
  recipe: "fast",
  folds: 4,
  steps: 500,
  seed: 1,
  backend: "wasm",
  arithmetic: "fma",
  accuracy: 0.9,
  noise: 0.1,
  kept: 0,
  thresholds: [0.5, 0.5, 0.5, 0.5],
  joint: [],
  suspects: (["labelError", "labelError", "unreadable", "ambiguous"] as const).map((kind, row) => ({
    kind,
    row,
    label: dataset.classNames[dataset.labels[row]!]!,
    suggested: dataset.classNames[(dataset.labels[row]! + 1) % 4]!,
    sha256: `${row}`.repeat(64),
    margin: -0.5,
    name: `set/<${row}>"&.png`,
    probabilities: [0.1, 0.2, 0.3, 0.4],
  })),
};

/** Two settings, of which one has two seeds, compared on the data. */
function comparison(): ComparePageData {
  const rows = allRows(dataset);
  const correct = (first: number) => Float32Array.from(rows, (row) => (row % 7 === first ? 0 : 1));
  const models: readonly ComparedAnswers[] = ["runs/<a>-1", "runs/<a>-2", "runs/b"].map((run, k) => ({
    ...{ run, correct: correct(k) },
    answers: rows.map((row) => (dataset.labels[row]! + Number(row % 7 === k)) % 4),
    confidences: Float64Array.from(rows, (row) => 1 / (1 + (row % 5))),
  }));
  const groups = [models.slice(0, 2), models.slice(2)];
  const contenders = groups.map((group) => ({ models: group.map((model) => model.correct) }));
  const comparisons = compareContenders(contenders, { resamples: 100 });
  return {
    report: {
      ...{ source: "the test images of all runs", images: rows.length, sameSettings: false },
      leftOut: { notShared: 3, trainedOn: 1 },
      settings: groups.map((group, k) => ({
        name: "AB"[k]!,
        runs: group.map(({ run }) => ({ run, seed: 1, score: { count: 43, accuracy: 0.8, interval: [0.7, 0.9] } })),
      })),
      seeds: seedSpread(contenders)!,
      comparisons: comparisons.map((one) => ({ ...one, first: "A", second: "B" })),
    },
    ...{ dataset, rows, models },
    differences: [[["optimizer.learningRate", "0.1", '"<i>"']]],
    reproduction: {
      commands: ["npx inkling compare runs/b"],
      hashes: [["SHA-256 of the weights of runs/b", "0".repeat(64)]],
    },
  };
}

/** Runs with curves and reports, one without, and one that cannot be read. */
function runs(): RunsPageData {
  const run = (k: number) => ({
    ...{ name: `<run>-${k}`, status: "finished", started: `2026-01-0${k}T10:00:00.000Z`, step: 100, seconds: 61 },
    ...{ path: `runs/<run>-${k}`, validation: 0.9 },
    settings: { recipe: "fast", parameters: 64_138, batchSize: 16, learningRate: 0.1, steps: 100 },
    test: { accuracy: 0.9, interval: [0.8, 0.95] as const },
    validations: [1, 2, 3, 4].map((at) => ({
      ...{ type: "validation" as const, step: 25 * at, minibatchLoss: 1 / at, minibatchAccuracy: 0.9, images: 10 },
      ...{ loss: k / at, accuracy: 1 - 0.1 * (k / at), isBest: false },
    })),
    differing: [`${k}`, "<b>"],
    reports: [{ name: "report.html", href: `runs/${k}/report.html` }],
  });
  const problem = { ...run(4), problem: "run.json is damaged", validations: [], differing: [], reports: [] };
  const fresh = { ...run(3), status: "running", validations: [], reports: [] };
  return { folder: "runs", differing: ["seed", "data.source"], runs: [run(1), run(2), fresh, problem] };
}

/** A study whose trials have everything that its page shows. */
function study(): StudyPageData {
  const space = parseSpace({
    learningRate: logUniform(0.001, 1, { default: 0.5 }),
    kind: choice("<b>plain</b>", "other"),
    batchSize: choice(16, 8, 32),
    layers: when({ kind: "other" }, integer(1, 4)),
  });
  const found = studyOf(space, 40);
  const trials = found.trials.map((trial) => ({
    ...{ ...trial, cost: 1, seconds: 12, steps: 90 },
    validations: [29, 89].map((step) => ({ step, accuracy: step / 100, loss: 1 / (step + 1) })),
  }));
  return {
    ...{ ...found, trials, name: "<study>", recipe: "lenet", source: "letters", sampler: "random" },
    progress: trials.map(({ number, outcomes: [outcome] }) => ({
      ...{ cost: number + 1, trial: number, isFull: number % 3 > 0 },
      score: outcome && "score" in outcome ? outcome.score : 0,
    })),
    ...{ test: { accuracy: 0.9, interval: [0.8, 0.95], count: 100 }, testsTaken: 2, commands: ["inkling search"] },
  };
}

describe.skipIf(!chromiumPath)("in Chromium, if there is one: a page", () => {
  let browser: Browser;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "inkling-pages-"));
    const report = await reportDataset(dataset);
    writeFileSync(join(folder, "inspect.html"), inspectPage({ source: audit.source, dataset, report, audit }));
    writeFileSync(join(folder, "audit.html"), auditPage({ dataset, audit }));
    writeFileSync(
      join(folder, "evaluate.html"),
      evaluatePage({
        ...evaluationOf({ ...dataset, names: Array.from(dataset.labels, (_, i) => `<${i}>&"`) }, audit.source),
        audit,
        corruptions: {
          samples: sampleCorruptions(dataset, allRows(dataset), {}),
          report: await scoreCorruptions(plain, async () => Float32Array.of(1, 0, 1)),
        },
      }),
    );
    writeFileSync(join(folder, "compare.html"), comparePage(comparison()));
    writeFileSync(join(folder, "runs.html"), runsPage(runs()));
    writeFileSync(join(folder, "study.html"), studyPage(study()));
    browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page; what it complains about, such as of its own policy, is collected. */
  async function open(name: string, width: number, colorScheme: "light" | "dark") {
    const page = await browser.newPage({ viewport: { width, height: 844 }, colorScheme });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(`file://${join(folder, name)}.html`);
    return { page, complaints };
  }

  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(axe);
    const found: AxeResults = await page.evaluate("axe.run()");
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
  };

  it.each([
    ["compare", 1280, "light"],
    ["compare", 390, "dark"],
    ["runs", 390, "light"],
    ["runs", 1280, "dark"],
    ["study", 390, "dark"],
    ["study", 1280, "light"],
  ] as const)("of %s is accessible and fits at %i pixels, %s", async (name, width, scheme) => {
    const { page, complaints } = await open(name, width, scheme);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(complaints).toEqual([]);
    await page.close();
  });

  describe.each(["inspect", "audit", "evaluate"])("of %s", (name) => {
    it.each([
      [1280, "light"],
      [1280, "dark"],
      [390, "light"],
      [390, "dark"],
    ] as const)("is accessible, fits and breaks no rule of its policy at %i pixels, %s", async (width, scheme) => {
      const { page, complaints } = await open(name, width, scheme);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const broken = "[...document.images].filter((image) => image.naturalWidth === 0).length";
      expect(await page.evaluate(broken)).toBe(0);
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("may load and run nothing that is not its own", async () => {
      const { page, complaints } = await open(name, 1280, "light");
      await page.evaluate(`
        for (const [name, content] of [["script", "globalThis.ran = true"], ["style", "body { display: none }"]])
          document.body.append(Object.assign(document.createElement(name), { textContent: content }));
        document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/" }));
      `);
      await expect.poll(() => complaints.length).toBe(3);
      expect(complaints.join("\n")).toMatch(/script[\s\S]*style[\s\S]*img-src/);
      expect(await page.evaluate("[globalThis.ran, getComputedStyle(document.body).display].join()")).toBe(",block");
      await page.close();
    });
  });

  it("of inspect is the same where a browser makes it, and so are corrupted images", async () => {
    const source = fileURLToPath(new URL("../../src/", import.meta.url));
    writeFileSync(
      join(folder, "make.js"),
      `import { reportDataset } from "${source}datasets/report.ts";
       import { corruptImage, corruptions } from "${source}evaluation/corruptions/index.ts";
       import { inspectPage } from "${source}report/pages/inspectPage.tsx";
       globalThis.corrupted = (image) =>
         corruptions.map((kind, row) => [...corruptImage({ ...image, pixels: Uint8Array.from(image.pixels) }, kind, row).pixels]);
       globalThis.make = async ({ images, labels, ...rest }) => {
         const dataset = { ...rest.dataset, images: Uint8Array.from(images), labels: Uint16Array.from(labels) };
         return inspectPage({ ...rest, dataset, report: await reportDataset(dataset) });
       };`,
    );
    await build({
      root: folder,
      configFile: false,
      logLevel: "error",
      build: {
        outDir: "made",
        target: "es2023",
        lib: { entry: "make.js", formats: ["iife"], name: "made", fileName: "made" },
      },
    });
    const page = await browser.newPage();
    await page.addScriptTag({ path: join(folder, "made", "made.iife.js") });
    const { images, labels, ...rest } = dataset;
    const data = { source: audit.source, audit, dataset: rest, images: [...images], labels: [...labels] };
    const made = await page.evaluate(`make(${JSON.stringify(data)})`);
    expect(made).toBe(readFileSync(join(folder, "inspect.html"), "utf8"));
    const pixels = Uint8Array.from({ length: 28 * 28 }, (_, i) => ((i % 28) * 9 + Math.floor(i / 28) * 5) % 256);
    const image = { height: 28, width: 28, channels: 1 as const, pixels };
    expect(await page.evaluate(`corrupted(${JSON.stringify({ ...image, pixels: [...pixels] })})`)).toEqual(
      corruptions.map((kind, row) => [...corruptImage(image, kind, row).pixels]),
    );
    await page.close();
  });

  it("of an evaluation shows the images of a cell by the keyboard, sorts, and says the values of charts", async () => {
    const { page, complaints } = await open("evaluate", 1280, "light");
    const cell = page.locator(".matrix tbody td[tabindex='0']");
    const counted = await page.textContent(".matrix tbody tr:nth-child(2) td:nth-of-type(2)");
    await cell.focus();
    for (const key of ["ArrowDown", "ArrowRight", "Enter"]) await page.keyboard.press(key);
    expect(await page.textContent("#confusion h3")).toBe(`${counted} images of <b>bold</b>, recognized`);
    expect(await page.locator("#confusion .gallery figure").count()).toBe(Number(counted));
    expect(await violations(page)).toEqual([]);
    const classes = () => page.locator("#classes tbody th").allTextContents();
    expect(await classes()).toEqual(dataset.classNames);
    for (const _ of [1, 2]) await page.locator("#classes .sort").first().press("Enter");
    expect(await classes()).toEqual(["D", "A-name-that-is-long-and-has-no-space-in-it-anywhere", "A", "<b>bold</b>"]);
    await page.locator("#loss svg[role=slider]").focus();
    for (const key of ["ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    await expect
      .poll(() => page.getAttribute("#loss svg", "aria-valuetext"))
      .toBe("step 10: batch 1.5, validation 1.5");
    await page.locator("#map svg[role=slider]").press("ArrowRight");
    await page.waitForSelector("#map .beside figure");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("of an audit saves the fixes that are chosen by the keyboard", async () => {
    const { page, complaints } = await open("audit", 1280, "light");
    const saved = async () => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
      expect(download.suggestedFilename()).toBe("fixes.json");
      return parseFixes(readFileSync(await download.path(), "utf8"));
    };
    expect(await saved()).toEqual(proposeFixes(audit));
    await page.locator("select").first().focus();
    for (const key of ["d", "Tab", "n", "Tab", "k", "Tab", "r"]) await page.keyboard.press(key);
    expect(await page.textContent("#save")).toBe("Save 3 fixes");
    expect(await page.textContent("#chosen")).toBe("1 to drop, 1 to keep, 1 to relabel");
    const targets = audit.suspects.map(({ sha256, label, name }) => ({ sha256, label, name: name! }));
    expect((await saved()).fixes).toEqual([
      { action: "drop", ...targets[0] },
      { action: "keep", ...targets[2] },
      { action: "relabel", to: audit.suspects[3]!.suggested, ...targets[3] },
    ]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("of an audit warns before choices are lost, and not after they are saved", async () => {
    const { page } = await open("audit", 1280, "light");
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await page.locator("select").first().selectOption("drop");
    await page.reload();
    expect(asked).toEqual(["beforeunload"]);
    await page.locator("select").first().selectOption("drop");
    await Promise.all([page.waitForEvent("download"), page.click("#save")]);
    await page.reload();
    expect(asked).toEqual(["beforeunload"]);
    await page.close();
  });
});
