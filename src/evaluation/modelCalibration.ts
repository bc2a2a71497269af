import { InklingError } from "../base/error.ts";
import { type ConformalMethod, type ConformalThreshold, conformalRank, labelScores } from "./conformal.ts";
import { fitScaling } from "./fitScaling.ts";
import { probabilitiesOf } from "./probabilities.ts";
import { type AnswerThreshold, answerPoints, thresholdAmong } from "./selection.ts";
import type { Scaling } from "./softmax.ts";

/**
 * What validation images tell about a model's probabilities: kept with the model, as a few kilobytes of plain data. From it
 * follow calibrated probabilities, and thresholds for any target accuracy and coverage.
 */
export interface ModelCalibration extends Scaling {
  /** The number of validation images. */
  readonly images: number;
  /**
   * For each hundredth of the images, from the most certain: the least confidence of the answers up to it, their number, and how
   * many of them are wrong.
   */
  readonly answers: readonly (readonly [confidence: number, answered: number, wrong: number])[];
  /** The conformal scores of `lac` and of `aps` that give sets of a coverage, by increasing coverage. */
  readonly sets: readonly (readonly [coverage: number, lac: number, aps: number])[];
}

/** The coverages below the greatest for which scores are kept; another one has the score of the next greater. */
export const COVERAGES: readonly number[] = [
  ...Array.from({ length: 50 }, (_, i) => (50 + i) / 100),
  ...Array.from({ length: 9 }, (_, i) => (991 + i) / 1000),
];

/**
 * The calibration of a model from its logits [N,K] and the labels [N] of validation images, on which it was not trained;
 * undefined without images.
 *
 * The scaling of logits is fitted by {@link fitScaling} as if one image in N + 2 were wrong, so that a few images that are all
 * right do not make a model certain of everything. Source: Platt, "Probabilistic outputs for support vector machines", 1999.
 */
export function calibrateModel(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): ModelCalibration | undefined {
  const images = labels.length;
  if (images === 0) return undefined;
  const scaling = fitScaling(logits, labels, classes, 1 / (images + 2));
  const probabilities = probabilitiesOf(logits, labels, classes, scaling);
  const [lac, aps] = [labelScores(probabilities, "lac"), labelScores(probabilities, "aps")];
  const greatest = images / (images + 1);
  const coverages = [...COVERAGES.filter((coverage) => coverage < greatest), greatest];
  return {
    ...scaling,
    images,
    answers: answerPoints(probabilities).map(({ threshold, answered, wrong }) => [threshold, answered, wrong]),
    sets: coverages.map((coverage) => {
      const at = conformalRank(images, coverage) - 1;
      return [coverage, lac[at]!, aps[at]!];
    }),
  };
}

/**
 * The least confidence at which a model should answer so that `target` of its answers are right: see {@link answerThreshold}.
 * Throws `INVALID_ARGUMENT` for a target outside (0, 1), and if the validation images show for no threshold that it is
 * reached.
 */
export function thresholdFor({ answers, images }: ModelCalibration, target: number): AnswerThreshold {
  checkShare("the target accuracy", target);
  const points = answers.map(([threshold, answered, wrong]) => ({ threshold, answered, wrong }));
  const found = thresholdAmong(points, images, target);
  if (found) return found;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `no confidence is high enough for an accuracy of ${percentOf(target)} among answers: ${images} validation images do not show that any is, with 95 % certainty; choose a lower target, or train with more validation images`,
  );
}

/**
 * What makes prediction sets of at least a coverage: see {@link conformalThreshold}. Throws `INVALID_ARGUMENT` for a coverage
 * outside (0, 1), and if there are too few validation images for it.
 */
export function setThresholdFor(
  { sets, images }: ModelCalibration,
  coverage: number,
  method: ConformalMethod = "lac",
): ConformalThreshold {
  checkShare("the coverage", coverage);
  conformalRank(images, coverage); // throws where there are too few
  const [, lac, aps] = sets.find(([kept]) => kept >= coverage - 1e-12) ?? sets.at(-1)!;
  return { method, coverage, score: method === "lac" ? lac : aps };
}

const percentOf = (share: number): string => `${Number((100 * share).toPrecision(6))} %`;

function checkShare(what: string, share: number): void {
  if (share > 0 && share < 1) return;
  throw new InklingError("INVALID_ARGUMENT", `${what} is ${share}, expected a number between 0 and 1, such as 0.95`);
}
