import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createJiti } from "jiti";
import { chromium } from "playwright-core";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * How large the page of an evaluation is, and how soon it can be used in Chromium, opened from the disk:
 * `npm run report-page REPORT.html`. The page is one that `inkling evaluate RUN SOURCE --html REPORT.html` has written. Medians
 * of five openings: until the first paint, until all is loaded and answers to clicks, and from a click on a cell of the
 * confusion matrix until its images are drawn.
 */
const [, , report] = process.argv;
if (!report) {
  console.error("Usage: npm --prefix bench run report-page -- REPORT.html");
  process.exit(2);
}
const path = resolve(process.env["INIT_CWD"] ?? "", report);

/** @type {typeof import("../../test/browser/site.ts")} */
const { chromiumPath } = await createJiti(import.meta.url).import("../../test/browser/site.ts");
if (!chromiumPath) {
  console.error("No Chromium: apt-get install chromium, or put one in PATH.");
  process.exit(1);
}

const on = machine();
const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
/** @type {{ paint: number, ready: number, click: number }[]} */
const opened = [];
for (let k = 0; k < 5; k++) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(pathToFileURL(path).href);
  opened.push(
    await page.evaluate(async () => {
      const [navigation] = performance.getEntriesByType("navigation");
      const [paint] = performance.getEntriesByType("paint");
      const ready = /** @type {PerformanceNavigationTiming} */ (navigation).domContentLoadedEventEnd;
      const cell = /** @type {HTMLElement | null} */ (document.querySelector('.matrix td[class^="wrong"]'));
      const start = performance.now();
      cell?.click();
      await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
      return { paint: paint?.startTime ?? 0, ready, click: performance.now() - start };
    }),
  );
  await page.close();
}
await browser.close();

/** @param {"paint" | "ready" | "click"} of */
const median = (of) => opened.map((times) => times[of]).sort((a, b) => a - b)[2] ?? 0;
const numbers = { bytes: statSync(path).size, paint: median("paint"), ready: median("ready"), click: median("click") };
const cells = [
  `${(numbers.bytes / 1e6).toFixed(1)} MB`,
  ...[numbers.paint, numbers.ready, numbers.click].map((time) => `${Math.round(time)} ms`),
];
publish("report-page", `${describe(on)}\n\n${table(["Page", "First paint", "Ready", "A click"], [cells])}`, {
  machine: on,
  ...numbers,
});
