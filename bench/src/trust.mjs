import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  answerImages,
  answersOf,
  calibrateModel,
  decodeModel,
  encodeModel,
  probabilitiesOf,
  recipe,
  recipeTraining,
  reportOf,
  scoreCorruptions,
  scoreSets,
  setThresholdFor,
  splitDataset,
  subset,
  thresholdFor,
  train,
} from "../../dist/index.node.js";
import { openDataset } from "../../dist/node.js";
import { archiveOf } from "./accuracy.mjs";
import { coverageBand } from "./coverageBand.mjs";
import { describe, formatPercent, machine, publish, table } from "./report.mjs";
import { unlikeLetters } from "./unlikeLetters.mjs";

/**
 * What the probabilities of trained recipes are worth on notMNIST: calibration before and after, accuracy
 * among the most certain answers, prediction sets, corruptions, and how many pictures unlike anything trained on are refused:
 * `npm run trust [-- notMNIST_small.tar.gz --only fast --seeds 3 --models FOLDER --unlike mnist=FOLDER]`. Trained models are
 * kept in FOLDER, and taken from there the next time.
 *
 * @typedef {import("../../dist/index.js").TrainedModel} TrainedModel
 * @typedef {import("../../dist/index.js").Dataset} Dataset
 */
const { values, positionals } = parseArgs({
  options: {
    seeds: { type: "string", default: "3" },
    only: { type: "string" },
    models: { type: "string" },
    threads: { type: "string" },
    unlike: { type: "string", multiple: true, default: [] },
  },
  allowPositionals: true,
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const names = ["fast", "best"].filter((name) => values.only === undefined || name === values.only);
const fromHere = (/** @type {string} */ path) => resolve(process.env["INIT_CWD"] ?? "", path);

const data = await openDataset(archiveOf(positionals[0]));
// Images with the same pixels are on one side; the split is the same for all seeds.
const split = splitDataset(data, { validation: 0.1, test: 0.2, seed: 1 });
const parts = new Uint8Array(data.labels.length);
for (const row of split.validation) parts[row] = 1;
for (const row of split.test) parts[row] = 2;
const parted = { ...data, parts };
const testImages = subset(data, split.test);

/** @param {string} name @param {number} seed @returns {Promise<TrainedModel>} */
async function trainedModel(name, seed) {
  const path = values.models && join(fromHere(values.models), `${name}-${seed}.safetensors`);
  if (path && existsSync(path)) return decodeModel(readFileSync(path));
  const shape = { images: { input: data.imageShape, classes: data.classNames }, trainingImages: split.training.length };
  const { model, ...settings } = recipeTraining(recipe(name), shape, { seed });
  const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };
  const trained = await train(model, parted, { ...settings, ...threads }).model();
  if (path) {
    mkdirSync(fromHere(/** @type {string} */ (values.models)), { recursive: true });
    writeFileSync(path, encodeModel(trained));
  }
  return trained;
}

const TARGETS = [0.98, 0.99];
const COVERAGES = [0.9, 0.95, 0.99];
const methods = /** @type {const} */ (["lac", "aps"]);

/** Everything that is measured of one model. @param {TrainedModel} trained */
async function measure(trained) {
  const classes = data.classNames;
  const validation = await answerImages(trained, data, { rows: split.validation });
  const calibration = calibrateModel(validation.logits, validation.labels, classes.length);
  if (!calibration) throw new Error("there are no validation images");
  const { temperature, attenuation = 0 } = calibration;
  const test = await answerImages(trained, data, { rows: split.test });
  const report = reportOf({ classes, logits: test.logits, labels: test.labels, calibration });
  const p = probabilitiesOf(test.logits, test.labels, classes.length, calibration);
  const { before, after } = report.probabilities;
  const at = (/** @type {number} */ coverage) =>
    after.coverage.find((point) => point.coverage >= coverage - 1e-12)?.accuracy ?? 1;
  const answers = (report.thresholds?.answers ?? []).filter(({ target }) => TARGETS.includes(target));
  const sets = methods.flatMap((method) =>
    COVERAGES.map((coverage) => {
      const { covered, within, meanSize } = scoreSets(p, setThresholdFor(calibration, coverage, method));
      const band = coverageBand(split.validation.length, split.test.length, coverage);
      return { method, coverage, covered, within, meanSize, band };
    }),
  );
  const isRight = async (/** @type {import("../../dist/index.js").AnyDataset} */ images) =>
    (await answerImages(trained, images)).correct;
  return {
    accuracy: report.accuracy,
    temperature,
    attenuation,
    errorBefore: before.calibrationError,
    errorAfter: after.calibrationError,
    logLoss: [before.logLoss.value, after.logLoss.value],
    accuracyAt95: at(0.95),
    accuracyAt90: at(0.9),
    answers,
    sets,
    corruptions: await scoreCorruptions(testImages, isRight, { background: trained.preparation.background }),
    unlike: await refusals(trained, calibration),
  };
}

/**
 * How many pictures unlike the training images are refused at the thresholds.
 *
 * @param {TrainedModel} trained @param {import("../../dist/index.js").ModelCalibration} calibration
 */
async function refusals(trained, calibration) {
  const given = values.unlike.map((text) => /** @type {[string, string]} */ (text.split(/=(.*)/s).slice(0, 2)));
  /** @type {[string, Uint8Array][]} */
  const sets = [...Object.entries(unlikeLetters(trained.model.input))];
  for (const [name, source] of given) {
    const dataset = await openDataset(fromHere(source), { inputsOf: trained });
    sets.push([name, dataset.images.subarray(0, 5000 * 784)]);
  }
  const classes = data.classNames.length;
  const thresholds = TARGETS.map((target) => thresholdFor(calibration, target));
  const found = [];
  for (const [name, images] of sets) {
    const logits = await trained.logits(images);
    const count = logits.length / classes;
    const p = answersOf(probabilitiesOf(logits, new Uint8Array(count), classes, calibration));
    const refused = thresholds.map(({ target, threshold }) => {
      return { target, share: p.filter(({ confidence }) => confidence < threshold).length / count };
    });
    found.push({ name, images: count, refused });
  }
  return found;
}

const on = machine();
/** @type {{ name: string, seed: number, result: Awaited<ReturnType<typeof measure>> }[]} */
const runs = [];
for (const name of names)
  for (const seed of seeds) {
    const result = await measure(await trainedModel(name, seed));
    console.error(`${name}, seed ${seed}: ${JSON.stringify(result)}`);
    runs.push({ name, seed, result });
  }

/** @param {string} name @param {(result: Awaited<ReturnType<typeof measure>>) => number} value */
const meanOf = (name, value) => {
  const own = runs.filter((run) => run.name === name);
  return own.reduce((sum, { result }) => sum + value(result), 0) / own.length;
};
const first = /** @type {Awaited<ReturnType<typeof measure>>} */ (runs[0]?.result);
const percentages = (/** @type {readonly number[]} */ shares) => shares.map(formatPercent).join(", ");
const markdown = [
  describe(on),
  `Recipes trained on ${split.training.length.toLocaleString("en")} images, calibrated on ${split.validation.length.toLocaleString("en")} and tested on ${split.test.length.toLocaleString("en")}, none with the same pixels in two of them; seeds ${seeds.join(", ")}.`,
  table(
    [
      "Recipe, seed",
      "Accuracy",
      "Temperature",
      "Attenuation",
      "Error before",
      "after",
      "if calibrated",
      "Log loss",
      "At 95 %",
      "At 90 %",
    ],
    runs.map(({ name, seed, result }) => [
      `${name}, ${seed}`,
      formatPercent(result.accuracy),
      result.temperature.toFixed(2),
      result.attenuation.toFixed(2),
      formatPercent(result.errorBefore.value),
      formatPercent(result.errorAfter.value),
      formatPercent(result.errorAfter.ifCalibrated),
      result.logLoss.map((loss) => loss.toFixed(3)).join(" → "),
      formatPercent(result.accuracyAt95),
      formatPercent(result.accuracyAt90),
    ]),
  ),
  "Answers at the threshold for a target accuracy: the share of images that are answered, and of these the share that is right.",
  table(
    ["Recipe, seed", ...TARGETS.map((target) => formatPercent(target))],
    runs.map(({ name, seed, result }) => [
      `${name}, ${seed}`,
      ...result.answers.map(({ coverage, accuracy }) => percentages([coverage, accuracy])),
    ]),
  ),
  "Prediction sets: how often the label's own score is within the threshold, beside the band that holds it 95 % of the time; how often the sets as they are given contain the label; and their mean size.",
  table(
    ["Recipe, seed, method", "Coverage", "Band", "Within", "Contained", "Classes"],
    runs.flatMap(({ name, seed, result }) =>
      result.sets.map(({ method, coverage, band, within, covered, meanSize }) => [
        `${name}, ${seed}, ${method}`,
        formatPercent(coverage),
        percentages(band),
        `${formatPercent(within)}${within < band[0] || within > band[1] ? " (outside)" : ""}`,
        formatPercent(covered),
        meanSize.toFixed(2),
      ]),
    ),
  ),
  "Accuracy under each kind of corruption of MNIST-C, and the mean corruption error, in the mean over seeds.",
  table(
    ["Corruption", ...names],
    [
      ...["none", ...first.corruptions.kinds.map((kind) => kind.name)].map((kind, k) => [
        kind.replaceAll("_", " "),
        ...names.map((name) => {
          const mean = meanOf(
            name,
            ({ corruptions }) => [corruptions.clean, ...corruptions.kinds][k]?.accuracy ?? Number.NaN,
          );
          return formatPercent(mean);
        }),
      ]),
      ["mean error", ...names.map((name) => formatPercent(meanOf(name, ({ corruptions }) => corruptions.meanError)))],
    ],
  ),
  "Pictures unlike the letters that are refused at the thresholds, in the mean over seeds.",
  table(
    ["Pictures", "Images", ...names.flatMap((name) => TARGETS.map((target) => `${name}, ${formatPercent(target)}`))],
    first.unlike.map(({ name: what, images }, u) => [
      what,
      images.toLocaleString("en"),
      ...names.flatMap((name) =>
        TARGETS.map((_, t) => formatPercent(meanOf(name, ({ unlike }) => unlike[u]?.refused[t]?.share ?? Number.NaN))),
      ),
    ]),
  ),
].join("\n\n");
publish("trust", markdown, { machine: on, runs }, values.only === undefined && seeds.length === 3);
