import { InvalidArgumentError, Option } from "commander";
import { classWeightsOf, parameterOf } from "../training/optionText.ts";

/** Which weights are taken, by commands that take runs and files of models. */
export const weightsOption = (): Option =>
  new Option("--weights <which>", "of a run: the last weights, or those of the best validation (last)").choices([
    "last",
    "best",
  ]);

/** Parsers of option values; commander adds the option's name to their error messages. */

export function number(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number.");
}

/** 3: a whole number that is not too small. */
export const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
  };

/** 99% or 0.99: a number between 0 and 1. */
export function share(text: string): number {
  const [, digits, sign] = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim()) ?? [];
  const value = sign === "%" ? Number(digits) / 100 : Number(digits);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError(
    "expected a percentage above 0% and below 100%, such as 99%, or a number between 0 and 1.",
  );
}

/** balanced, or A=2,B=0.5. */
export function classWeights(text: string): "balanced" | Readonly<Record<string, number>> {
  const weights = classWeightsOf(text);
  if (weights) return weights;
  throw new InvalidArgumentError("expected balanced, or comma-separated CLASS=NUMBER, such as A=2,B=0.5.");
}

/** A learning rate, or auto. */
export function learningRate(text: string): number | "auto" {
  if (text === "auto") return text;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("expected a number, or auto.");
}

/** Collects NAME=VALUE, of an option that may be repeated. */
export function parameters(text: string, before: unknown = {}): Readonly<Record<string, number | string | boolean>> {
  const parameter = parameterOf(text);
  if (!parameter) throw new InvalidArgumentError("expected NAME=VALUE, such as width=16.");
  return { ...(before as object), [parameter[0]]: parameter[1] };
}

const SECONDS = { s: 1, min: 60, h: 3600 } as const;

/** 90, 90s, 5min or 1.5h: seconds. */
export function time(text: string): number {
  const [, digits, unit = "s"] = /^(\d+(?:\.\d+)?)(s|min|h)?$/.exec(text) ?? [];
  if (digits !== undefined && Number(digits) > 0) return Number(digits) * SECONDS[unit as keyof typeof SECONDS];
  throw new InvalidArgumentError("expected a time, such as 90s, 5min or 1h.");
}

/** 512M or 4G: bytes. */
export function memorySize(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([MG])$/i.exec(text) ?? [];
  const bytes = Number(digits) * (unit?.toUpperCase() === "G" ? 2 ** 30 : 2 ** 20);
  if (bytes >= 2 ** 26) return Math.floor(bytes);
  throw new InvalidArgumentError("expected an amount of memory of at least 64M, such as 512M or 4G.");
}

/** 32 or 32x24: height × width. */
export function imageSize(text: string): [number, number] {
  const [, height, width = height] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text) ?? [];
  if (height !== undefined && width !== undefined && Number(height) > 0 && Number(width) > 0)
    return [Number(height), Number(width)];
  throw new InvalidArgumentError("expected HEIGHTxWIDTH, such as 28x28.");
}

/** 64x64x3 or 28x28: height × width × channels, 1 if they are not given. */
export function shape(text: string): [number, number, number] {
  const sizes = text.split("x").map(Number);
  const [height = 0, width = 0, channels = 1] = sizes;
  if (sizes.length >= 2 && sizes.length <= 3 && [height, width, channels].every((n) => Number.isInteger(n) && n > 0))
    return [height, width, channels];
  throw new InvalidArgumentError("expected HEIGHTxWIDTHxCHANNELS, such as 64x64x3.");
}

/** 6, or cat,dog,cow: the names of classes; numbered ones are A, B, C and so on, or class1 if there are more than 26. */
export function classNames(text: string): readonly string[] {
  const count = Number(text);
  const names = Number.isInteger(count)
    ? Array.from({ length: count }, (_, k) => (count <= 26 ? String.fromCharCode(65 + k) : `class${k + 1}`))
    : text.split(",").map((name) => name.trim());
  if (names.length >= 2 && names.every((name) => name !== "") && new Set(names).size === names.length) return names;
  throw new InvalidArgumentError("expected a number of at least 2, or different names with commas between them.");
}

/** 127.5, or 123.7,116.3,103.5: a number, or one per channel. */
export function levels(text: string): number | readonly number[] {
  const values = text.split(",").map((value) => (value.trim() === "" ? Number.NaN : Number(value)));
  if (values.every(Number.isFinite)) return values.length === 1 ? values[0]! : values;
  throw new InvalidArgumentError("expected a number, or one per channel with commas between them.");
}

/** 0..16: low and high. */
export function range(text: string): [number, number] {
  const [low = Number.NaN, high = Number.NaN] = text
    .split("..")
    .map((end) => (end.trim() === "" ? Number.NaN : Number(end)));
  if (text.split("..").length === 2 && low < high) return [low, high];
  throw new InvalidArgumentError("expected LOW..HIGH, such as 0..16.");
}

/** The sources that a command reads. */
export const SOURCE = "a data set in any format, or the name of one to fetch";

/** A copy of the library's `formatNames`, which would load every format for --help; a test compares them. */
export const FORMATS = "folder inkling tar.gz tar zip idx npz npy pickle csv csv-files jsonl".split(" ");

/** The names of the forms of exported models, which `--help` lists without loading any of them. */
export const formNames = ["onnx", "c", "wasm", "npm", "card"] as const;
export type FormName = (typeof formNames)[number];

/** Collects the values of an option that may be repeated. */
export const several = (value: string, before: unknown = []): readonly string[] => [
  ...(before as readonly string[]),
  value,
];
