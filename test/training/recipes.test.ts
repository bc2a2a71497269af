import { describe, expect, it } from "vitest";
import { defaultRecipe, recipe, recipes } from "../../src/training/index.ts";

describe("recipes", () => {
  it("are auto where none is named, and the article's for the built-in letters", () => {
    expect(["letters", "letters.inkling", "photos/letters", "mnist"].map(defaultRecipe)).toEqual([
      "lenet",
      ...["auto", "auto", "auto"],
    ]);
    for (const source of ["letters", "mnist"]) expect(recipes).toContain(recipe(defaultRecipe(source)));
  });
});
