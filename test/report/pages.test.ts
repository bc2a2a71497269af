import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Audit, mergeDatasets, parseFixes, proposeFixes, reportDataset, subset } from "../../src/index.ts";
import { auditPage } from "../../src/report/pages/auditPage.tsx";
import { evaluatePage } from "../../src/report/pages/evaluate/evaluatePage.tsx";
import { inspectPage } from "../../src/report/pages/inspectPage.tsx";
import { chromiumPath } from "../browser/site.ts";
import { bars } from "../training/data.ts";
import { evaluationOf } from "./evaluation.ts";

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
      }),
    );
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

  it("of inspect is the same where a browser makes it", async () => {
    const source = fileURLToPath(new URL("../../src/", import.meta.url));
    writeFileSync(
      join(folder, "make.js"),
      `import { reportDataset } from "${source}datasets/report.ts";
       import { inspectPage } from "${source}report/pages/inspectPage.tsx";
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
