import { log } from "../base/math.ts";
import { binomialTail } from "./distributions.ts";
import type { LabeledProbabilities } from "./probabilities.ts";
import { type SortedAnswers, sortAnswers } from "./sortedAnswers.ts";

/** What a model achieves if it answers only where it is certain enough. */
export interface Coverage {
  /** The least confidence of an answer. */
  readonly threshold: number;
  /** The fraction of images that are answered. */
  readonly coverage: number;
  /** The fraction of the answers that is right. */
  readonly accuracy: number;
}

/**
 * Calls `at` for every confidence that occurs, from the greatest, with the number of answers that have it or more and how
 * many of these are right.
 */
function eachThreshold(
  { confidence, right }: SortedAnswers,
  at: (threshold: number, answered: number, correct: number) => void,
): void {
  let correct = 0;
  for (let i = confidence.length - 1; i >= 0; i--) {
    correct += right[i]!;
    if (i === 0 || confidence[i - 1] !== confidence[i]) at(confidence[i]!, confidence.length - i, correct);
  }
}

/**
 * The accuracy for every coverage: the answers from the most to the least certain one, where those of equal confidence are
 * one point. Source: El-Yaniv & Wiener, "On the foundations of noise-free selective classification", JMLR 11, 2010.
 */
export function coverageCurve(probabilities: LabeledProbabilities): readonly Coverage[] {
  const answers = sortAnswers(probabilities);
  const curve: Coverage[] = [];
  eachThreshold(answers, (threshold, answered, correct) => {
    curve.push({ threshold, coverage: answered / answers.confidence.length, accuracy: correct / answered });
  });
  return curve;
}

/** The point of a coverage curve with the least coverage that is at least the given one; undefined for an empty curve. */
export const atCoverage = (curve: readonly Coverage[], coverage: number): Coverage | undefined =>
  curve.find((point) => point.coverage >= coverage - 1e-12) ?? curve.at(-1);

/**
 * The area under the curve of risk (1 − accuracy) against coverage: the mean risk over all coverages i / N, 0 for a model
 * whose answers are all right. Answers of equal confidence have the risk of the point at which all of them are answered.
 * Source: Geifman, Uziel & El-Yaniv, "Bias-reduced uncertainty estimation for deep neural classifiers", ICLR 2019.
 */
export const areaUnderRiskCoverage = (probabilities: LabeledProbabilities): number =>
  riskCoverageArea(sortAnswers(probabilities));

/** The area of {@link areaUnderRiskCoverage} for sorted answers. */
export function riskCoverageArea(answers: SortedAnswers): number {
  let [area, before] = [0, 0];
  eachThreshold(answers, (_, answered, correct) => {
    area += (answered - before) * (1 - correct / answered);
    before = answered;
  });
  return area / Math.max(1, answers.confidence.length);
}

/** A threshold of confidence for a target accuracy among answers. */
export interface AnswerThreshold extends Coverage {
  /** The accuracy among answers that was requested. */
  readonly target: number;
  /** The probability that the target is missed on new images of the same kind is at most this. */
  readonly risk: number;
}

/** Coverages that are tested, as fractions of the images. */
const TESTED = 100;

/** A threshold that is tested: how many answers have at least its confidence, and how many of these are wrong. */
export interface AnswerPoint {
  readonly threshold: number;
  readonly answered: number;
  readonly wrong: number;
}

/** The thresholds that answer each hundredth of the images, from the most certain; each once. */
export function answerPoints(probabilities: LabeledProbabilities): readonly AnswerPoint[] {
  const curve = coverageCurve(probabilities);
  const images = probabilities.labels.length;
  const points = Array.from({ length: TESTED }, (_, k) => atCoverage(curve, (k + 1) / TESTED));
  return [...new Set(points)].flatMap((point) => {
    if (!point) return [];
    const answered = Math.round(point.coverage * images);
    return [{ threshold: point.threshold, answered, wrong: Math.round((1 - point.accuracy) * answered) }];
  });
}

/**
 * The least confidence at which a model should answer, so that among its answers on new images of the same kind at least
 * `target` are right, except with probability `risk` (default 0.05): a bound, not the estimate on the given images, which are
 * those of validation. Undefined if no threshold is certain enough, as for too few images: a target of 99 % needs at least
 * 299 of them, all answered right.
 *
 * Thresholds are tested from certain to uncertain, each by the exact binomial tail P(X ≤ errors | answers, 1 − target) ≤
 * risk, until one fails: with an order that is fixed in advance, no correction for the number of tests is needed. A few wrong
 * labels among the most certain answers would end that at once, so the tests start from several coverages, which share the
 * risk. Sources: Geifman & El-Yaniv, "Selective classification for deep neural networks", NeurIPS 2017, for the guarantee;
 * Angelopoulos et al., "Learn then test", 2021, algorithm 1, for tests in fixed orders.
 */
export const answerThreshold = (
  probabilities: LabeledProbabilities,
  target: number,
  risk = 0.05,
): AnswerThreshold | undefined =>
  thresholdAmong(answerPoints(probabilities), probabilities.labels.length, target, risk);

/** Coverages from which thresholds are tested, besides the least at which a test can pass. */
const STARTS = [0.25, 0.5, 0.75];

/** {@link answerThreshold} from the points of as many images. */
export function thresholdAmong(
  points: readonly AnswerPoint[],
  images: number,
  target: number,
  risk = 0.05,
): AnswerThreshold | undefined {
  // Twice the least number of answers: one mistake among the first ones does not end the search.
  const fewest = Math.min(2 * Math.ceil(log(risk) / log(target)), images);
  const first = (answers: number) => points.findIndex(({ answered }) => answered >= answers);
  const all = [0, ...STARTS].map((coverage) => first(Math.max(fewest, coverage * images)));
  const starts = new Set(all.filter((start) => start >= 0));
  const passes = ({ answered, wrong }: AnswerPoint) => binomialTail(wrong, answered, 1 - target) <= risk / starts.size;
  let found: AnswerPoint | undefined;
  for (const start of [...starts].sort((a, b) => a - b))
    for (let at = start; at < points.length && passes(points[at]!); at++)
      if (points[at]!.answered > (found?.answered ?? 0)) found = points[at];
  if (!found) return undefined;
  const { threshold, answered, wrong } = found;
  return { threshold, coverage: answered / images, accuracy: 1 - wrong / answered, target, risk };
}
