import { InklingError } from "../../base/error.ts";
import { best } from "./best.ts";
import { fast } from "./fast.ts";
import { inception } from "./inception.ts";
import type { Recipe } from "./recipe.ts";
import { seed } from "./seed.ts";

export { defineRecipe, type Recipe, type RecipeOptions, stepsOf } from "./recipe.ts";

/** Every recipe. */
export const recipes: readonly Recipe[] = [seed, fast, inception, best];

/** A recipe by its name. Throws `INVALID_ARGUMENT` naming the known ones. */
export function recipe(name: string): Recipe {
  const found = recipes.find((r) => r.name === name);
  if (found) return found;
  const known = recipes.map((r) => r.name).join(", ");
  throw new InklingError("INVALID_ARGUMENT", `recipe "${name}" is not known; known are ${known}`);
}
