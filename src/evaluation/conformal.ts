import { InklingError } from "../base/error.ts";
import type { LabeledProbabilities } from "./probabilities.ts";

/**
 * How a class is scored for one image: `lac` by 1 − p of the class, which gives the smallest sets on average; `aps` by the
 * probability of the classes up to and including it, from the most probable one, which adapts to how hard an image is.
 */
export type ConformalMethod = "lac" | "aps";

/** What makes prediction sets of a given coverage. */
export interface ConformalThreshold {
  readonly method: ConformalMethod;
  /** The probability that the set of a new image contains its label is at least this. */
  readonly coverage: number;
  /** A set consists of the classes whose scores are at most this. */
  readonly score: number;
}

/** The classes of an image from its probabilities [K], the most probable first; of equal ones, the first. */
const ranked = (probabilities: ArrayLike<number>): readonly number[] =>
  Array.from(probabilities, (_, k) => k).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);

/** The scores [K] of an image's classes, from its probabilities [K]. */
function scores(probabilities: ArrayLike<number>, method: ConformalMethod): readonly number[] {
  if (method === "lac") return Array.from(probabilities, (p) => 1 - p);
  const found = new Array<number>(probabilities.length);
  let sum = 0;
  for (const k of ranked(probabilities)) found[k] = sum += probabilities[k]!;
  return found;
}

/** The probabilities [K] of one image. */
const row = ({ probabilities, classes }: LabeledProbabilities, n: number): Float64Array =>
  probabilities.subarray(n * classes, (n + 1) * classes);

/**
 * The threshold for prediction sets that contain the right class of a new image with probability `coverage`, whatever the
 * model, if the given images, those of validation, are of the same kind as the new ones: the score of rank ⌈(n + 1) ·
 * coverage⌉ among those of the labels of n images. Throws `INVALID_ARGUMENT` if that rank is above n, which has too few
 * images: at least coverage / (1 − coverage) are needed.
 *
 * Sources: Sadinle, Lei & Wasserman, "Least ambiguous set-valued classifiers with bounded error levels", JASA 114, 2019
 * (`lac`); Romano, Sesia & Candès, "Classification with valid and adaptive coverage", NeurIPS 2020 (`aps`, here without
 * randomization, so that coverage is exceeded a little).
 */
export function conformalThreshold(
  data: LabeledProbabilities,
  coverage: number,
  method: ConformalMethod = "lac",
): ConformalThreshold {
  const rank = conformalRank(data.labels.length, coverage);
  return { method, coverage, score: labelScores(data, method)[rank - 1]! };
}

/** Shape [N], in ascending order: the scores of the labels of N images. */
export const labelScores = (data: LabeledProbabilities, method: ConformalMethod): Float64Array =>
  Float64Array.from(data.labels, (label, n) => scores(row(data, n), method)[label]!).sort();

/** The rank, from 1, of the score that gives a coverage with that many images. Throws as {@link conformalThreshold} does. */
export function conformalRank(images: number, coverage: number): number {
  if (!(coverage > 0 && coverage < 1))
    throw new InklingError("INVALID_ARGUMENT", `coverage is ${coverage}, expected a number between 0 and 1`);
  // Rounded up, but not because a product such as 100 · 0.95 is a little more than 95 in floating point.
  const rank = Math.ceil((images + 1) * coverage - 1e-9);
  if (rank <= images) return rank;
  const needed = Math.ceil(coverage / (1 - coverage) - 1e-9);
  throw new InklingError(
    "INVALID_ARGUMENT",
    `there are ${images} validation images, but a coverage of ${coverage} needs at least ${needed}: the threshold would be the score of rank ⌈(n + 1) · ${coverage}⌉ = ${rank}; use more validation images or a lower coverage`,
  );
}

/**
 * The classes of an image's prediction set, from its probabilities [K], the most probable one first. It always contains the
 * most probable class.
 */
export function predictionSet(
  probabilities: ArrayLike<number>,
  { method, score }: Pick<ConformalThreshold, "method" | "score">,
): readonly number[] {
  const all = scores(probabilities, method);
  return ranked(probabilities).filter((k, place) => place === 0 || all[k]! <= score);
}

/** How prediction sets do on labeled images. */
export interface SetScore {
  /** The fraction of images whose set contains the label. */
  readonly covered: number;
  /**
   * The fraction of images whose label has a score of at most the threshold: what theory says about. Sets cover more where
   * the most probable class alone has a greater score, since they contain it anyway.
   */
  readonly within: number;
  /** The mean number of classes in a set. */
  readonly meanSize: number;
  /** Shape [K]: how many sets have 1, 2, … K classes. */
  readonly sizes: readonly number[];
}

/** How the prediction sets of a threshold do on labeled images, other than those that it was fitted on. */
export function scoreSets(data: LabeledProbabilities, threshold: ConformalThreshold): SetScore {
  const { labels, classes } = data;
  const sizes = new Array<number>(classes).fill(0);
  let [covered, within, total] = [0, 0, 0];
  for (let n = 0; n < labels.length; n++) {
    const set = predictionSet(row(data, n), threshold);
    sizes[set.length - 1]!++;
    total += set.length;
    covered += Number(set.includes(labels[n]!));
    within += Number(scores(row(data, n), threshold.method)[labels[n]!]! <= threshold.score);
  }
  const count = Math.max(1, labels.length);
  return { covered: covered / count, within: within / count, meanSize: total / count, sizes };
}
