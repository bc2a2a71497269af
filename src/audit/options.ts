import * as v from "valibot";
import { type Backend, backend } from "../backends/index.ts";
import { count, parseOptions, positive } from "../base/config.ts";
import type { AnyDataset } from "../datasets/index.ts";
import { type Recipe, recipe as recipeOf, recipeTraining } from "../training/index.ts";
import type { AuditProgress, OutOfFoldOptions } from "./outOfFold.ts";

/** How to audit labels. Every option has a default. */
export interface AuditOptions {
  /** The recipe to train, without label smoothing, which would blur the probabilities. Default: "fast". */
  readonly recipe?: string | Recipe;
  /** Number of folds, at least 2; one model is trained without each. Default: 4. */
  readonly folds?: number;
  /** Passes of each model over its images. Default: 8, limited to 500 to 5,000 steps. */
  readonly epochs?: number;
  /** Seed of folds and weights. Default: 1. */
  readonly seed?: number;
  /** "native" (in Node, the default there), "wasm" (the default elsewhere), "interpret", or a back end of your own. */
  readonly backend?: string | Backend;
  /** Number of threads, which affects only the speed. Default: the number of processors. */
  readonly threads?: number;
  /** Rows whose labels a person has confirmed, which are not listed again. Default: none. */
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
/** With fewer steps, a network learns too little to judge labels; with more, it finds hardly any more errors. */
const STEPS = { least: 500, most: 5000 };

/** How each model is trained. */
function trainingOf(recipe: Recipe, { imageShape, classNames, labels }: AnyDataset, folds: number, epochs?: number) {
  const images = { input: imageShape, classes: classNames };
  const shape = { images, trainingImages: labels.length * (1 - 1 / folds) };
  if (epochs !== undefined) return recipeTraining(recipe, shape, { epochs });
  const { steps } = recipeTraining(recipe, shape, { epochs: EPOCHS });
  return recipeTraining(recipe, shape, { steps: Math.min(STEPS.most, Math.max(STEPS.least, steps)) });
}

/** Fills in defaults for a data set, and checks ranges. Throws `INVALID_ARGUMENT` naming the invalid option. */
export function resolveOptions(
  options: AuditOptions,
  dataset: AnyDataset,
): OutOfFoldOptions & { readonly recipe: Recipe } {
  const { folds, epochs } = parseOptions(schema, { folds: options.folds, epochs: options.epochs }, "audit");
  const { recipe = "fast", seed = 1, threads, signal, onProgress } = options;
  const chosen = typeof recipe === "string" ? recipeOf(recipe) : recipe;
  return {
    recipe: chosen,
    training: trainingOf(chosen, dataset, folds, epochs),
    folds,
    seed,
    backend: backend(options.backend),
    threads,
    signal,
    onProgress,
  };
}
