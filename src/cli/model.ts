import { formatSummary, recipe, summarize } from "../index.ts";

export interface ModelCommandOptions {
  readonly json?: boolean;
}

/** The images and classes of the letters, which recipes are shown for. */
const LETTERS = { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] } as const;

/** Prints a recipe's network as a table, or as the JSON that a model is. */
export function modelCommand(name: string, { json = false }: ModelCommandOptions): void {
  const { description, network } = recipe(name);
  const model = network(LETTERS, {});
  if (json) process.stdout.write(`${JSON.stringify(model, null, 2)}\n`);
  else process.stdout.write(`${name}: ${description}\n\n${formatSummary(summarize(model))}\n`);
}
