import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createJiti } from "jiti";
import { chromium } from "playwright-core";
import { train } from "../../dist/index.node.js";
import { serveStudio } from "../../tools/studio/serve.mjs";
import { randomDataset } from "./data.mjs";
import { networks, optimizerOf } from "./networks.mjs";

/**
 * Measures how much a process grows over many short trainings, run to the end and aborted, with one and two threads, in Node
 * on every back end, and in a page of Chromium if there is one: `npm run many-trainings`, or `npm run many-trainings --
 * --trainings 100`.
 */
const { trainings, only } = parseArgs({
  options: { trainings: { type: "string", default: "1000" }, only: { type: "string" } },
}).values;
/** Trainings before the first measurement, in which code is compiled and heaps find their size. */
const WARM_UP = 100;
/** A measurement is the median of the sizes after this many trainings in a row, once their garbage is collected. */
const MEASURED = 50;
const { model, settings } = networks.lenet;
const dataset = randomDataset(model, 64);
const options = { steps: 4, validateEvery: 0, optimizer: optimizerOf(settings) };

/**
 * @param {string} backend
 * @param {number} threads
 * @param {boolean} aborted
 */
async function grow(backend, threads, aborted) {
  const sizes = [];
  const [first, last] = [WARM_UP, WARM_UP + Number(trainings)];
  for (let k = 0; k < last + MEASURED; k++) {
    const controller = new AbortController();
    const run = train(model, dataset, { ...options, backend, threads, signal: controller.signal });
    try {
      for await (const { type } of run) if (aborted && type === "progress") controller.abort();
    } catch (error) {
      if (!aborted) throw error;
    }
    // Uncollected garbage makes the size rise and fall by some fifty megabytes.
    const isMeasured = k >= first && (k < first + MEASURED || k >= last);
    if (isMeasured) collectGarbage();
    sizes.push(process.memoryUsage.rss());
  }
  return median(sizes.slice(last)) - median(sizes.slice(first, first + MEASURED));
}

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collectGarbage = runInNewContext("gc");

const median = (/** @type {readonly number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Trains as `grow` does, in a page that has Inkling as `inkling.js`. */
const trainInPage = async (/** @type {any} */ { times, aborted, model, dataset, options }) => {
  const { train } = await import(/** @type {any} */ (`${location.origin}/inkling.js`));
  const data = { ...dataset, images: Uint8Array.from(dataset.images), labels: Uint16Array.from(dataset.labels) };
  for (let k = 0; k < times; k++) {
    const controller = new AbortController();
    try {
      const run = train(model, data, { ...options, signal: controller.signal });
      for await (const { type } of run) if (aborted && type === "progress") controller.abort();
    } catch (error) {
      if (!aborted) throw error;
    }
  }
};

/** How much the processes that show pages grow. */
async function growInPage(
  /** @type {string} */ executablePath,
  /** @type {number} */ threads,
  /** @type {boolean} */ aborted,
) {
  const site = await serveStudio();
  cpSync(fileURLToPath(new URL("../../dist/standalone", import.meta.url)), site.folder, { recursive: true });
  writeFileSync(join(site.folder, "blank.html"), "<!doctype html>");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const page = await browser.newPage();
  await page.goto(`${site.url}blank.html`);
  const session = await browser.newBrowserCDPSession();
  const collector = await page.context().newCDPSession(page);
  const bytes = async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const kilobytes = processInfo
      .filter(({ type }) => type === "renderer")
      .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0));
    return 1024 * kilobytes.reduce((sum, one) => sum + one, 0);
  };
  const { images, labels, ...rest } = dataset;
  const sent = { ...rest, images: Array.from(images), labels: Array.from(labels) };
  const given = { aborted, model, dataset: sent, options: { ...options, backend: "wasm", threads } };
  const sizeAfter = async (/** @type {number} */ times) => {
    await page.evaluate(trainInPage, { ...given, times });
    const sizes = [];
    for (let k = 0; k < MEASURED; k++) {
      await page.evaluate(trainInPage, { ...given, times: 1 });
      await collector.send("HeapProfiler.collectGarbage");
      sizes.push(await bytes());
    }
    return median(sizes);
  };
  const before = await sizeAfter(WARM_UP);
  const grown = (await sizeAfter(Number(trainings) - MEASURED)) - before;
  await browser.close();
  site.close();
  return grown;
}

/** @type {typeof import("../../test/browser/site.ts")} */
const { chromiumPath } = await createJiti(import.meta.url).import("../../test/browser/site.ts");

if (only !== undefined) {
  const [where = "", threads, end] = only.split(" ");
  const how = /** @type {const} */ ([Number(threads), end === "aborted"]);
  console.log(where === "page" ? await growInPage(chromiumPath ?? "", ...how) : await grow(where, ...how));
} else
  for (const where of ["native", "wasm", ...(chromiumPath ? ["page"] : [])])
    for (const threads of [1, 2])
      for (const end of ["to the end", "aborted"]) {
        const args = ["--trainings", trainings, "--only", `${where} ${threads} ${end}`];
        const bytes = execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: "utf8" });
        const grown = (Number(bytes) / 1e6).toFixed(1);
        console.log(`${where}, ${threads} threads, ${trainings} trainings ${end}: grown by ${grown} MB`);
      }
