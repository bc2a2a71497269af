import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJiti } from "jiti";
import { chromium } from "playwright-core";
import { saveDataset } from "../../dist/node.js";
import { serveStudio } from "../../tools/studio/serve.mjs";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * Large data in the studio, in Chromium: `npm run studio-data [FOLDER]`. 20,000 PNG files of 64 × 64 × 3, as a folder and as a
 * .zip, and 500,000 images of 28 × 28 in an .inkling file are dropped onto the page. How long until they are shown and stored,
 * the longest task of the main thread, the most memory of the page's process, and how soon images are there while one scrolls.
 * FOLDER keeps the data for the next time.
 */
const [SMALL, LARGE] = [20_000, 500_000];

/** @type {typeof import("../../test/browser/site.ts")} */
const { chromiumPath } = await createJiti(import.meta.url).import("../../test/browser/site.ts");
if (!chromiumPath) {
  console.error("No Chromium: apt-get install chromium, or put one in PATH.");
  process.exit(1);
}

const on = machine();
const temporary = mkdtempSync(join(tmpdir(), "inkling-studio-data-"));
const kept = process.argv[2] ?? temporary;

/**
 * Images that all differ, with edges and noise as photographs have.
 *
 * @param {number} count
 * @param {readonly [number, number, number]} shape
 * @returns {import("../../dist/index.js").Dataset}
 */
function made(count, shape) {
  const size = shape[0] * shape[1] * shape[2];
  const images = new Uint8Array(count * size);
  const words = new Uint32Array(images.buffer);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = (state >>> 4) & 0x0f0f0f0f;
  }
  for (let row = 0; row < count; row++) images.fill(160 + (row % 10) * 9, row * size, row * size + (size >> 1));
  for (let row = 0; row < count; row++) new DataView(images.buffer).setUint32(row * size, row);
  return {
    images,
    labels: Uint16Array.from({ length: count }, (_, row) => row % 10),
    imageShape: shape,
    classNames: [..."ABCDEFGHIJ"],
    provenance: { source: "made", description: "made for a measurement" },
    skipped: [],
  };
}

const sources = [
  { name: `${SMALL.toLocaleString("en-US")} PNG files, 64 × 64 × 3, a folder`, file: "pictures/", count: SMALL },
  { name: "the same as a .zip", file: "pictures.zip", count: SMALL },
  { name: `${LARGE.toLocaleString("en-US")} images, 28 × 28, an .inkling file`, file: "large.inkling", count: LARGE },
];
for (const { file, count } of sources)
  if (!existsSync(join(kept, file)))
    await saveDataset(made(count, count === SMALL ? [64, 64, 3] : [28, 28, 1]), join(kept, file));

const site = await serveStudio();
const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
const version = browser.version();

/** What the page counts from its start on. */
const observe = () => {
  const found = { tasks: /** @type {number[]} */ ([]), gap: 0 };
  Object.assign(globalThis, { found });
  new PerformanceObserver((list) => found.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: "longtask",
    buffered: true,
  });
  let before = performance.now();
  const frame = () => {
    const now = performance.now();
    found.gap = Math.max(found.gap, now - before);
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
};

/** Scrolls to places all over the list, and waits until images are drawn there: the median and the longest time, in ms. */
const scroll = async () => {
  const grid = /** @type {HTMLElement} */ (document.querySelector(".image-grid"));
  const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const times = [];
  for (let k = 0; k < 40; k++) {
    const began = performance.now();
    grid.scrollTop = (grid.scrollHeight * ((k * 7919) % 997)) / 997;
    do await frames();
    while (grid.querySelector('[aria-label="Loading"]') && performance.now() - began < 5000);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { median: times[20], longest: times[39], height: grid.scrollHeight };
};

/** The most memory that a process has had, in bytes. @param {number} pid */
const peakOf = (pid) => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);

/** @type {{ name: string, shown: number, stored: number, task: number, gap: number, peak: number, scrolled: { median: number, longest: number }, scrollTask: number }[]} */
const results = [];
for (const { name, file, count } of sources) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(observe);
  await page.goto(site.url);
  await page.waitForSelector("#data .class-row");
  await page.waitForTimeout(1500);
  const clear = () =>
    page.evaluate(() => {
      const { found } = /** @type {{ found: { tasks: number[], gap: number } }} */ (
        /** @type {unknown} */ (globalThis)
      );
      const seen = { task: Math.max(0, ...found.tasks), gap: found.gap };
      Object.assign(found, { tasks: [], gap: 0 });
      return seen;
    });
  await clear();
  const session = await context.newCDPSession(page);
  const data = { items: [], files: [join(kept, file).replace(/\/$/, "")], dragOperationsMask: 1 };
  const began = performance.now();
  for (const type of /** @type {const} */ (["dragEnter", "dragOver", "drop"]))
    await session.send("Input.dispatchDragEvent", { type, x: 150, y: 150, data });
  const wanted = `${count.toLocaleString("en-US")} images`;
  await page.waitForFunction((text) => document.querySelector("#data .head")?.textContent?.includes(text), wanted, {
    timeout: 300_000,
  });
  const shown = performance.now() - began;
  await page.waitForFunction(() => document.querySelector(".status b")?.textContent === "Ready", undefined, {
    timeout: 300_000,
  });
  const stored = performance.now() - began;
  await page.waitForSelector("#data .bar", { timeout: 300_000 });
  const { task, gap } = await clear();
  await page.click("text=Look at all images");
  await page.waitForSelector(".image-grid [role=option]");
  const scrolled = await page.evaluate(scroll);
  const { task: scrollTask } = await clear();
  const { processInfo } = await (await browser.newBrowserCDPSession()).send("SystemInfo.getProcessInfo");
  const peak = Math.max(...processInfo.filter(({ type }) => type === "renderer").map(({ id }) => peakOf(id)));
  results.push({ name, shown, stored, task, gap, peak, scrolled, scrollTask });
  console.log(results.at(-1));
  await context.close();
}
await browser.close();
site.close();
rmSync(temporary, { recursive: true });

const ms = (/** @type {number} */ time) => `${Math.round(time)} ms`;
const seconds = (/** @type {number} */ time) => `${(time / 1000).toFixed(1)} s`;
const markdown = [
  `${describe(on)}; Chromium ${version}`,
  table(
    [
      "Dropped onto the studio",
      "Shown after",
      "Stored after",
      "Longest task",
      "Memory of the page",
      "Images after a jump",
      "Longest task while scrolling",
    ],
    results.map(({ name, shown, stored, task, peak, scrolled, scrollTask }) => [
      ...[name, seconds(shown), seconds(stored), ms(task), `${Math.round(peak / 2 ** 20)} MiB`],
      ...[`${ms(scrolled.median)}, at most ${ms(scrolled.longest)}`, scrollTask === 0 ? "below 50 ms" : ms(scrollTask)],
    ]),
  ),
].join("\n\n");
publish("studio-data", markdown, { machine: on, chromium: version, results });
