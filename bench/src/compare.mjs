import { parseArgs } from "node:util";
import { philox, purposes, toUnit } from "../../dist/base/philox.js";
import { compareContenders } from "../../dist/index.js";
import { describe, formatPercent, machine, publish, table } from "./report.mjs";

/*
 * How often a comparison calls a difference, on simulated models: `npm run compare`. Models are right on easy images, and
 * on each hard one with a probability of their own, so that two equal models of 97 % disagree on 3 % of the images, as two
 * runs of `lenet` on the letters do.
 */

const { values } = parseArgs({ options: { pairs: { type: "string", default: "1000" } } });
const pairs = Number(values.pairs);
const IMAGES = 3000;
/** The share of hard images. */
const HARD = 0.06;
const RESAMPLES = 300;

/** Which images a model is right on. @param {number} accuracy @param {number} stream */
function simulated(accuracy, stream) {
  const right = 1 - (1 - accuracy) / HARD;
  return Uint8Array.from({ length: IMAGES }, (_, i) =>
    i >= HARD * IMAGES || toUnit(philox([stream, purposes.test], [i, 1, 0, 0])[0]) < right ? 1 : 0,
  );
}

/** A normal number, by Box and Muller. @param {number} stream */
function normal(stream) {
  const [a, b] = philox([stream, purposes.test], [0, 2, 0, 0]).map(toUnit);
  return Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b);
}

/**
 * Settings of several seeds, each with an accuracy of its own.
 * @param {readonly [number, number]} accuracies @param {number} seeds @param {number} spread @param {number} pair
 */
const contenders = (accuracies, seeds, spread, pair) =>
  accuracies.map((accuracy, side) => ({
    models: Array.from({ length: seeds }, (_, k) => {
      const stream = (pair * 2 + side) * seeds + k + 1;
      return simulated(Math.min(0.999, accuracy + spread * normal(stream)), stream);
    }),
  }));

/** @type {readonly { name: string, accuracies: readonly [number, number], seeds: number, spread: number }[]} */
const cases = [
  { name: "Equal models, one run each", accuracies: [0.97, 0.97], seeds: 1, spread: 0 },
  { name: "1 point apart, one run each", accuracies: [0.965, 0.975], seeds: 1, spread: 0 },
  { name: "Equal settings, 3 seeds each that spread by 0.3 points", accuracies: [0.97, 0.97], seeds: 3, spread: 0.003 },
  {
    name: "1 point apart, 3 seeds each that spread by 0.3 points",
    accuracies: [0.965, 0.975],
    seeds: 3,
    spread: 0.003,
  },
];

const results = cases.map(({ name, accuracies, seeds, spread }) => {
  const counts = { called: 0, exact: 0, mid: 0, interval: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    const options = { resamples: RESAMPLES, seed: pair + 1 };
    const found = compareContenders(contenders(accuracies, seeds, spread, pair), options)[0];
    if (!found) throw new Error("nothing was compared");
    const [low, high] = found.interval;
    counts.called += Number(found.verdict !== "undecided");
    counts.exact += Number((found.exactPValue ?? 1) < 0.05);
    counts.mid += Number(found.pValue < 0.05);
    counts.interval += Number(low >= 0 || high <= 0);
  }
  const share = Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count / pairs]));
  console.error(name, share);
  return { name, seeds, ...counts };
});

const on = machine();
const rows = results.map(({ name, seeds, called, exact, mid, interval }) => [
  name,
  formatPercent(called / pairs),
  seeds === 1 ? formatPercent(exact / pairs) : "–",
  formatPercent(mid / pairs),
  formatPercent(interval / pairs),
]);
const head = [`${pairs} pairs, ${IMAGES} images`, "called", "exact p < 0.05", "p < 0.05", "interval beside 0"];
publish("compare", `${table(head, rows)}\n\n${describe(on)}`, { machine: on, pairs, images: IMAGES, results });
