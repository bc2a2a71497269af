import { parseArgs } from "node:util";
import { recipe, recipeTraining, train } from "../../dist/index.node.js";
import { openDataset } from "../../dist/node.js";
import { archiveOf } from "./accuracy.mjs";
import { describe, formatPercent, machine, publish, table } from "./report.mjs";

/**
 * Trains the recipe `lenet` as it stands on the notMNIST archive, ten times with and ten times without dropout,
 * and says how well it does on its own test split and how often it dies: `npm run seed-accuracy`.
 */
const SEEDS = Array.from({ length: 10 }, (_, k) => k + 1);
const KEEP_PROBABILITIES = [1, 0.5];
/** A network with less has died: it says the same letter for every image, which is right for one in ten. */
const ALIVE = 0.2;

const { values, positionals } = parseArgs({
  options: { "learning-rate": { type: "string", default: "0.1" } },
  allowPositionals: true,
});
const learningRate = Number(values["learning-rate"]);

const data = await openDataset(archiveOf(positionals[0]));
const shape = { images: { input: data.imageShape, classes: data.classNames }, trainingImages: data.labels.length };
const { batchSize, steps } = recipeTraining(recipe("lenet"), shape);

/** The test accuracy, 0 to 1; null where training diverged. */
async function accuracyOf(/** @type {number} */ keepProbability, /** @type {number} */ number) {
  const values = { keepProbability, learningRate, seed: number, validateEvery: 0 };
  const { model, ...options } = recipeTraining(recipe("lenet"), shape, values);
  try {
    return (await train(model, data, options).result()).test.accuracy;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "NOT_FINITE") return null;
    throw error;
  }
}

/** @param {number | null} accuracy @returns {accuracy is number} */
const learned = (accuracy) => accuracy !== null && accuracy >= ALIVE;

/** All seeds at a keep probability. */
async function column(/** @type {number} */ keepProbability) {
  /** @type {(number | null)[]} */
  const accuracies = [];
  for (const number of SEEDS) {
    accuracies.push(await accuracyOf(keepProbability, number));
    console.error(`keep ${keepProbability}, seed ${number}: ${accuracies.at(-1)}`);
  }
  const alive = accuracies.filter(learned);
  const mean = alive.reduce((sum, a) => sum + a, 0) / alive.length;
  const [min, max] = [Math.min(...alive), Math.max(...alive)];
  return { keepProbability, accuracies, mean, min, max, died: accuracies.length - alive.length };
}

const on = machine();
/** @type {Awaited<ReturnType<typeof column>>[]} */
const columns = [];
for (const keepProbability of KEEP_PROBABILITIES) columns.push(await column(keepProbability));

const show = (/** @type {number | null} */ accuracy) =>
  accuracy === null ? "died (not finite)" : `${learned(accuracy) ? "" : "died: "}${formatPercent(accuracy)}`;
const markdown = [
  describe(on),
  `Recipe \`lenet\`, learning rate ${learningRate}, ${steps} steps of ${batchSize}, ${data.labels.length.toLocaleString("en")} images, a tenth of them to test.`,
  table(
    ["Seed", ...columns.map(({ keepProbability }) => `Keep ${keepProbability}`)],
    [
      ...SEEDS.map((number, k) => [`${number}`, ...columns.map(({ accuracies }) => show(accuracies[k]))]),
      ["Died", ...columns.map(({ died }) => `${died} of ${SEEDS.length}`)],
      ["Mean of those that learned", ...columns.map(({ mean }) => formatPercent(mean))],
      ["Least", ...columns.map(({ min }) => formatPercent(min))],
      ["Most", ...columns.map(({ max }) => formatPercent(max))],
    ],
  ),
].join("\n\n");
publish(`seed-accuracy-${learningRate}`, markdown, { machine: on, learningRate, images: data.labels.length, columns });
