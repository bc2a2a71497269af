import { writeFileAtomic } from "../datasets/node/index.ts";
import { drawModel, formatSummary, summarize } from "../index.ts";
import { loadRecipe } from "./recipe.ts";

export interface ModelCommandOptions {
  readonly json?: boolean;
  readonly svg?: string;
}

/** The images and classes of the letters, which recipes are shown for. */
const LETTERS = { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] } as const;

/** Prints a network as a table, or as the JSON that a model is, and draws its graph. */
export async function modelCommand(nameOrFile: string, { json = false, svg }: ModelCommandOptions): Promise<void> {
  const recipe = await loadRecipe(nameOrFile);
  const model = recipe.network(LETTERS, {});
  if (svg !== undefined) await writeFileAtomic(svg, drawModel(model));
  if (json) process.stdout.write(`${JSON.stringify(model, null, 2)}\n`);
  else process.stdout.write(`${recipe.name}: ${recipe.description}\n\n${formatSummary(summarize(model))}\n`);
}
