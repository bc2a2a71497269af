import { Option } from "commander";
import type { StudyTraining } from "../../search/node/studyFolder.ts";
import { isOption } from "../../training/recipes/recipe.ts";
import { trainingOptions } from "../../training/schema.ts";
import type { Parameters } from "../../training/space/parameter.ts";

/** The value at a path such as `split.test`. */
const at = (values: Readonly<Record<string, unknown>>, path: string): unknown =>
  path.split(".").reduce<unknown>((of, name) => (of as Readonly<Record<string, unknown>> | undefined)?.[name], values);

/** A word of a command line, quoted if a shell would read it differently. */
const word = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

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
    const value = at(values, path);
    if (value === undefined || value === false || path === "parameters") return [];
    const name = new Option(flag).long!;
    if (type === "flag") return [name];
    if (type === "texts") return (value as readonly string[]).flatMap((text) => [name, word(text)]);
    return [name, word(shown(value, type))];
  });
  const sets = Object.entries({ ...set, ...Object.fromEntries(own) }).map(
    ([name, value]) => `--set ${word(`${name}=${value}`)}`,
  );
  return ["inkling train", word(String(origin["source"])), ...flags, ...sets].join(" ");
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
