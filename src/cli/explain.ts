import { type Command, Option } from "commander";
import type { InklingError, OptionReference } from "../base/error.ts";
import { trainingOptions } from "../training/schema.ts";

/**
 * An error's message, with the options that it refers to by their flags: `--resize 28x28`, and without the name of a
 * function of the library that they were checked for.
 */
export const explain = (error: InklingError, command?: Command): string =>
  error.messageWith((option) => flagOf(option, command)).replace(/^(train|split|resume|audit): /, "");

/**
 * The flag of an option: that of the command, which may also be one that only it has, or else that of a training.
 * Undefined for what is not an option of the command line.
 */
function flagOf({ path, value }: OptionReference, command: Command | undefined): string | undefined {
  const row = trainingOptions.find((row) => row.path === path || isWithin(path, row.path) || isWithin(row.path, path));
  const own = command?.options.find((option) => option.attributeName() === path);
  const long = row ? new Option(row.flag).long : own?.long;
  if (!long) return undefined;
  if (value === undefined || value === true) return long;
  const text = Array.isArray(value) ? value.join("x") : String(value);
  // A shell would change these.
  return `${long} ${/[^\w.,:/@%+=-]/.test(text) ? `'${text}'` : text}`;
}

/** Whether a path leads to something inside of an option, or to a group of options: `resize.0`, `earlyStopping`. */
const isWithin = (path: string, outer: string): boolean => path.startsWith(`${outer}.`);
