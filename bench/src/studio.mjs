import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createJiti } from "jiti";
import { chromium } from "playwright-core";
import { openDataset, recipe, train } from "../../dist/index.node.js";
import { serveStudio } from "../../tools/studio/serve.mjs";
import { median, speedup } from "./measure.mjs";
import { describe, formatRate, machine, publish, table } from "./report.mjs";

/**
 * The studio in Chromium: `npm run studio [ROUNDS]`. How soon the page is there, can train and has trained the letters; what
 * it weighs; and, while it trains with all views open, its training rate beside Node's WebAssembly on as many threads, the
 * frames a second, and the tasks of the main thread that take more than 50 ms.
 */
const ROUNDS = Number(process.argv[2] ?? 5);
const THREADS = 2;
/** The steps of a training whose rate is measured, without the first, in which both compile. */
const [FIRST, LAST] = [500, 4000];

/** @type {typeof import("../../test/browser/site.ts")} */
const { chromiumPath } = await createJiti(import.meta.url).import("../../test/browser/site.ts");
if (!chromiumPath) {
  console.error("No Chromium: apt-get install chromium, or put one in PATH.");
  process.exit(1);
}

const on = machine();
const site = await serveStudio();
/** Bytes, gzipped, that the page loads before it can train, without the letters. */
let weight = 0;
const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });

/** What the page counts from its start on. Counting frames makes the browser draw 60 of them a second. */
const observe = () => {
  const found = { frames: 0, tasks: /** @type {number[]} */ ([]), trainable: 0, trained: 0 };
  Object.assign(globalThis, { found });
  new PerformanceObserver((list) => found.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: "longtask",
    buffered: true,
  });
  const frame = () => {
    found.frames++;
    const button = document.querySelector("#training button.main");
    if (!found.trainable && button instanceof HTMLButtonElement && !button.disabled)
      found.trainable = performance.now();
    if (!found.trained && document.querySelector("#weights")) found.trained = performance.now();
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
};

/** Takes down when the page's worker has made its steps, and counts how often the views change; no more than a message costs. */
const watch = ([first = 0, last = 0] = /** @type {number[]} */ ([])) => {
  let changes = 0;
  const observer = new MutationObserver(() => changes++);
  const Original = Worker;
  const measured = new Promise((resolve) => {
    /** @type {{ step: number, time: number, changes: number } | undefined} */
    let from;
    globalThis.Worker = class extends Original {
      /** @param {ConstructorParameters<typeof Worker>} args */
      constructor(...args) {
        super(...args);
        this.addEventListener("message", ({ data: { update } }) => {
          if (update?.type !== "progress") return;
          const now = { step: update.step, time: performance.now(), changes };
          if (!from && now.step >= first) {
            from = now;
            observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
          } else if (from && now.step >= last) resolve({ from, to: { ...now, changes } });
        });
      }
    };
  });
  Object.assign(globalThis, { measured });
};

/**
 * @param {string} fragment
 * @param {(page: import("playwright-core").Page) => Promise<unknown>} prepare
 */
async function visit(fragment, prepare) {
  // Without a service worker, which fetches all files for use without a network.
  const context = await browser.newContext({ viewport: { width: 1440, height: 1600 }, serviceWorkers: "block" });
  const page = await context.newPage();
  await prepare(page);
  await page.goto(site.url + fragment);
  return { page, close: () => context.close() };
}

/** Seconds from the start of the navigation; frames a second while it trains, and the tasks over 50 ms meanwhile. */
async function firstVisit() {
  const { page, close } = await visit("", (page) => page.addInitScript(observe));
  const button = page.locator("#training button.main:enabled");
  await button.waitFor();
  if (weight === 0)
    weight = [...site.asked]
      .filter((name) => !name.endsWith(".inkling"))
      .reduce((sum, name) => sum + gzipSync(readFileSync(join(site.folder, name))).length, 0);
  const before = await page.evaluate(() => {
    const { frames, tasks } = /** @type {any} */ (globalThis).found;
    return { at: performance.now(), frames, tasks: tasks.length };
  });
  await button.click();
  await page.waitForSelector("#weights", { timeout: 120_000 });
  const measured = await page.evaluate(({ at, ...before }) => {
    const { trainable, trained, frames, tasks } = /** @type {any} */ (globalThis).found;
    const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN;
    return {
      paint: paint / 1000,
      trainable: trainable / 1000,
      trained: (trainable + trained - at) / 1000,
      framesPerSecond: (1000 * (frames - before.frames)) / (performance.now() - at),
      tasks: tasks.slice(before.tasks),
    };
  }, before);
  await close();
  return measured;
}

/** Images a second from FIRST to LAST, all told, and how often a second the views change meanwhile. */
async function inStudio() {
  const { page, close } = await visit(`#recipe=lenet&steps=${LAST + 100}`, (page) =>
    page.addInitScript(watch, [FIRST, LAST]),
  );
  const { from, to } = await page.evaluate(() => /** @type {any} */ (globalThis).measured);
  await close();
  const seconds = (to.time - from.time) / 1000;
  return { imagesPerSecond: (16 * (to.step - from.step)) / seconds, changes: (to.changes - from.changes) / seconds };
}

const dataset = await openDataset(readFileSync(new URL("../../data/letters.inkling", import.meta.url)));
async function inNode() {
  let from = { step: 0, time: 0 };
  const run = train(recipe("lenet"), dataset, { backend: "wasm", threads: THREADS, steps: LAST + 100 });
  for await (const event of run) {
    if (event.type !== "progress") continue;
    const now = { step: event.step, time: performance.now() };
    if (from.step === 0 && now.step >= FIRST) from = now;
    if (now.step >= LAST) return (16_000 * (now.step - from.step)) / (now.time - from.time);
  }
  throw new Error("the training ended early");
}

const [visits, studio, node] = [[], [], []].map((all) => /** @type {any[]} */ (all));
for (let round = 0; round < ROUNDS; round++) {
  visits.push(await firstVisit());
  node.push(await inNode());
  studio.push(await inStudio());
}
const version = browser.version();
await browser.close();
site.close();

const rates = studio.map(({ imagesPerSecond }) => imagesPerSecond);
const longest = Math.max(0, ...visits.flatMap(({ tasks }) => tasks));
const seconds = (/** @type {"paint" | "trainable" | "trained"} */ name) =>
  `${median(visits.map((one) => one[name])).toFixed(2)} s`;
const markdown = [
  `${describe(on)}; Chromium ${version}; medians of ${ROUNDS} rounds`,
  table(
    ["The studio in a tab", "Measured", "Goal", "Floor"],
    [
      ["First paint", seconds("paint"), "0.5 s", "1 s"],
      ["Trainable", seconds("trainable"), "1 s", "2 s"],
      ["Letters trained, 1,001 steps", seconds("trained"), "5 s", "8 s"],
      ["Page, gzipped, without the letters", `${Math.round(weight / 1000)} KB`, "150 KB", "250 KB"],
      ["Images/s while it trains, all views open", formatRate(median(rates)), "", ""],
      [`Of the rate of Node's WebAssembly, ${THREADS} threads`, speedup(rates, node).toFixed(2), "0.95", "0.85"],
      ["Changes of the views a second meanwhile", median(studio.map(({ changes }) => changes)).toFixed(0), "", ""],
      ["Frames/s", median(visits.map(({ framesPerSecond }) => framesPerSecond)).toFixed(0), "60", "30"],
      ["Tasks over 50 ms in a training", `${median(visits.map(({ tasks }) => tasks.length))}`, "0", "0"],
      ["Longest of them", longest === 0 ? "none" : `${Math.round(longest)} ms`, "", ""],
    ],
  ),
].join("\n\n");
publish("studio", markdown, { machine: on, chromium: version, weight, visits, studio, node });
