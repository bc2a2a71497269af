import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadRecipe } from "../../src/cli/loadRecipe.ts";
import { thrownByUser } from "../../src/cli/userError.ts";
import { recipeTraining } from "../../src/training/recipes/index.ts";

const folder = mkdtempSync(join(tmpdir(), "inkling-recipes-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shape = { images: { input: [8, 8, 1], classes: ["A", "B"] }, trainingImages: 100 } as const;
const source = (
  filters: string,
  optimizer = "sgd(0.1)",
) => `import { conv2d, dense, flatten, network, sgd } from "inkling";
const filtersOf = (sizes: number[] | undefined): number => sizes!.length;
export default {
  name: "mine", description: "mine", batchSize: 8, length: { steps: 3 },
  network: (images: { input: [number, number, number]; classes: string[] }) =>
    network(images, [conv2d(${filters}, 3), flatten(), dense(images.classes.length)]),
  optimizer: () => ${optimizer},
};
`;

async function apply(text: string): Promise<unknown> {
  const path = join(folder, `${Math.random()}.ts`);
  writeFileSync(path, text);
  return recipeTraining(await loadRecipe(path), shape);
}

describe("an error of a recipe's own", () => {
  it.each([
    ["thrown by its code", source("filtersOf(undefined)"), /\.ts:2: TypeError: Cannot read properties of undefined/],
    ["of a name that is not there", source("4", "adam(0.1)"), /\.ts:7: ReferenceError: adam is not defined/],
    ["that a layer finds", source("0"), /\.ts:6: conv2d: filters is 0, expected a whole number of at least 1/],
    ["while it is loaded", "const a: string[] = [];\na[0].length;\n", /\.ts:2: TypeError: Cannot read properties/],
    ["in its syntax", "export default {\n  name: 3\n", /\.ts: ParseError: .*\.ts:3:0$/],
  ])("%s names its file and line", async (_, text, message) => {
    await expect(apply(text)).rejects.toThrow(message);
    await expect(apply(text)).rejects.toMatchObject({ name: "InklingError" });
  });

  it("is told from one of Inkling's", () => {
    const error = new Error("oh");
    error.stack = `Error: oh\n    at map (node:internal/x:1:1)\n    at f (${join(folder, "mine.ts")}:3:5)\n`;
    expect(thrownByUser(error)).toMatch(/mine\.ts:3$/);
    error.stack = `Error: oh\n    at g (${join(import.meta.dirname, "../../src/ir/build.ts")}:3:5)\n${error.stack}`;
    expect(thrownByUser(error)).toBeUndefined();
  });
});

it("is compiled without a cache, which would be where others may write", async () => {
  const before = process.env["TMPDIR"];
  const temporary = mkdtempSync(join(folder, "temporary-"));
  process.env["TMPDIR"] = temporary;
  await apply(source("4"));
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  expect(readdirSync(temporary)).toEqual([]);
  expect(existsSync("node_modules/.cache/jiti")).toBe(false);
});
