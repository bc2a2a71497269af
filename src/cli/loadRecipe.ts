import { basename, extname } from "node:path";
import { InklingError } from "../base/error.ts";
import { parseJsonText } from "../base/json.ts";
import { contentsOf } from "../base/node/readFile.ts";
import { fileSystemError } from "../base/node/systemError.ts";
import { quoted } from "../base/printable.ts";
import { parseModel } from "../model/index.ts";
import { readRecord } from "../runs/node/record.ts";
import {
  defaultRecipe,
  defineRecipe,
  type Recipe,
  type RecipeParts,
  recipe,
  recipes,
} from "../training/recipes/index.ts";
import { lenetTraining } from "../training/recipes/lenet.ts";
import { isFolder } from "./openModel.ts";
import { errorIn } from "./userError.ts";

/**
 * A recipe by name, from a model's JSON, or from a TypeScript or JavaScript file whose default export is created by
 * `defineRecipe`. Throws `NOT_FOUND`, `INVALID_MODEL` or `INVALID_ARGUMENT` saying what was expected.
 */
export async function loadRecipe(nameOrFile: string): Promise<Recipe> {
  if (extname(nameOrFile) === ".json") return fromModel(nameOrFile);
  return isModule(nameOrFile) ? fromModule(nameOrFile) : recipe(nameOrFile);
}

const isModule = (nameOrFile: string): boolean => [".ts", ".mts", ".js", ".mjs"].includes(extname(nameOrFile));

/**
 * Checks that a recipe that a file names, rather than the command, runs no code that the command does not name with
 * `--load`. Throws `INVALID_ARGUMENT`.
 */
export function checkRunning(nameOrFile: string, loaded: readonly string[] = []): void {
  if (!isModule(nameOrFile) || loaded.includes(nameOrFile)) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `the recipe of the study is ${quoted(nameOrFile)}, which is a program; if you trust it, add --load ${quoted(nameOrFile)}`,
  );
}

/** The recipe of a file if it is a program, which a command has to name with `--load`: see {@link checkRunning}. */
export const programsOf = (nameOrFile: string): readonly string[] => (isModule(nameOrFile) ? [nameOrFile] : []);

/**
 * The recipe of a training: the one that is named; or else that of the run whose weights it starts from, if Inkling has
 * it, because others would have other layers; or else the default for its data. Throws as {@link loadRecipe} does.
 */
export async function chooseRecipe(
  { recipe: named, initFrom }: { readonly recipe?: string; readonly initFrom?: string },
  source: string,
): Promise<Recipe> {
  if (named !== undefined) return loadRecipe(named);
  const before = initFrom !== undefined && (await isFolder(initFrom)) ? await readRecord(initFrom) : {};
  return recipes.find(({ name }) => name === before["recipe"]) ?? recipe(defaultRecipe(source));
}

async function fromModel(path: string): Promise<Recipe> {
  const model = parseModel(parseJson(await read(path), path));
  return defineRecipe({
    name: basename(path, ".json"),
    description: `the model of ${path}`,
    network: () => model,
    ...lenetTraining,
  });
}

async function fromModule(path: string): Promise<Recipe> {
  await read(path); // for a clear error if the file is missing
  const { importFile } = await import("./importModule.ts");
  const exported = await importFile(path);
  const loaded = exported["default"] ?? exported;
  if (isRecipe(loaded)) return blaming(path, defineRecipe(loaded));
  throw new InklingError(
    "INVALID_MODEL",
    `${path}: its default export is not a recipe; write: export default defineRecipe({ … })`,
  );
}

/** A recipe whose errors name the line of its file. */
const blaming = (path: string, own: Recipe): Recipe => ({
  ...own,
  training(shape, overrides) {
    try {
      return own.training(shape, overrides);
    } catch (cause) {
      throw errorIn(path, cause);
    }
  },
});

/** Whether a value has the properties of an argument of `defineRecipe`. */
function isRecipe(loaded: unknown): loaded is Recipe | RecipeParts {
  const { name, training, network, batchSize, length, optimizer } = (loaded ?? {}) as Partial<Recipe & RecipeParts>;
  const inParts = typeof network === "function" && typeof optimizer === "function" && batchSize && length;
  return typeof name === "string" && (typeof training === "function" || Boolean(inParts));
}

async function read(path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await contentsOf(path, { pipe: true }));
  } catch (cause) {
    const { code, message } = fileSystemError(path, "read", cause);
    throw new InklingError(code, `${message}; specify the name of a recipe or the file of a model`, { cause });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw new InklingError("INVALID_MODEL", `${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}
