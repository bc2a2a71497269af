import { allRows, answerImages, recipe, recipeTraining, reportOf, slicingsOf, train } from "inkling";
import { bars } from "./bars.js";

/** Trains the recipe `lenet` with dropout in WebAssembly, and reports how well it does on all images: the same in Node, in a page and in a worker of one. */
export async function trainSeed({ steps, ...options }, data = bars()) {
  const shape = { images: { input: data.imageShape, classes: data.classNames }, trainingImages: data.labels.length };
  const overrides = { steps, learningRate: 0.01, keepProbability: 0.5 };
  const { model, ...settings } = recipeTraining(recipe("lenet"), shape, overrides);
  const run = train(model, data, { ...settings, backend: "wasm", ...options });
  const { weightsSha256, arithmetic, threads, imagesPerSecond } = await run.result();
  return { weightsSha256, arithmetic, threads, imagesPerSecond, report: await report(await run.model(), data) };
}

async function report(trained, data) {
  const { logits, labels } = await answerImages(trained, data, { backend: "wasm", threads: 1 });
  const { classes } = trained.model;
  const slicings = slicingsOf(data, allRows(data));
  return reportOf({ classes, logits, labels, slicings, calibration: trained.calibration });
}
