import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { exponentialDecay, InklingError, parseModel, type Recipe, recipe, sgd } from "../index.ts";

/**
 * A recipe by its name, from a model's JSON, or from a TypeScript or JavaScript file whose default export is
 * made by `defineRecipe`. Throws `NOT_FOUND`, `INVALID_MODEL` or `INVALID_ARGUMENT` saying what was expected.
 */
export async function loadRecipe(nameOrFile: string): Promise<Recipe> {
  const extension = extname(nameOrFile);
  if (extension === ".json") return fromModel(nameOrFile);
  if ([".ts", ".mts", ".js", ".mjs"].includes(extension)) return fromModule(nameOrFile);
  return recipe(nameOrFile);
}

async function fromModel(path: string): Promise<Recipe> {
  const model = parseModel(parseJson(await read(path), path));
  return {
    name: basename(path, ".json"),
    description: `the model of ${path}`,
    network: () => model,
    batchSize: 16,
    length: { steps: 1001 },
    optimizer: (_steps, rate = 0.1) => sgd(exponentialDecay(rate, 100_000, 0.96)),
  };
}

async function fromModule(path: string): Promise<Recipe> {
  await read(path); // a missing file is named by us, not by the loader
  const { importFile } = await import("./importModule.ts");
  const exported = await importFile(path);
  const recipe = (exported["default"] ?? exported) as Partial<Recipe>;
  const { name, network, batchSize, length, optimizer } = recipe;
  if (
    typeof name !== "string" ||
    typeof network !== "function" ||
    typeof optimizer !== "function" ||
    !batchSize ||
    !length
  )
    throw new InklingError(
      "INVALID_MODEL",
      `${path}: its default export is no recipe; write: export default defineRecipe({ … })`,
    );
  return recipe as Recipe;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new InklingError(
      "NOT_FOUND",
      `${path} cannot be read: ${(cause as Error).message}; give a recipe's name or the file of a model`,
      { cause },
    );
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InklingError("INVALID_MODEL", `${path} is no JSON: ${(cause as Error).message}`, { cause });
  }
}
