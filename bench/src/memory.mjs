import { train } from "../../dist/index.js";
import { model } from "./inkling.mjs";
import { images, labels, SIDE } from "./network.mjs";
import { describe, machine, publish, table } from "./report.mjs";

/** Measures whether memory grows while training with the public interface, validations included: `npm run memory`. */
const EARLY = 1_000;
const LATE = 20_000;
/** Bytes that it may grow between. */
const GOAL = 5e6;

const dataset = {
  images,
  labels,
  imageShape: /** @type {const} */ ([SIDE, SIDE, 1]),
  classNames: model.classes,
  provenance: { source: "test/golden", description: "the images of the golden trajectory" },
  skipped: [],
};

const on = machine();
/** @type {{ step: number, bytes: number }[]} */
const resident = [];
let due = EARLY;
for await (const event of train(model, dataset, { steps: LATE })) {
  if (event.type !== "progress" || event.step < due) continue;
  resident.push({ step: event.step, bytes: process.memoryUsage.rss() });
  due = Math.min(LATE, due + EARLY);
}

const ends = [resident[0], resident[resident.length - 1]];
const growth = ends[1].bytes - ends[0].bytes;
const most = Math.max(...resident.map(({ bytes }) => bytes));
const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
const markdown = [
  describe(on),
  table(
    ["Steps", "Resident, MB"],
    ends.map(({ step, bytes }) => [step.toLocaleString("en"), megabytes(bytes)]),
  ),
  `Growth ${megabytes(growth)} MB, goal at most ${megabytes(GOAL)}: ${growth <= GOAL ? "met" : "missed"}; most in between ${megabytes(most)} MB.`,
].join("\n\n");
publish("memory", markdown, { machine: on, resident, growth, goal: GOAL });
process.exitCode = growth <= GOAL ? 0 : 1;
