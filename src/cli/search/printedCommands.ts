import { Option } from "commander";
import { commandLine } from "../../base/commandLine.ts";
import type { StudyTraining } from "../../search/node/studyFolder.ts";
import { valueAt } from "../../training/differences.ts";
import { isOption } from "../../training/recipes/recipe.ts";
import { trainingOptions } from "../../training/schema.ts";
import type { Parameters } from "../../training/space/parameter.ts";
import { loadFlags } from "../loadRecipe.ts";

/** The command that resumes or verifies a study; it names the study's recipe if that is a program, as it has to. */
export const studyCommand = (
  option: "--resume" | "--verify",
  path: string,
  { recipe }: Pick<StudyTraining, "recipe">,
  ...more: readonly string[]
): string => commandLine(["inkling", "search", option, path, ...loadFlags(recipe), ...more]);

/** The command that trains with the parameters of a trial. */
export function trainCommandOf(
  { recipe, origin, overrides }: StudyTraining,
  parameters: Parameters,
  steps: number,
): string {
  const own = Object.entries(parameters).filter(([name]) => !isOption(name));
  const {
    epochs: _,
    parameters: set,
    ...given
  } = overrides as { readonly epochs?: unknown; readonly parameters?: object };
  const options = Object.fromEntries(Object.entries(parameters).filter(([name]) => isOption(name)));
  const values: Readonly<Record<string, unknown>> = { ...origin, ...given, ...options, recipe, steps };
  const flags = trainingOptions.flatMap(({ path, flag, type }) => {
    const value = valueAt(values, path);
    if (value === undefined || value === false || path === "parameters") return [];
    const name = new Option(flag).long!;
    if (type === "flag") return [name];
    if (type === "texts") return (value as readonly string[]).flatMap((text) => [name, text]);
    return [name, shown(value, type)];
  });
  const sets = Object.entries({ ...set, ...Object.fromEntries(own) }).flatMap(([name, value]) => [
    "--set",
    `${name}=${value}`,
  ]);
  return commandLine(["inkling", "train", String(origin["source"]), ...flags, ...sets]);
}

/** A value as the command line has it. */
function shown(value: unknown, type: string): string {
  if (type === "imageSize") return (value as readonly number[]).join("x");
  if (type === "range") return (value as readonly number[]).join("..");
  if (typeof value === "object" && !Array.isArray(value))
    return Object.entries(value as object)
      .map(([name, x]) => `${name}=${x}`)
      .join();
  return String(value);
}
