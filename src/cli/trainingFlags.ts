import { type Command, Option } from "commander";
import { parseOptions } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import type { OptionType } from "../base/optionTable.ts";
import { namesOf } from "../training/optionText.ts";
// Not ../index.ts, which would load all of the library for --help.
import { machineSchema, overridesSchema, trainingOption, trainingOptions } from "../training/schema.ts";
import type { Overrides } from "../training/settings.ts";
import type { TrainingOrigin } from "../training/spec.ts";
import { classWeights, imageSize, learningRate, number, parameters, range, several, time } from "./arguments.ts";

/** Parsers of option values by type; flags have none, and commander checks choices. */
const parsers: Readonly<Record<OptionType, ((text: string, before: unknown) => unknown) | undefined>> = {
  number,
  time,
  imageSize,
  range,
  names: namesOf,
  classWeights,
  learningRate,
  parameters,
  texts: several,
  text: undefined,
  flag: undefined,
  choice: undefined,
};

/** The flag of a training option, from its table; a command may replace the description of the default. */
export function trainingFlag(path: string, otherwise?: string): Option {
  const row = trainingOption(path);
  const { flag, help, type, choices, conflicts = [] } = row;
  const without = otherwise ?? row.otherwise ?? (type === "flag" ? undefined : row.default);
  const option = new Option(flag, without === undefined ? help : `${help} (${without})`);
  const parse = parsers[type];
  if (parse) option.argParser(parse);
  if (choices) option.choices(choices);
  return option.conflicts(conflicts.map(attributeOf));
}

const longOf = (path: string): string => new Option(trainingOption(path).flag).long!;

/** The name of a training option in commander. */
export const attributeOf = (path: string): string => new Option(trainingOption(path).flag).attributeName();

/** The training options on a command line. */
export interface TrainingValues extends Omit<TrainingOrigin, "source"> {
  /** Options that affect only the speed. */
  readonly machine: { readonly backend?: string; readonly threads?: number; readonly checkpointEvery?: number };
  /** Values that replace the recipe's own. */
  readonly overrides: Overrides;
}

/**
 * The training options among those of a command, each at its path: `--test-size` as `split.test`. Throws
 * `INVALID_ARGUMENT` if one is out of range, or given without another that it requires.
 */
export function trainingValues(options: object): TrainingValues {
  const given = options as Readonly<Record<string, unknown>>;
  const values: Record<string, Record<string, unknown>> = { origin: {}, machine: {}, overrides: {} };
  for (const { path, part, needs } of trainingOptions) {
    const value = given[attributeOf(path)];
    if (value === undefined) continue;
    if (needs !== undefined && given[attributeOf(needs)] === undefined)
      throw new InklingError("INVALID_ARGUMENT", `${longOf(path)} requires ${longOf(needs)}`);
    const [name, inner] = path.split(".") as [string, string?];
    const of = values[part]!;
    of[name] = inner === undefined ? value : { ...(of[name] as object), [inner]: value };
  }
  const { origin, machine, overrides } = values;
  if (overrides!["learningRate"] === "auto") {
    delete overrides!["learningRate"];
    origin!["chosenRate"] = true;
  }
  const { backend: _, ...speed } = machine!;
  parseOptions(machineSchema, speed, "train");
  parseOptions(overridesSchema, overrides, "train");
  return { ...origin, machine: machine!, overrides: overrides! };
}

/** The option for files of fixes. */
export const fixing = (command: Command): Command => command.addOption(trainingFlag("fixes"));

/** Options for how a command opens its data sets. */
export const opening = (command: Command): Command =>
  fixing(
    command
      .addOption(trainingFlag("resize"))
      .addOption(trainingFlag("fit"))
      .addOption(trainingFlag("channels"))
      .addOption(trainingFlag("valueRange"))
      .addOption(trainingFlag("keepDamaged"))
      .addOption(trainingFlag("classPattern")),
  );
