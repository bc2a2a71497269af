import { parseArgs } from "node:util";
import {
  answerImages,
  calibrateModel,
  mergeDatasets,
  recipe,
  recipeTraining,
  reportOf,
  splitDataset,
  subset,
  train,
} from "../../dist/index.node.js";
import { openDataset } from "../../dist/node.js";
import { archiveOf, meanOf } from "./accuracy.mjs";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * What changes of the recipe `fast` do to its accuracy, and to that of its most certain answers, beside the recipe `best`:
 * `npm run fast-variants [-- notMNIST_small.tar.gz --only "60 epochs" --threads 2]`. The test images of `npm run trust` take no
 * part, so that a change can be chosen by this: of the others, a quarter is held out, in four ways.
 */
const { values, positionals } = parseArgs({
  options: { only: { type: "string" }, threads: { type: "string" } },
  allowPositionals: true,
});

/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {string} [of] the recipe, `fast`
 * @property {import("../../dist/index.js").Overrides} [overrides]
 * @property {number} [averageDecay] of averaged weights
 * @property {boolean} [withLetters] trained on the built-in letters, too
 */
/** @type {readonly Variant[]} */
const variants = [
  { name: "the recipe" },
  { name: "60 epochs", overrides: { epochs: 60 } },
  { name: "weight decay 0.002", overrides: { weightDecay: 0.002 } },
  { name: "mixup 0.2", overrides: { mixup: 0.2 } },
  { name: "averaged weights, decay 0.995", averageDecay: 0.995 },
  { name: "dropout, keep 0.8", overrides: { parameters: { hiddenKeepProbability: 0.8 } } },
  { name: "3 residual blocks", overrides: { parameters: { blocks: 3 } } },
  { name: "16 channels at first, 42 at last", overrides: { parameters: { width: 16 } } },
  { name: "with the letters", withLetters: true },
  { name: "the recipe best", of: "best" },
];
const chosen = variants.filter(({ name }) => values.only === undefined || name === values.only);
const FOLDS = 4;
const COVERAGES = [0.95, 0.9];

const all = await openDataset(archiveOf(positionals[0]));
const { training, validation } = splitDataset(all, { validation: 0.1, test: 0.2, seed: 1 });
const data = subset(
  all,
  [...training, ...validation].sort((a, b) => a - b),
);
const letters = await openDataset("letters");
const folds = Array.from({ length: FOLDS }, (_, k) => {
  const split = splitDataset(data, { validation: 0.05, test: 0.25, seed: 100 + k });
  return { training: subset(data, split.training), validation: split.validation, test: split.test };
});

/**
 * The accuracy of a variant and that of its most certain answers, on one fold.
 * @param {Variant} variant @param {number} k
 */
async function scoresOf({ of = "fast", overrides = {}, averageDecay = 0, withLetters = false }, k) {
  const fold = /** @type {typeof folds[number]} */ (folds[k]);
  const source = withLetters ? mergeDatasets([fold.training, letters]) : fold.training;
  const shape = {
    images: { input: data.imageShape, classes: data.classNames },
    trainingImages: source.labels.length,
  };
  const { model, ...settings } = recipeTraining(recipe(of), shape, { ...overrides, seed: k + 1 });
  const optimizer = averageDecay > 0 ? { ...settings.optimizer, averageDecay } : settings.optimizer;
  const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };
  const split = { validation: 0, test: 0 };
  const options = { ...settings, optimizer, ...threads, split, validateEvery: 0 };
  const trained = await train(model, source, options).model();
  const held = await answerImages(trained, data, { rows: fold.validation });
  const calibration = calibrateModel(held.logits, held.labels, data.classNames.length);
  const test = await answerImages(trained, data, { rows: fold.test });
  const classes = data.classNames;
  const report = reportOf({ classes, logits: test.logits, labels: test.labels, ...(calibration && { calibration }) });
  const { coverage } = report.probabilities.after;
  const among = COVERAGES.map((share) => coverage.find((at) => at.coverage >= share - 1e-12)?.accuracy ?? 1);
  return [report.accuracy, ...among];
}

const on = machine();
const results = [];
for (const variant of chosen) {
  const scores = [];
  for (let k = 0; k < FOLDS; k++) scores.push(await scoresOf(variant, k));
  console.error(`${variant.name}: ${JSON.stringify(scores)}`);
  results.push({ name: variant.name, scores });
}

const count = folds.reduce((sum, { test }) => sum + test.length, 0);
const [own] = results;
/** @param {readonly number[][]} scores @param {number} c */
const show = (scores, c) => {
  const of = (/** @type {readonly number[][]} */ rows) => rows.map((row) => row[c] ?? Number.NaN);
  const { mean } = meanOf(of(scores));
  const { reach } = meanOf(of(scores).map((x, k) => x - (of(own?.scores ?? [])[k] ?? Number.NaN)));
  return `${(100 * mean).toFixed(2)}${scores === own?.scores ? "" : ` ± ${(100 * reach).toFixed(2)}`}`;
};
const markdown = [
  describe(on),
  `Accuracy in percent on ${count.toLocaleString("en")} held-out images of ${FOLDS} splits, trained on ${folds[0]?.training.labels.length.toLocaleString("en")} others each; of all answers, and of the most certain ones. ± is the 95 % interval of the difference from the recipe over the splits.`,
  table(
    ["Change of the recipe `fast`", "All", ...COVERAGES.map((share) => `Most certain ${(100 * share).toFixed(0)} %`)],
    results.map(({ name, scores }) => [name, ...[0, 1, 2].map((c) => show(scores, c))]),
  ),
].join("\n\n");
publish("fast-variants", markdown, { machine: on, results }, values.only === undefined);
