/**
 * Random search, successive halving and Hyperband on recorded learning curves: how far the trial that a study would return is from
 * the best one of all, in points of final validation accuracy, after equal costs. Nothing is trained; studies, samplers and
 * schedules are those of a search.
 *
 *     npm --prefix bench run search-curves -- [--recipe fast] [--seeds 200]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { choice, Study } from "../../../dist/index.node.js";
import { table } from "../report.mjs";

const text = { type: /** @type {const} */ ("string") };
const { values: options } = parseArgs({
  options: { recipe: { ...text, default: "fast" }, seeds: { ...text, default: "200" } },
});
const seeds = Number(options.seeds);
const file = new URL(`../../results/learning-curves-${options.recipe}.json`, import.meta.url);
const { curves, parts } = /** @type {import("./recordCurves.mjs").Recording} */ (
  JSON.parse(readFileSync(file, "utf8"))
);
/** Costs at which studies are compared, in whole trainings. */
const COSTS = [5, 10, 20, 40];
const space = { curve: choice(...curves.keys()) };

/** The accuracy of a setting after some share of its training; none if it had diverged before that. */
const accuracyAfter = (/** @type {number} */ curve, /** @type {number} */ resource) =>
  curves[curve].accuracies.at(Math.ceil(parts * resource - 1e-9) - 1);
const finals = curves.map((_, k) => curves[k].accuracies[parts - 1] ?? 0);
const best = Math.max(...finals);

/** The regret of a study at each of the costs. @param {import("../../../dist/index.js").Pruning} pruning @param {number} seed */
function regrets(pruning, seed) {
  const study = new Study(
    { space, initial: [], sampler: "random", seed, maximize: true, lag: 1, pruning },
    10 * Math.max(...COSTS), // more than it comes to
  );
  /** Shares that trials have been trained for. @type {Map<number, number>} */
  const trained = new Map();
  /** @type {number[]} */
  const found = [];
  let cost = 0;
  while (found.length < COSTS.length) {
    const [{ step, trial, resource, parameters }] = study.ready();
    const curve = Number(parameters.curve);
    const more = resource - (trained.get(trial) ?? 0);
    while (cost + more > COSTS[found.length] + 1e-9) found.push(best - finals[Number(study.best?.parameters.curve)]);
    cost += more;
    trained.set(trial, resource);
    const score = accuracyAfter(curve, resource);
    study.tell(step, score === undefined ? { problem: "not finite" } : { score });
  }
  return found;
}

/** @param {readonly number[]} values */
const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;
/** The mean and half of its 95 % interval, in points. @param {readonly number[]} values */
function points(values) {
  const variance = mean(values.map((x) => (x - mean(values)) ** 2)) / (values.length - 1);
  return `${(100 * mean(values)).toFixed(2)} ± ${(196 * Math.sqrt(variance)).toFixed(2)}`;
}

/** Ranks from 0, equal values sharing their mean. @param {readonly number[]} values */
const ranks = (values) =>
  values.map((x) => values.filter((y) => y < x).length + (values.filter((y) => y === x).length - 1) / 2);
/** Spearman's rank correlation. @param {readonly number[]} a @param {readonly number[]} b */
function correlation(a, b) {
  const [p, q] = [ranks(a), ranks(b)].map((all) => all.map((rank) => rank - (all.length - 1) / 2));
  const dot = (/** @type {number[]} */ x, /** @type {number[]} */ y) =>
    x.reduce((sum, value, k) => sum + value * y[k], 0);
  return dot(p, q) / Math.sqrt(dot(p, p) * dot(q, q));
}

const failed = curves.filter(({ accuracies }) => accuracies.length < parts).length;
const sorted = finals.toSorted((a, b) => a - b);
console.log(
  `${curves.length} curves: best ${(100 * best).toFixed(2)} %, median ${(100 * sorted[curves.length >> 1]).toFixed(2)} %, ${failed} without an end`,
);
for (const share of [1 / 9, 1 / 3]) {
  const early = curves.map((_, k) => accuracyAfter(k, share) ?? 0);
  console.log(
    `rank correlation of the score after ${share.toFixed(2)} with the last: ${correlation(early, finals).toFixed(2)}`,
  );
}
/** @type {readonly ["none" | "halving" | "hyperband", number][]} */
const contenders = [
  ["none", 0],
  ["halving", 2],
  ["hyperband", 2],
];
const all = contenders.map(([type, comparisons]) =>
  Array.from({ length: seeds }, (_, seed) => regrets({ type, factor: 3, comparisons }, seed)),
);
console.log(
  table(
    ["regret in points", ...COSTS.map((cost) => `${cost} trainings`)],
    contenders.map(([type], k) => [type, ...COSTS.map((_, c) => points(all[k].map((found) => found[c])))]),
  ),
);
