import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { defaultRecipe, defineRecipe, recipe, recipes, TrainingData, train } from "../../src/training/index.ts";
import { recipeTraining } from "../../src/training/recipes/recipe.ts";
import { bars } from "./data.ts";

enableRelaxedSimd();
const small = defineRecipe({
  name: "small",
  description: "one convolution",
  network: (spec) => network(spec, [conv2d(4, 3), relu(), flatten(), dense(spec.classes.length)]),
  batchSize: 8,
  length: { epochs: 2 },
  optimizer: (_steps, learningRate = 0.05) => sgd(learningRate),
});

describe("recipes", () => {
  it("are auto where none is named, and the article's for the built-in letters", () => {
    expect(["letters", "letters.inkling", "photos/letters", "mnist"].map(defaultRecipe)).toEqual([
      "lenet",
      ...["auto", "auto", "auto"],
    ]);
    for (const source of ["letters", "mnist"]) expect(recipes).toContain(recipe(defaultRecipe(source)));
  });

  it("refuse a probability to keep elements where nothing is dropped", () => {
    const shape = { images: { input: [28, 28, 1], classes: ["A", "B"] }, trainingImages: 100 } as const;
    for (const keepProbability of [0.5, 0.75, 1])
      expect(() => recipeTraining(recipe("auto"), shape, { keepProbability })).toThrow(
        /recipe auto has no dropout that keepProbability could set; omit it, or use a recipe that has, such as lenet/,
      );
    expect(() => recipeTraining(recipe("lenet"), shape, { keepProbability: 1 })).not.toThrow();
  });

  it("are auto by default", () => expect(recipe().name).toBe("auto"));

  it("train in place of a model, with the values that replace theirs", async () => {
    const data = bars(100);
    const run = (options = {}) => train(small, data, { backend: "wasm", threads: 1, validateEvery: 0, ...options });
    expect((await run().result()).steps).toBe(20);
    const longer = await run({ epochs: 3, learningRate: 0.1, seed: 7, split: { test: 20 } }).result();
    expect(longer.steps).toBe(26);
    expect(longer.test.count).toBe(20);
    const { model, ...settings } = small.training(new TrainingData(data, { seed: 7, split: { test: 20 } }).shape, {
      epochs: 3,
      learningRate: 0.1,
    });
    const same = train(model, data, { ...settings, seed: 7, split: { test: 20 }, backend: "wasm", validateEvery: 0 });
    expect((await same.result()).weightsSha256).toBe(longer.weightsSha256);
    await expect(run({ epochs: -1 }).result()).rejects.toThrow("epochs is -1");
    const slower = await run({ optimizer: sgd(0.01) }).result();
    expect(slower.steps).toBe(20);
    expect(slower.weightsSha256).not.toBe((await run().result()).weightsSha256);
  });
});
