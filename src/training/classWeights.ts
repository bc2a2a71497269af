import { InklingError, message, optionRef } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { countLabels } from "../datasets/statistics.ts";

/**
 * How much each class counts in the loss: one weight per class, in order or by name (1 for classes not named), or
 * `balanced`, which gives class k the weight N / (K · n_k), for K classes and N training images, n_k of them in class
 * k.
 */
export type ClassWeights = "balanced" | readonly number[] | Readonly<Record<string, number>>;

const wrong = (problem: string): InklingError =>
  new InklingError("INVALID_ARGUMENT", message`train: ${optionRef("classWeights")} ${problem}`);
const isWeight = (x: unknown): boolean => typeof x === "number" && Number.isFinite(x) && x >= 0;

/**
 * The weights [K] of K classes. Throws `INVALID_ARGUMENT` for an unknown class, a wrong number of weights, a weight
 * below 0, or only zeros.
 */
export function classWeightsOf(
  given: ClassWeights,
  classes: readonly string[],
  trainingLabels: ArrayLike<number>,
): readonly number[] {
  const weights = given === "balanced" ? balanced(classes, trainingLabels) : inOrder(given, classes);
  const k = weights.findIndex((x) => !isWeight(x));
  if (k >= 0) throw wrong(`has ${String(weights[k])} for ${classes[k]}, expected a number of at least 0`);
  if (weights.every((x) => x === 0)) throw wrong("are all 0, expected at least one above 0");
  return weights;
}

function balanced(classes: readonly string[], labels: ArrayLike<number>): readonly number[] {
  const counts = countLabels(labels, classes.length);
  // A class without training images never enters the loss.
  return Array.from(counts, (count) => (count === 0 ? 0 : labels.length / (classes.length * count)));
}

function inOrder(given: Exclude<ClassWeights, "balanced">, classes: readonly string[]): readonly number[] {
  if (typeof given !== "object" || given === null)
    throw wrong(`is ${quoted(given)}, expected "balanced", numbers, or numbers by class`);
  if (!Array.isArray(given)) {
    const unknown = Object.keys(given).find((name) => !classes.includes(name));
    if (unknown !== undefined)
      throw wrong(`names ${unknown}, which is not a class; the classes are ${classes.join(", ")}`);
    return classes.map((name) => (given as Readonly<Record<string, number>>)[name] ?? 1);
  }
  if (given.length !== classes.length) throw wrong(`has ${given.length} numbers, expected ${classes.length}`);
  return given;
}
