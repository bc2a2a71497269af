import * as v from "valibot";
import { type ErrorCode, InklingError, message, optionRef } from "./error.ts";
import { quotation, quoted } from "./printable.ts";

/*
 * Schemas of the plain data that users write: layers, optimizers, schedules, initializers. Each check's message
 * says what is expected; `parseConfig` adds where, and what it got instead.
 */

/** 1, 2, 3, … */
export const count: v.GenericSchema<number> = v.pipe(
  v.number("a whole number of at least 1"),
  v.integer("a whole number of at least 1"),
  v.minValue(1, "a whole number of at least 1"),
);
const wholeMessage = "a whole number of at least 0";
/** 0, 1, 2, … */
export const wholeNumber: v.GenericSchema<number> = v.pipe(
  v.number(wholeMessage),
  v.integer(wholeMessage),
  v.minValue(0, wholeMessage),
);
const uint32Message = "a whole number from 0 to 4294967295";
/** A seed or a step number: 0 … 2³² − 1. */
export const uint32: v.GenericSchema<number> = v.pipe(
  v.number(uint32Message),
  v.integer(uint32Message),
  v.minValue(0, uint32Message),
  v.maxValue(2 ** 32 - 1, uint32Message),
);
/** (0, ∞) */
export const positive: v.GenericSchema<number> = v.pipe(
  v.number("a number above 0"),
  v.finite("a number above 0"),
  v.gtValue(0, "a number above 0"),
);
/** [0, ∞) */
export const notNegative: v.GenericSchema<number> = v.pipe(
  v.number("a number of at least 0"),
  v.finite("a finite number"),
  v.minValue(0, "a number of at least 0"),
);
/** Any number except NaN and ±∞. */
export const finite: v.GenericSchema<number> = v.pipe(v.number("a number"), v.finite("a finite number"));
/** true or false */
export const flag: v.GenericSchema<boolean> = v.boolean("true or false");
/** (0, 1] */
export const probability: v.GenericSchema<number> = v.pipe(
  v.number("a number above 0 and up to 1"),
  v.gtValue(0, "a number above 0 and up to 1"),
  v.maxValue(1, "a number above 0 and up to 1"),
);
/** [0, 1] */
export const fraction: v.GenericSchema<number> = v.pipe(
  v.number("a number from 0 to 1"),
  v.minValue(0, "a number from 0 to 1"),
  v.maxValue(1, "a number from 0 to 1"),
);
/** [0, 1) */
export const belowOne: v.GenericSchema<number> = v.pipe(
  v.number("a number of at least 0 and below 1"),
  v.minValue(0, "a number of at least 0 and below 1"),
  v.ltValue(1, "a number of at least 0 and below 1"),
);
const pairMessage = "a whole number of at least 1, or two of them: [height, width]";
/** One number for both spatial axes, or one for each; always stored as two. */
export const pair: v.GenericSchema<number | readonly [number, number], [number, number]> = v.pipe(
  v.union([count, v.strictTuple([count, count])], pairMessage),
  v.transform((x): [number, number] => (typeof x === "number" ? [x, x] : x)),
);

/** JSON, extended with NaN and the infinities; cut where it is long. */
const show = (x: unknown): string => (x === undefined ? "missing" : typeof x === "number" ? String(x) : quoted(x));

/** How messages name the types that valibot expects. */
const typeNames: Readonly<Record<string, string>> = {
  Object: "an object",
  Array: "a list",
  string: "a string",
  number: "a number",
  boolean: "true or false",
};

/** What a check expected: its schema's own message, or else valibot's description of the literal or type. */
function expectedBy({ message, input, expected }: v.BaseIssue<unknown>): string | undefined {
  if (!message.startsWith("Invalid ")) return message;
  if (input === undefined || expected === null) return undefined;
  const options = expected.replaceAll(/^\(|\)$/g, "").split(" | ");
  return options.map((option) => typeNames[option] ?? option).join(" or ");
}

/**
 * Checks plain data against a schema and fills in defaults. `what` names the data in messages. Throws an `InklingError`
 * with the given code (default: `INVALID_ARGUMENT`) that names the first invalid value.
 */
export const parseConfig = <const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
  code: ErrorCode = "INVALID_ARGUMENT",
): v.InferOutput<S> => parse(schema, value, what, { code });

/**
 * Like {@link parseConfig}, for the options of a function: the error refers to the option by its path. Throws
 * `INVALID_ARGUMENT`.
 */
export const parseOptions = <const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
): v.InferOutput<S> => parse(schema, value, what, { code: "INVALID_ARGUMENT", refers: true });

function parse<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
  { code, refers = false }: { readonly code: ErrorCode; readonly refers?: boolean },
): v.InferOutput<S> {
  // Only the first issue is reported, and a long list could have a million.
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = quotation(v.getDotPath(issue) ?? "");
  if (issue.type === "strict_object" && issue.expected === "never") {
    const known =
      "entries" in schema && !path.includes(".")
        ? `; options are ${Object.keys(schema.entries as object).join(", ")}`
        : "";
    throw new InklingError(code, `${what}: ${path} is not an option${known}`);
  }
  const expected = expectedBy(issue);
  const hint = expected ? `, expected ${expected}` : "";
  const found = `is ${show(issue.input)}${hint}`;
  if (path === "") throw new InklingError(code, `${what} ${found}`);
  throw new InklingError(code, message`${what}: ${refers ? optionRef(path) : path} ${found}`);
}

/**
 * Checks the settings of a layer, optimizer, schedule or initializer and fills in defaults. Throws `INVALID_ARGUMENT`,
 * naming the setting.
 */
export const configure = <C>(
  record: { readonly type: string; readonly schema: v.GenericSchema<unknown, C> },
  settings: object,
): C => parseConfig(record.schema, { type: record.type, ...settings }, record.type);
