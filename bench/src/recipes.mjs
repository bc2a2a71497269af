import { parseArgs } from "node:util";
import { mergeDatasets, recipe, recipes, recipeTraining, summarize } from "../../dist/index.node.js";
import { openDataset } from "../../dist/node.js";
import { accuracyOf, archiveOf, fixedSplit, meanOf } from "./accuracy.mjs";
import { describe, machine, publish, table } from "./report.mjs";

/**
 * What each recipe reaches on one fixed split of notMNIST, with the letters as more images to train on, and with nothing
 * else: `npm run recipes [-- notMNIST_small.tar.gz --only fast --seeds 3 --threads 2]`.
 */
const { values, positionals } = parseArgs({
  options: { seeds: { type: "string", default: "3" }, only: { type: "string" }, threads: { type: "string" } },
  allowPositionals: true,
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => k + 1);
const real = await openDataset(archiveOf(positionals[0]));
const split = fixedSplit(real);
const letters = await openDataset("letters");
const withLetters = { ...split, training: mergeDatasets([split.training, letters]) };
const trials = [
  ...recipes.map(({ name }) => ({ name, of: name, data: split })),
  ...["fast", "best"].map((of) => ({ name: `${of}, with the letters`, of, data: withLetters })),
  { name: "best, trained on the letters", of: "best", data: { training: letters, test: real } },
].filter(({ name }) => values.only === undefined || name === values.only);

const on = machine();
const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };
const results = [];
for (const { name, of, data } of trials) {
  const { imageShape, classNames, labels } = data.training;
  const shape = { images: { input: imageShape, classes: classNames }, trainingImages: labels.length };
  const { model, batchSize, steps, optimizer } = recipeTraining(recipe(of), shape);
  const scores = [];
  for (const seed of seeds) {
    const score = await accuracyOf(model, data, { batchSize, steps, optimizer, seed, ...threads });
    console.error(`${name}, seed ${seed}: ${JSON.stringify(score)}`);
    if (score) scores.push(score);
  }
  const multiplyAdds = summarize(model).reduce((sum, row) => sum + row.multiplyAdds, 0);
  results.push({ name, steps, batchSize, megaflops: (6 * multiplyAdds) / 1e6, scores });
}

/** @param {readonly (number | undefined)[]} accuracies */
const show = (accuracies) => {
  const known = accuracies.filter((a) => a !== undefined);
  const { mean, reach } = meanOf(known);
  return known.length === 0 ? "–" : `${(100 * mean).toFixed(2)} ± ${(100 * reach).toFixed(2)}`;
};
const markdown = [
  describe(on),
  `Test accuracy in percent on a fifth of the archive (${split.test.labels.length.toLocaleString("en")} images, none with the same pixels in training), the mean of seeds ${seeds.join(", ")} and its 95 % interval.`,
  table(
    ["Recipe", "MFLOP an image", "Steps", "Each seed", "Mean", "Without duplicates", "Seconds"],
    results.map(({ name, megaflops, steps, scores }) => [
      name,
      megaflops.toFixed(1),
      steps.toLocaleString("en"),
      scores.map(({ accuracy }) => (100 * accuracy).toFixed(2)).join(", "),
      show(scores.map(({ accuracy }) => accuracy)),
      show(scores.map(({ withoutTwins }) => withoutTwins)),
      (scores.reduce((sum, { seconds }) => sum + seconds, 0) / scores.length).toFixed(0),
    ]),
  ),
].join("\n\n");
publish(values.only === undefined ? "recipes" : `recipes-${values.only.replaceAll(/\W+/g, "-")}`, markdown, {
  machine: on,
  seeds,
  results,
});
