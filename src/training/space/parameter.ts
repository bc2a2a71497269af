import * as v from "valibot";
import { finite, flag, parseConfig } from "../../base/config.ts";
import { InklingError } from "../../base/error.ts";
import { didYouMean } from "../../base/nearest.ts";

/** A value that a search draws. */
export type ParameterValue = number | string | boolean;

/** A number from `low` to `high`. */
export interface NumberParameter {
  readonly type: "number";
  readonly low: number;
  readonly high: number;
  /** Whether equal ratios are equally likely, instead of equal differences. */
  readonly log: boolean;
  /** Whether only whole numbers are drawn. */
  readonly whole: boolean;
  /** The value outside of a search. */
  readonly default: number;
}

/** One of several values. Outside of a search it is the first of them. */
export interface ChoiceParameter<V extends ParameterValue = ParameterValue> {
  readonly type: "choice";
  readonly values: readonly V[];
}

/** The values of other parameters with which a parameter is used: for each, one value or a list of them. */
export type Condition = Readonly<Record<string, ParameterValue | readonly ParameterValue[]>>;

/** A parameter that is used under a condition only. */
export type Conditional<P extends NumberParameter | ChoiceParameter = NumberParameter | ChoiceParameter> = P & {
  readonly when: Condition;
};

/** What a search draws a value of. */
export type Parameter = NumberParameter | ChoiceParameter | Conditional;

/** Parameters by name; a condition refers to parameters before its own. */
export type Space = Readonly<Record<string, Parameter>>;

/** The type of the values of a parameter. */
export type ValueOf<P> = P extends ChoiceParameter<infer V> ? V : number;

/** A value for each parameter of a space; undefined for a parameter whose condition is not met. */
export type Drawn<S extends Space> = {
  readonly [K in keyof S]: S[K] extends { readonly when: Condition } ? ValueOf<S[K]> | undefined : ValueOf<S[K]>;
};

/** Values of parameters by name, without those whose condition is not met. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

const BOUNDS = "low below high, and a default between them; above 0 on a logarithmic scale";
const numberSchema = v.pipe(
  v.strictObject({
    type: v.literal("number"),
    low: finite,
    high: finite,
    log: flag,
    whole: flag,
    default: finite,
  }),
  v.check(
    ({ low, high, log, default: value }) => low < high && low <= value && value <= high && (!log || low > 0),
    BOUNDS,
  ),
  v.check(
    ({ low, high, whole, default: value }) => !whole || [low, high, value].every(Number.isSafeInteger),
    "whole numbers",
  ),
);
const valueSchema = v.union([finite, v.string(), flag], "a number, a text, true or false");
const choiceSchema = v.strictObject({
  type: v.literal("choice"),
  values: v.pipe(
    v.array(valueSchema, "a list of values"),
    v.check((values) => values.length > 0 && new Set(values).size === values.length, "one or more different values"),
  ),
});
const conditionSchema = v.record(
  v.string(),
  v.union([valueSchema, v.array(valueSchema)], "a value or a list of values"),
);

/** The value of a number outside of a search. */
export interface DefaultNumber {
  /** Default: the middle, on the parameter's own scale. */
  readonly default?: number;
}

function numeric(
  low: number,
  high: number,
  given: DefaultNumber,
  scale: { log: boolean; whole: boolean },
): NumberParameter {
  const middle = scale.log ? Math.sqrt(low * high) : (low + high) / 2;
  const otherwise = given.default ?? (scale.whole ? Math.round(middle) : middle);
  return parseConfig(numberSchema, { type: "number", low, high, ...scale, default: otherwise }, `${low}..${high}`);
}

/** A number from `low` to `high`, all equally likely. The default is the middle. Throws `INVALID_ARGUMENT`. */
export const real = (low: number, high: number, options: DefaultNumber = {}): NumberParameter =>
  numeric(low, high, options, { log: false, whole: false });

/**
 * A number from `low` to `high`, above 0, whose logarithm is uniform: 0.01 to 0.1 is as likely as 0.1 to 1. The default is
 * the geometric mean. Throws `INVALID_ARGUMENT`.
 */
export const logUniform = (low: number, high: number, options: DefaultNumber = {}): NumberParameter =>
  numeric(low, high, options, { log: true, whole: false });

/** A whole number from `low` to `high`; with `log`, on a logarithmic scale. Throws `INVALID_ARGUMENT`. */
export const integer = (
  low: number,
  high: number,
  { log = false, ...options }: DefaultNumber & { readonly log?: boolean } = {},
): NumberParameter => numeric(low, high, options, { log, whole: true });

/**
 * One of the given values; the first one is the default. A search takes neighboring numbers to be similar, and texts to
 * be unrelated. Throws `INVALID_ARGUMENT` for no values, or for equal ones.
 */
export function choice<const V extends ParameterValue>(...values: readonly V[]): ChoiceParameter<V> {
  parseConfig(choiceSchema, { type: "choice", values }, "choice");
  return { type: "choice", values };
}

/** A parameter that is used only where others have certain values: `when({ layers: [3, 4] }, choice(8, 16))`. */
export const when = <P extends NumberParameter | ChoiceParameter>(
  condition: Condition,
  parameter: P,
): Conditional<P> => ({
  ...parameter,
  when: condition,
});

/**
 * A space from plain data, checked. Throws `INVALID_ARGUMENT` naming the parameter that is invalid, or whose condition
 * refers to an unknown parameter, to a later one, or to a value that the parameter cannot have.
 */
export function parseSpace(space: unknown, what = "space"): Space {
  const entries = parseConfig(v.record(v.string(), v.looseObject({}, "a parameter")), space, what);
  const known: Record<string, Parameter> = {};
  for (const [name, { when: condition, ...parameter }] of Object.entries(entries)) {
    const schema = parameter["type"] === "choice" ? choiceSchema : numberSchema;
    const parsed = parseConfig(schema, parameter, `${what}: ${name}`) as Parameter;
    if (condition !== undefined) {
      const parsedCondition = parseConfig(conditionSchema, condition, `${what}: ${name}: when`);
      checkCondition(parsedCondition, known, `${what}: ${name}`);
      known[name] = { ...parsed, when: parsedCondition };
    } else known[name] = parsed;
  }
  return known;
}

function checkCondition(condition: Condition, earlier: Space, what: string): void {
  for (const [name, values] of Object.entries(condition)) {
    const parameter = earlier[name];
    if (!parameter)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `${what}: its condition refers to ${name}, expected a parameter before it${didYouMean(name, Object.keys(earlier))}`,
      );
    for (const value of [values].flat())
      if (!allows(parameter, value))
        throw new InklingError(
          "INVALID_ARGUMENT",
          `${what}: its condition is not met by any value of ${name}: ${value}`,
        );
  }
}

/** Whether a parameter can have a value. */
export function allows(parameter: Parameter, value: ParameterValue): boolean {
  if (parameter.type === "choice") return parameter.values.includes(value);
  const { low, high, whole } = parameter;
  return typeof value === "number" && low <= value && value <= high && (!whole || Number.isInteger(value));
}

/** Whether a parameter is used, given the values of the parameters before it. */
export const isUsed = (parameter: Parameter, values: Parameters): boolean =>
  !("when" in parameter) ||
  Object.entries(parameter.when).every(([name, wanted]) => {
    const value = values[name];
    return value !== undefined && [wanted].flat().includes(value);
  });

const defaultOf = (parameter: Parameter): ParameterValue =>
  parameter.type === "choice" ? parameter.values[0]! : parameter.default;

/** The values of all parameters that are used: the given ones, and defaults for the others. */
export function completed<S extends Space>(space: S, given: Parameters = {}): Drawn<S> & Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(space))
    if (isUsed(parameter, values)) values[name] = given[name] ?? defaultOf(parameter);
  return values as Drawn<S> & Parameters;
}

/**
 * Throws `INVALID_ARGUMENT` for an unknown name, for a value that its parameter cannot have, and for a parameter whose
 * condition is not met.
 */
export function checkParameters(space: Space, given: Parameters): void {
  const names = Object.keys(space);
  const used = completed(space, given);
  for (const [name, value] of Object.entries(given)) {
    const parameter = space[name];
    const known = names.length > 0 ? `; its parameters are ${names.join(", ")}` : "; it has no parameters";
    const problem = !parameter
      ? `the recipe has no parameter ${name}${didYouMean(name, names)}${known}`
      : !allows(parameter, value)
        ? `the parameter ${name} is ${value}, expected ${describeParameter(parameter)}`
        : name in used
          ? undefined
          : `the parameter ${name} is not used with the values of the others`;
    if (problem !== undefined) throw new InklingError("INVALID_ARGUMENT", problem);
  }
}

/** The values that a parameter can have, in words: `0.01..1 (log)`, `8, 16 or 32`. */
function describeParameter(parameter: Parameter): string {
  if (parameter.type === "choice") {
    const values = parameter.values.map(String);
    return values.length > 1 ? `${values.slice(0, -1).join(", ")} or ${values.at(-1)}` : values.join();
  }
  const { low, high, log, whole } = parameter;
  const notes = [...(whole ? ["whole"] : []), ...(log ? ["log"] : [])];
  return `${low}..${high}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}
