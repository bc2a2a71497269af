import { InklingError, message, optionRef } from "../../base/error.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { printableJson } from "../../base/printable.ts";
import { formatShape, sameShape } from "../../base/shape.ts";
import type { Model } from "../../model/model.ts";
import { formatSummary, summarize } from "../../model/summary.ts";
import { drawModel } from "../../report/drawModel.ts";
import { type RecipeTraining, recipeTraining } from "../../training/recipes/index.ts";
import { loadRecipe } from "../loadRecipe.ts";
import { createTerminal } from "../terminal.ts";

export interface ModelCommandOptions {
  readonly input?: Model["input"];
  readonly classes?: readonly string[];
  readonly json?: boolean;
  readonly svg?: string;
}

/** The shape of the letters data set, for which recipes are shown unless another is given. */
const LETTERS = { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"], trainingImages: 14_080 } as const;

/** Prints a network as a table or as the model's JSON, and draws its graph. */
export async function modelCommand(nameOrFile: string, options: ModelCommandOptions): Promise<void> {
  const { input = LETTERS.input, classes = LETTERS.classes, json = false, svg } = options;
  const recipe = await loadRecipe(nameOrFile);
  const training = recipeTraining(recipe, { images: { input, classes }, trainingImages: LETTERS.trainingImages });
  const { model } = training;
  if (options.input && !sameShape(options.input, model.input))
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("input")} is ${formatShape(options.input)}, but ${nameOrFile} is a model for ${formatShape(model.input)}`,
    );
  if (svg !== undefined) await writeFileAtomic(svg, drawModel(model));
  createTerminal().out(
    json ? printableJson(model, 2) : `${recipe.name}: ${recipe.description}\n\n${tableOf(training)}`,
  );
}

/** The table, with an explanation of the marks for weight decay. */
function tableOf({ model, optimizer }: RecipeTraining): string {
  const { weightDecay, weightDecayMask: mask } = optimizer;
  const which = typeof mask === "string" ? mask : mask.join(", ");
  const decay = weightDecay === 0 ? "No weight decay" : `Weight decay ${weightDecay} on ${which}`;
  return `${formatSummary(summarize(model, mask), process.stdout.columns)}\n\n${decay}; bytes are those of training, before values are fused away`;
}
