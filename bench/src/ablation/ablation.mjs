import { parseArgs } from "node:util";
import { openDataset } from "../../../dist/node.js";
import { accuracyOf, archiveOf, fixedSplit, meanOf } from "../accuracy.mjs";
import { describe, formatPercent, machine, publish, table } from "../report.mjs";
import { plot } from "./plot.mjs";
import { IMAGES, variants } from "./variants.mjs";

/**
 * What each suggestion of the article is worth, alone on top of its recipe, with the same number of images:
 * `npm run ablation [-- notMNIST_small.tar.gz]`. Five seeds each, on notMNIST and on the letters.
 */
const { values, positionals } = parseArgs({
  options: { seeds: { type: "string", default: "5" }, only: { type: "string" } },
  allowPositionals: true,
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const chosen = variants.filter(({ name }) => values.only === undefined || name.includes(values.only));
/** A network with less has learned nothing: it says the same letter for every image. */
const ALIVE = 0.2;

const sources = { notMNIST: archiveOf(positionals[0]), letters: "letters" };
const on = machine();
/** @type {Record<string, { name: string, accuracies: (number | null)[], mean: number, reach: number, died: number }[]>} */
const results = {};
for (const [source, path] of Object.entries(sources)) {
  const data = fixedSplit(await openDataset(path));
  const spec = { input: data.training.imageShape, classes: data.training.classNames };
  results[source] = [];
  for (const { name, network, optimizer, batchSize } of chosen) {
    const steps = Math.floor(IMAGES / batchSize);
    const accuracies = [];
    for (const seed of seeds) {
      const score = await accuracyOf(network(spec), data, { batchSize, steps, optimizer: optimizer(steps), seed });
      accuracies.push(score?.accuracy ?? null);
    }
    const alive = accuracies.filter((a) => a !== null && a >= ALIVE).map(Number);
    const died = accuracies.length - alive.length;
    results[source].push({ name, accuracies, died, ...meanOf(alive) });
    console.error(`${source}: ${name}: ${accuracies.map((a) => (a === null ? "–" : formatPercent(a))).join(" ")}`);
  }
}

/** @param {{ mean: number, reach: number, died: number }} row */
const show = ({ mean, reach, died }) =>
  Number.isNaN(mean)
    ? "none learned"
    : `${(100 * mean).toFixed(1)} ± ${(100 * reach).toFixed(1)}${died > 0 ? ` (${died} died)` : ""}`;
const rows = chosen.map(({ name }, k) => [name, ...Object.values(results).map((list) => show(list[k]))]);
const markdown = [
  describe(on),
  `Test accuracy in percent after ${IMAGES.toLocaleString("en")} images, the mean of ${seeds.length} seeds and its 95 % interval.`,
  table(["On top of the recipe `lenet`", ...Object.keys(results)], rows),
].join("\n\n");
if (values.only === undefined) {
  publish("ablation", markdown, { machine: on, images: IMAGES, seeds, results });
  plot(results);
} else console.log(markdown);
