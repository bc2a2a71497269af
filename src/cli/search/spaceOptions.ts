import { Option } from "commander";
import * as v from "valibot";
import { InklingError } from "../../base/error.ts";
import { didYouMean } from "../../base/nearest.ts";
import { parameterValue } from "../../training/optionText.ts";
import { overridesSchema, trainingOptions } from "../../training/schema.ts";
import {
  allows,
  choice,
  integer,
  logUniform,
  type Parameter,
  parseSpace,
  real,
  type Space,
} from "../../training/space/parameter.ts";

/** Options that say how long a training is, what it is scored on, or by which chance, which a search does not vary. */
const FIXED = [
  ...["steps", "epochs", "seed", "classWeights", "weightDecayMask", "parameters"],
  ...["validateEvery", "dropoutInValidation", "monitor", "gradientAccumulation"],
];

/** The training options that a search can vary, by their flags without dashes. */
const varied: ReadonlyMap<string, string> = new Map(
  trainingOptions
    .filter(({ part, path }) => part === "overrides" && !path.includes(".") && !FIXED.includes(path))
    .map(({ flag, path }) => [new Option(flag).long!.slice(2), path]),
);

/**
 * The space of a search: the recipe's own, or what `--space` names. `learning-rate=log:0.01..1`, `layers=int:1..4`,
 * `batch-size=16,32,64` give values, `kernelSize` alone those of the recipe. Defaults are the recipe's where they are among
 * the values. Throws `INVALID_ARGUMENT`.
 */
export function spaceOf(own: Space | undefined, given: readonly string[] | undefined, recipe: string): Space {
  if (!given) {
    if (own) return parseSpace(own, `recipe ${recipe}: space`);
    throw new InklingError(
      "INVALID_ARGUMENT",
      `the recipe ${recipe} does not say what to vary; say it with --space, such as --space "learning-rate=log:0.01..1"`,
    );
  }
  const space = Object.fromEntries(given.map((text) => parameterOf(text, own ?? {})));
  return parseSpace(space, "--space");
}

function parameterOf(text: string, own: Space): readonly [string, Parameter] {
  const [, written = "", values] = /^\s*([\w-]+)\s*(?:=(.*))?$/s.exec(text) ?? [];
  const name = varied.get(written) ?? written;
  const usual = own[name];
  const names = [...varied.keys(), ...Object.keys(own)];
  if (!varied.has(written) && !usual)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `--space ${text}: ${written || "it"} is not what a search can vary${didYouMean(written, names)}; expected one of ${names.join(", ")}`,
    );
  if (values === undefined) {
    if (usual) return [name, usual];
    throw new InklingError("INVALID_ARGUMENT", `--space ${text}: expected its values, such as ${written}=0.1..1`);
  }
  const parameter = parameterIn(values.trim(), text, varied.has(written) && isWhole(name));
  if (varied.has(written)) checkOption(name, parameter, text);
  const otherwise = usual && (usual.type === "choice" ? usual.values[0]! : usual.default);
  if (otherwise === undefined || !allows(parameter, otherwise)) return [name, parameter];
  return [
    name,
    parameter.type === "choice"
      ? { ...parameter, values: [otherwise, ...parameter.values.filter((value) => value !== otherwise)] }
      : { ...parameter, default: otherwise as number },
  ];
}

/** LOW..HIGH, log:LOW..HIGH, int:LOW..HIGH, int:log:LOW..HIGH, or values with commas between them. */
function parameterIn(values: string, text: string, whole: boolean): Parameter {
  const range = /^(int:)?(log:)?([^.,]*(?:\.\d[^.,]*)?)\.\.(.+)$/.exec(values);
  if (!range) return choice(...values.split(",").map((value) => parameterValue(value.trim())));
  const [, int, log] = range;
  const [low, high] = [Number(range[3]), Number(range[4])];
  if (!(low < high))
    throw new InklingError("INVALID_ARGUMENT", `--space ${text}: expected LOW..HIGH, such as 0.1..1 or log:0.001..1`);
  if (int || whole) return integer(low, high, { log: Boolean(log) });
  return log ? logUniform(low, high) : real(low, high);
}

/** Whether an option has whole numbers only. */
const isWhole = (name: string): boolean => !isValid(name, 0.5) && isValid(name, 1);

const isValid = (name: string, value: unknown): boolean => v.safeParse(overridesSchema, { [name]: value }).success;

function checkOption(name: string, parameter: Parameter, text: string): void {
  const values = parameter.type === "choice" ? parameter.values : [parameter.low, parameter.high];
  const wrong = values.find((value) => !isValid(name, value));
  if (wrong === undefined) return;
  const result = v.safeParse(overridesSchema, { [name]: wrong });
  throw new InklingError(
    "INVALID_ARGUMENT",
    `--space ${text}: ${wrong} is not valid, expected ${result.issues![0].message}`,
  );
}
