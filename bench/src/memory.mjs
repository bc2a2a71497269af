import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { train } from "../../dist/index.js";
import { randomDataset } from "./data.mjs";
import { networks, optimizerOf } from "./networks.mjs";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * Measures whether memory grows while training with the public interface, validations included, and how much it
 * takes at most on 200,000 images: `npm run memory`. With `-- --large FOLDER` also on images of 6 GiB in a file, which
 * it writes to that folder and removes.
 */
const { large } = parseArgs({ options: { large: { type: "string" } } }).values;
const EARLY = 1_000;
const LATE = 20_000;
/** Bytes that it may grow between. */
const GOAL = 5e6;

const { model, settings } = networks.lenet;
const dataset = randomDataset(model);

const on = machine();
/** @type {{ step: number, bytes: number }[]} */
const resident = [];
let due = EARLY;
for await (const event of train(model, dataset, { steps: LATE, optimizer: optimizerOf(settings) })) {
  if (event.type !== "progress" || event.step < due) continue;
  resident.push({ step: event.step, bytes: process.memoryUsage.rss() });
  due = Math.min(LATE, due + EARLY);
}

const ends = [resident[0], resident[resident.length - 1]];
const growth = ends[1].bytes - ends[0].bytes;
const most = Math.max(...resident.map(({ bytes }) => bytes));
const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);

/** @param {readonly string[]} args */
const apart = (...args) =>
  execFileSync(process.execPath, [fileURLToPath(new URL("largeData.mjs", import.meta.url)), ...args], {
    encoding: "utf8",
  });
const IMAGES = 200_000;
/** The most bytes for those in memory. */
const PEAK_GOAL = 350e6;
/** Images of 28 × 28 that fill 6 GiB. */
const LARGE = 8_217_413;

/** @type {{ name: string, bytes: number, peak: number, secondsToFirstStep: number, weightsSha256: string }[]} */
const peaks = [{ name: "in memory", ...JSON.parse(apart("memory", `${IMAGES}`)) }];
if (large !== undefined) {
  const folder = mkdtempSync(join(large, "inkling-"));
  try {
    for (const count of [IMAGES, LARGE]) {
      const file = join(folder, `${count}.inkling`);
      apart("pack", `${count}`, file);
      peaks.push({ name: "in a file", ...JSON.parse(apart("file", `${count}`, file)) });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const isMet = growth <= GOAL && peaks.every(({ bytes, peak }, k) => (k === 0 ? peak <= PEAK_GOAL : peak < bytes));
const markdown = [
  describe(on),
  table(
    ["Steps", "Resident, MB"],
    ends.map(({ step, bytes }) => [step.toLocaleString("en"), megabytes(bytes)]),
  ),
  `Growth ${megabytes(growth)} MB, goal at most ${megabytes(GOAL)}: ${growth <= GOAL ? "met" : "missed"}; most in between ${megabytes(most)} MB.`,
  table(
    ["Images", "Pixels, MB", "Most resident, MB", "Seconds to the first step"],
    peaks.map(({ name, bytes, peak, secondsToFirstStep }) => [
      `${(bytes / 784).toLocaleString("en")} ${name}`,
      megabytes(bytes),
      megabytes(peak),
      secondsToFirstStep.toFixed(1),
    ]),
  ),
  `Goal: at most ${megabytes(PEAK_GOAL)} MB with ${IMAGES.toLocaleString("en")} images in memory, and less than the pixels with images in a file.`,
].join("\n\n");
publish("memory", markdown, { machine: on, resident, growth, goal: GOAL, peaks, peakGoal: PEAK_GOAL });
process.exitCode = isMet ? 0 : 1;
