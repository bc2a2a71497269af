import * as v from "valibot";
import { type Backend, backend } from "../backends/index.ts";
import { count, parseConfig, positive } from "../base/config.ts";
import type { Dataset } from "../datasets/index.ts";
import { type Recipe, recipe as recipeOf, recipeTraining } from "../training/index.ts";
import type { AuditProgress, OutOfFoldOptions } from "./outOfFold.ts";

/** How labels are audited. Every option has a default. */
export interface AuditOptions {
  /** What is trained: the recipe "fast". Its label smoothing is left out, which would blur the probabilities. */
  readonly recipe?: string | Recipe;
  /** Models, each trained without one fold of the images: 4. */
  readonly folds?: number;
  /** Passes of each model over its images: 8, but at least 500 steps and at most 5,000. */
  readonly epochs?: number;
  /** Fixes folds and weights: 1. */
  readonly seed?: number;
  /** "native" where it can be, else "wasm"; or a back end of your own. */
  readonly backend?: string | Backend;
  /** All processors. They change nothing but the time it takes. */
  readonly threads?: number;
  /** Rows that somebody has found right, which are not suspected again. */
  readonly kept?: Iterable<number>;
  /** Stops the audit, which then throws `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Called several times a second. */
  readonly onProgress?: (progress: AuditProgress) => void;
}

const schema = v.object({
  folds: v.optional(v.pipe(count, v.minValue(2, "a whole number of at least 2")), 4),
  epochs: v.optional(positive),
});

const EPOCHS = 8;
/** Fewer teach a network too little to judge anybody. More cost much and find hardly more. */
const STEPS = { least: 500, most: 5000 };

/** How each model is trained. */
function trainingOf(recipe: Recipe, { imageShape, classNames, labels }: Dataset, folds: number, epochs?: number) {
  const images = { input: imageShape, classes: classNames };
  const shape = { images, trainingImages: labels.length * (1 - 1 / folds) };
  if (epochs !== undefined) return recipeTraining(recipe, shape, { epochs });
  const { steps } = recipeTraining(recipe, shape, { epochs: EPOCHS });
  return recipeTraining(recipe, shape, { steps: Math.min(STEPS.most, Math.max(STEPS.least, steps)) });
}

/** Fills in defaults for a data set, and checks. Throws `INVALID_ARGUMENT` naming the option. */
export function resolveOptions(
  options: AuditOptions,
  dataset: Dataset,
): OutOfFoldOptions & { readonly recipe: Recipe } {
  const { folds, epochs } = parseConfig(schema, { folds: options.folds, epochs: options.epochs }, "audit");
  const { recipe = "fast", seed = 1, threads, signal, onProgress } = options;
  const chosen = typeof recipe === "string" ? recipeOf(recipe) : recipe;
  return {
    recipe: chosen,
    training: trainingOf(chosen, dataset, folds, epochs),
    folds,
    seed,
    backend: typeof options.backend === "object" ? options.backend : backend(options.backend),
    threads,
    signal,
    onProgress,
  };
}
