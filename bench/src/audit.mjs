import { parseArgs } from "node:util";
import {
  applyFixes,
  auditLabels,
  labelMargin,
  proposeFixes,
  recipe,
  recipeTraining,
  splitDataset,
  subset,
  train,
} from "../../dist/index.js";
import { openDataset } from "../../dist/node.js";
import { archiveOf } from "./accuracy.mjs";
import { describe, formatPercent, machine, publish, table } from "./report.mjs";

/**
 * Plants wrong labels in the letters and in the notMNIST archive, audits them, and says how many are found, and what
 * the fixes are worth: `npm run audit`. A fifth of the images is for the test; nothing is planted in them.
 *
 * @typedef {import("../../dist/index.js").Dataset} Dataset
 */
const SHARES = [0, 0.01, 0.05, 0.1];
const { values, positionals } = parseArgs({
  options: {
    /** Passes of the models whose test accuracy is compared. */
    epochs: { type: "string", default: "8" },
    /** Trainings whose test accuracies are averaged. */
    seeds: { type: "string", default: "3" },
    /** So much of each data set. */
    share: { type: "string", default: "1" },
  },
  allowPositionals: true,
});
const epochs = Number(values.epochs);
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const archive = archiveOf(positionals[0]);

/** Whole numbers below a limit, always the same ones (mulberry32). */
function generator(/** @type {number} */ state) {
  return (/** @type {number} */ limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** The data set with a share of its labels wrong, each any other class alike, and their rows. */
function plant(/** @type {Dataset} */ data, /** @type {number} */ share) {
  const below = generator(1);
  const labels = data.labels.slice();
  const planted = new Set();
  while (planted.size < Math.round(share * labels.length)) {
    const row = below(labels.length);
    if (planted.has(row)) continue;
    planted.add(row);
    labels[row] = (labels[row] + 1 + below(data.classNames.length - 1)) % data.classNames.length;
  }
  return { noisy: { ...data, labels }, planted };
}

/** The mean test accuracy of the recipe fast over some seeds. */
async function accuracyOf(/** @type {Dataset} */ data, /** @type {Dataset} */ test) {
  const shape = { images: { input: data.imageShape, classes: data.classNames }, trainingImages: data.labels.length };
  const { model, ...settings } = recipeTraining(recipe("fast"), shape, { epochs, validateEvery: 0 });
  let sum = 0;
  for (const seed of seeds)
    sum += (await train(model, data, { ...settings, seed, split: { validation: 0 }, test }).result()).test.accuracy;
  return sum / seeds.length;
}

/** @param {readonly number[]} rows @param {Set<number>} planted */
const hits = (rows, planted) => rows.filter((row) => planted.has(row)).length;

/** Audits with some share planted; `before` are the rows found with none planted. */
async function measure(
  /** @type {string} */ name,
  /** @type {Dataset} */ data,
  /** @type {Dataset} */ test,
  /** @type {number} */ share,
  /** @type {Set<number>} */ before,
) {
  const { noisy, planted } = plant(data, share);
  const audit = await auditLabels(noisy);
  const classes = data.classNames.length;
  const margins = Array.from(noisy.labels, (label, row) =>
    labelMargin(audit.probabilities.subarray(row * classes, (row + 1) * classes), label),
  );
  const worst = margins.map((_, row) => row).sort((a, b) => margins[a] - margins[b] || a - b);
  const errors = audit.suspects.filter(({ kind }) => kind === "labelError");
  const found = errors.map(({ row }) => row);
  const fresh = found.filter((row) => planted.has(row) || !before.has(row));
  const mended = errors.filter(
    ({ row, suggested }) => planted.has(row) && suggested === data.classNames[data.labels[row]],
  );
  const fixed = async (/** @type {"relabel" | "drop"} */ labelErrors) =>
    accuracyOf((await applyFixes(noisy, proposeFixes(audit, { labelErrors }))).dataset, test);
  const result = {
    planted: planted.size,
    share,
    agreement: audit.accuracy,
    estimated: audit.noise,
    found: found.length,
    precision: hits(found, planted) / found.length,
    /** Leaving out what is found with nothing planted, too. */
    freshPrecision: hits(fresh, planted) / fresh.length,
    recall: hits(found, planted) / planted.size,
    recallOfPlanted: hits(worst.slice(0, planted.size), planted) / planted.size,
    rightlyRelabelled: mended.length / hits(found, planted),
    unreadable: audit.suspects.filter(({ kind }) => kind === "unreadable").length,
    ambiguous: audit.suspects.filter(({ kind }) => kind === "ambiguous").length,
    accuracyBefore: await accuracyOf(noisy, test),
    accuracyRelabelled: await fixed("relabel"),
    accuracyDropped: await fixed("drop"),
  };
  console.error(name, JSON.stringify(result));
  return { ...result, rows: new Set(found) };
}

/** All shares of one data set. */
async function measureAll(/** @type {string} */ name, /** @type {string} */ source) {
  const all = await openDataset(source);
  const keep = Number(values.share);
  const split = splitDataset(all, { training: 0.8 * keep, validation: 0, test: 0.2 * keep });
  const [data, test] = [subset(all, split.training), subset(all, split.test)];
  /** @type {Omit<Awaited<ReturnType<typeof measure>>, "rows">[]} */
  const results = [];
  let before = new Set();
  for (const share of SHARES) {
    const { rows, ...result } = await measure(name, data, test, share, before);
    if (share === 0) before = rows;
    results.push(result);
  }
  return { name, images: data.labels.length, testImages: test.labels.length, results };
}

const on = machine();
const sets = [await measureAll("letters", "letters"), await measureAll("notMNIST", archive)];

const orNothing = (/** @type {number} */ share) => (Number.isFinite(share) ? formatPercent(share) : "");
const markdown = [
  describe(on),
  `Audits with the defaults; test accuracies of the recipe fast after ${epochs} epochs, each the mean of ${seeds.length} seeds.`,
  ...sets.flatMap(({ name, images, testImages, results }) => [
    `${name}: ${images.toLocaleString("en")} images, of which some get a wrong label, and ${testImages.toLocaleString("en")} for the test.`,
    table(
      ["Planted", ...results.map(({ share, planted }) => `${(100 * share).toFixed(0)} % (${planted})`)],
      [
        ["Wrong by estimate", ...results.map(({ estimated }) => formatPercent(estimated))],
        ["Likely label errors found", ...results.map(({ found }) => `${found}`)],
        ["Their precision", ...results.map((r) => (r.planted ? orNothing(r.precision) : ""))],
        [
          "Their precision, without those found with none planted",
          ...results.map((r) => (r.planted ? orNothing(r.freshPrecision) : "")),
        ],
        ["Their recall", ...results.map(({ recall }) => orNothing(recall))],
        [
          "Precision and recall of the ranking, at the number planted",
          ...results.map(({ recallOfPlanted }) => orNothing(recallOfPlanted)),
        ],
        [
          "Found ones that get their old label again",
          ...results.map((r) => (r.planted ? orNothing(r.rightlyRelabelled) : "")),
        ],
        ["Test accuracy before", ...results.map(({ accuracyBefore }) => formatPercent(accuracyBefore))],
        ["after relabeling", ...results.map(({ accuracyRelabelled }) => formatPercent(accuracyRelabelled))],
        ["after dropping", ...results.map(({ accuracyDropped }) => formatPercent(accuracyDropped))],
      ],
    ),
  ]),
].join("\n\n");
publish("audit", markdown, { machine: on, epochs, seeds, sets });
