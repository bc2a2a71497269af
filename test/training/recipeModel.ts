import type { Model } from "../../src/model/index.ts";
import { type DataShape, type Overrides, recipe, recipeTraining } from "../../src/training/index.ts";

/** The network of a recipe for some images. */
export const recipeModel = (name: string, images: DataShape["images"], overrides: Overrides = {}): Model =>
  recipeTraining(recipe(name), { images, trainingImages: 10_000 }, overrides).model;
