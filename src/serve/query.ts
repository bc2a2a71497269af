import { quoted } from "../base/printable.ts";
import type { AnswerOptions } from "../evaluation/classify.ts";
import type { DecisionOptions } from "../evaluation/decisions.ts";
import type { PrepareOptions } from "../pictures/preparation.ts";
import { Problem } from "./problem.ts";

/** A parameter of the query of a prediction. */
export interface QueryParameter {
  readonly description: string;
  /** Its JSON schema. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Its value; undefined if the text is invalid. */
  readonly parse: (text: string) => unknown;
}

const oneOf = (description: string, ...words: readonly string[]): QueryParameter => ({
  description,
  schema: { type: "string", enum: words },
  parse: (text) => (words.includes(text) ? text : undefined),
});

const flag = (description: string): QueryParameter => ({
  description,
  schema: { type: "boolean" },
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
});

const numberIn = (description: string, schema: Readonly<Record<string, unknown>>, pattern: RegExp): QueryParameter => ({
  description,
  schema,
  parse: (text) => (pattern.test(text) ? Number(text) : undefined),
});

const between0And1 = { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 };
const BETWEEN = /^0?\.(?=\d*[1-9])\d{1,15}$/;

const parameters: Readonly<Record<keyof (AnswerOptions & DecisionOptions & PrepareOptions), QueryParameter>> = {
  top: numberIn("classes in each ranking (all)", { type: "integer", minimum: 1 }, /^[1-9]\d{0,8}$/),
  explain: flag("list how each picture was prepared (false)"),
  targetAccuracy: numberIn(
    "the accuracy among answers to reach, such as 0.99: a picture has `answered` false where the model is not certain enough",
    between0And1,
    BETWEEN,
  ),
  coverage: numberIn(
    "the coverage of prediction sets, such as 0.95: a picture has the `set` of classes that it may show",
    between0And1,
    BETWEEN,
  ),
  conformal: oneOf("how sets are made (lac)", "lac", "aps"),
  prepare: oneOf(
    "make pictures look like the training images (auto: unless they have the model's size)",
    "auto",
    "always",
    "never",
  ),
  polarity: oneOf("dark on light or light on dark (auto: like the training images)", "auto", "keep", "invert"),
  crop: flag("crop to the ink (like the training images)"),
  fit: oneOf("how to fill the frame (like the training images)", "stretch", "contain", "cover"),
  margin: numberIn(
    "margin on each side of the frame (like the training images)",
    { type: "number", minimum: 0, exclusiveMaximum: 0.5 },
    /^0(\.\d{1,15})?$/,
  ),
  center: oneOf("what to center in the frame (like the training images)", "box", "mass"),
};

/** The parameters of a prediction, as {@link queryOf} reads them; `model` is chosen apart. */
export const queryParameters: Readonly<Record<string, QueryParameter>> = parameters;

/** What the query of a request says. */
export interface Query {
  readonly model: string | undefined;
  readonly answer: AnswerOptions;
  readonly decide: DecisionOptions;
  readonly prepare: PrepareOptions;
}

/** Reads a query. Throws `INVALID_ARGUMENT` for a parameter that is unknown, repeated or invalid. */
export function queryOf(search: URLSearchParams): Query {
  const values = new Map<string, unknown>();
  for (const [name, text] of search) {
    if (values.has(name)) throw new Problem("INVALID_ARGUMENT", `${name} is given twice`);
    const parameter = Object.hasOwn(parameters, name) ? queryParameters[name]! : undefined;
    if (!parameter && name !== "model")
      throw new Problem(
        "INVALID_ARGUMENT",
        `${quoted(name)} is not a parameter; parameters are model, ${Object.keys(parameters).join(", ")}`,
      );
    const value = parameter ? parameter.parse(text) : text;
    if (value === undefined)
      throw new Problem("INVALID_ARGUMENT", `${name} is ${quoted(text)}, expected ${expected(parameter!)}`);
    values.set(name, value);
  }
  const { model, top, explain, targetAccuracy, coverage, conformal, ...prepare } = Object.fromEntries(values);
  return {
    model: model as string | undefined,
    answer: { top, explain } as AnswerOptions,
    decide: { targetAccuracy, coverage, conformal } as DecisionOptions,
    prepare,
  };
}

function expected({
  schema: { type, enum: words, minimum, exclusiveMinimum, exclusiveMaximum },
}: QueryParameter): string {
  if (words) return (words as readonly string[]).join(" or ");
  if (type === "boolean") return "true or false";
  if (exclusiveMinimum !== undefined) return `a number between ${exclusiveMinimum} and ${exclusiveMaximum}`;
  return exclusiveMaximum === undefined
    ? `a whole number of at least ${minimum}`
    : `a number of at least ${minimum} and below ${exclusiveMaximum}`;
}
