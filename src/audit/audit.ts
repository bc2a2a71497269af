import * as v from "valibot";
import { type Arithmetic, type Backend, backend } from "../backends/index.ts";
import { type Dataset, fingerprint, imageDigests } from "../datasets/index.ts";
import { argMax } from "../evaluation/score.ts";
import { count, parseConfig, positive } from "../tensor/config.ts";
import { type Recipe, recipe as recipeOf, stepsOf } from "../training/index.ts";
import { confidentJoint, estimatedNoise, type LabelledProbabilities } from "./confidentLearning.ts";
import { type AuditProgress, outOfFold } from "./outOfFold.ts";
import { findSuspects, type SuspectKind } from "./suspects.ts";

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

/** An image whose label somebody should look at. */
export interface Suspect {
  readonly kind: SuspectKind;
  readonly row: number;
  /** Its file in the source, where that is known. */
  readonly name?: string;
  /** Of its pixels. */
  readonly sha256: string;
  /** The class that it has. */
  readonly label: string;
  /** The class that it is taken for. */
  readonly suggested: string;
  /** The probability of the label less that of the most probable other class, −1 to 1. */
  readonly margin: number;
  /** [K], by a model that was not trained on it. */
  readonly probabilities: readonly number[];
}

/** What an audit found: plain data. */
export interface Audit {
  readonly source: string;
  readonly fingerprint: string;
  readonly images: number;
  readonly imageShape: Dataset["imageShape"];
  readonly classNames: readonly string[];
  readonly recipe: string;
  readonly folds: number;
  /** Updates of each model's weights. */
  readonly steps: number;
  readonly seed: number;
  readonly backend: string;
  readonly arithmetic: Arithmetic;
  /** The share of images whose most probable class, by a model that was not trained on them, is their label. */
  readonly accuracy: number;
  /** The estimated share of wrong labels: {@link estimatedNoise}. */
  readonly noise: number;
  /** [K], for a class to be counted confidently; nothing for a class without images. */
  readonly thresholds: readonly (number | null)[];
  /** [K][K]: images by their label, then by the class that they are counted in. */
  readonly joint: readonly (readonly number[])[];
  /** Images that would be suspected, had they not been found right before. */
  readonly kept: number;
  /** In the order of their kinds, those first whose label is most probably wrong. */
  readonly suspects: readonly Suspect[];
}

/** An audit with what it rests on. */
export interface AuditResult extends Audit {
  /** [N, K], of every image, by a model that was not trained on it. */
  readonly probabilities: Float64Array;
}

const schema = v.object({
  folds: v.optional(v.pipe(count, v.minValue(2, "a whole number of at least 2")), 4),
  epochs: v.optional(positive),
});

const EPOCHS = 8;
/** Fewer teach a network too little to judge anybody. More cost much and find hardly more. */
const STEPS = { least: 500, most: 5000 };

/** The steps of a model that is trained on so many images. */
function stepsFor(epochs: number | undefined, images: number, batchSize: number): number {
  if (epochs !== undefined) return stepsOf({ epochs }, images, batchSize);
  return Math.min(STEPS.most, Math.max(STEPS.least, stepsOf({ epochs: EPOCHS }, images, batchSize)));
}

/**
 * Looks for wrong labels. Models are trained by k-fold cross-validation, so that each image is judged by one that has
 * not seen it (nor its copies, nor its group); from their probabilities, confident learning tells which labels are
 * probably wrong ({@link confidentJoint}), and which images are ambiguous or unreadable. The same data and options give
 * the same audit. Throws `INVALID_ARGUMENT` for options, `ABORTED`, and what training throws.
 */
export async function auditLabels(dataset: Dataset, options: AuditOptions = {}): Promise<AuditResult> {
  const { folds, epochs } = parseConfig(schema, { folds: options.folds, epochs: options.epochs }, "audit");
  const { recipe = "fast", seed = 1, threads, kept = [], signal, onProgress } = options;
  const chosen = typeof recipe === "string" ? recipeOf(recipe) : recipe;
  const on = typeof options.backend === "object" ? options.backend : backend(options.backend);
  const { imageShape, classNames, labels, provenance } = dataset;
  const steps = stepsFor(epochs, labels.length * (1 - 1 / folds), chosen.batchSize);
  const settings = { folds, steps, seed };
  const probabilities = await outOfFold(dataset, {
    ...settings,
    recipe: chosen,
    backend: on,
    threads,
    signal,
    onProgress,
  });
  const data = { labels, probabilities, classes: classNames.length };
  const confident = confidentJoint(data);
  const right = new Set(kept);
  const found = findSuspects(data, confident);
  const suspects = found.filter(({ row }) => !right.has(row));
  const digests = await imageDigests(
    dataset,
    suspects.map(({ row }) => row),
  );
  return {
    source: provenance.source,
    fingerprint: await fingerprint(dataset),
    ...{ images: labels.length, imageShape, classNames, recipe: chosen.name, ...settings },
    ...{ backend: on.name, arithmetic: on.arithmetic },
    accuracy: accuracyOf(data),
    noise: estimatedNoise(confident, data),
    thresholds: confident.thresholds.map((threshold) => (Number.isFinite(threshold) ? threshold : null)),
    joint: confident.joint,
    kept: found.length - suspects.length,
    suspects: suspects.map(({ row, kind, suggested, margin }, i) => ({
      ...{ kind, row, ...(dataset.names && { name: dataset.names[row]! }), sha256: digests[i]! },
      label: classNames[labels[row]!]!,
      suggested: classNames[suggested]!,
      margin,
      probabilities: [...probabilities.subarray(row * classNames.length, (row + 1) * classNames.length)],
    })),
    probabilities,
  };
}

function accuracyOf({ labels, probabilities, classes }: LabelledProbabilities): number {
  let right = 0;
  for (let n = 0; n < labels.length; n++)
    if (argMax(probabilities.subarray(n * classes, (n + 1) * classes)) === labels[n]) right++;
  return right / labels.length;
}
