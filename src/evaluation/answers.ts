import { log } from "../base/math.ts";
import type { RowOutputs } from "../engine/session.ts";
import { argMax } from "./score.ts";
import { type Scaling, softmaxInto } from "./softmax.ts";

/** What a model answers for labeled images. */
export interface Answers extends RowOutputs {
  /** Shape [N]: the labels, numbered by the model's classes. */
  readonly labels: Uint16Array;
  /** What each model of an ensemble answers by itself. */
  readonly members?: readonly Answers[];
}

/** Probabilities below this count as it, so that their logarithms stay finite. */
const LEAST = 2 ** -120;

/**
 * Logits [N,K] for the mean of several models' probabilities: ln(mean_m softmax(s_m·z_m)), of which the softmax is that mean
 * again. `scalings` says how the logits of each model are scaled.
 */
export function averageLogits(
  all: readonly Float32Array[],
  scalings: readonly Scaling[],
  classes: number,
): Float32Array {
  const mean = new Float64Array(all[0]!.length);
  const own = new Float64Array(classes);
  for (const [m, logits] of all.entries())
    for (let first = 0; first < logits.length; first += classes) {
      softmaxInto(own, logits, first, scalings[m]!);
      for (let k = 0; k < classes; k++) mean[first + k]! += own[k]! / all.length;
    }
  return Float32Array.from(mean, (p) => log(Math.max(LEAST, p)));
}

/** The answers by the mean of the probabilities of several answers for the same images, each scaled in its own way. */
export function averageAnswers(all: readonly Answers[], scalings: readonly Scaling[]): Answers {
  const { labels, logits: first } = all[0]!;
  const classes = labels.length === 0 ? 1 : first.length / labels.length;
  const logits = averageLogits(
    all.map((one) => one.logits),
    scalings,
    classes,
  );
  return {
    labels,
    logits,
    losses: Float32Array.from(labels, (label, n) => -logits[n * classes + label]!),
    correct: Float32Array.from(labels, (label, n) =>
      argMax(logits.subarray(n * classes, (n + 1) * classes)) === label ? 1 : 0,
    ),
  };
}
