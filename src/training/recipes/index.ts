import { InklingError } from "../../base/error.ts";
import { didYouMean } from "../../base/nearest.ts";
import { quoted } from "../../base/printable.ts";
import { auto } from "./auto.ts";
import { best } from "./best.ts";
import { fast } from "./fast.ts";
import { inception } from "./inception.ts";
import { lenet } from "./lenet.ts";
import type { Recipe } from "./recipe.ts";

export {
  batchesOf,
  checkOverrides,
  type DataShape,
  defineRecipe,
  type Length,
  type Recipe,
  type RecipeParts,
  type RecipeTraining,
  recipeTraining,
  stepsOf,
} from "./recipe.ts";

/** The recipe for a source of data if none is named: the built-in letters are the article's demonstration. */
export const defaultRecipe = (source: string): string => (source === "letters" ? "lenet" : "auto");

/** Every recipe. */
export const recipes: readonly Recipe[] = [auto, lenet, fast, inception, best];

/** Former names of recipes, with the current ones. */
const formerNames: ReadonlyMap<string, string> = new Map([["seed", "lenet"]]);

/**
 * A recipe by name, by default `auto`, which fits any data; a former name works too, with a warning on the console.
 * Throws `INVALID_ARGUMENT`, listing the names.
 */
export function recipe(name = "auto"): Recipe {
  const current = formerNames.get(name);
  if (current !== undefined) {
    console.warn(`The recipe "${name}" is now called "${current}"`);
    return recipe(current);
  }
  const found = recipes.find((r) => r.name === name);
  if (found) return found;
  const names = recipes.map((r) => r.name);
  throw new InklingError(
    "INVALID_ARGUMENT",
    `unknown recipe ${quoted(name)}${didYouMean(name, names)}; known recipes: ${names.join(", ")}`,
  );
}
