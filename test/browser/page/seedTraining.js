import { recipe, recipeTraining, train } from "inkling";
import { bars } from "./bars.js";

/** Trains the recipe `lenet` with dropout in WebAssembly, the same in Node, in a page and in a worker of one. */
export async function trainSeed({ steps, ...options }, data = bars()) {
  const shape = { images: { input: data.imageShape, classes: data.classNames }, trainingImages: data.labels.length };
  const overrides = { steps, learningRate: 0.01, keepProbability: 0.5 };
  const { model, ...settings } = recipeTraining(recipe("lenet"), shape, overrides);
  const run = train(model, data, { ...settings, backend: "wasm", ...options });
  const { weightsSha256, arithmetic, threads, imagesPerSecond } = await run.result();
  return { weightsSha256, arithmetic, threads, imagesPerSecond };
}
