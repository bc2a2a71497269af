import { InklingError } from "../base/error.ts";
import { type ConformalMethod, type SetScore, scoreSets } from "./conformal.ts";
import { type ModelCalibration, setThresholdFor, thresholdFor } from "./modelCalibration.ts";
import { answersOf, type LabeledProbabilities } from "./probabilities.ts";
import { type Accuracy, accuracyOf, type Interval, wilsonInterval } from "./score.ts";

/** What a model achieves that says don't know below the threshold for a target accuracy. */
export interface AnswersReport extends Accuracy {
  readonly target: number;
  /** The least confidence of an answer. */
  readonly threshold: number;
  /** The fraction of the images that is answered; `count` is their number, and `accuracy` that among them. */
  readonly coverage: number;
}

/** What prediction sets achieve: see {@link SetScore}. */
export interface SetsReport extends SetScore {
  readonly method: ConformalMethod;
  /** The coverage that they were made for. */
  readonly coverage: number;
  /** The 95% confidence interval of `covered`. */
  readonly interval: Interval;
}

/** What the thresholds of a calibration achieve on images other than those of validation. */
export interface ThresholdsReport {
  /** Validation images from which the thresholds are taken. */
  readonly validationImages: number;
  /** For each target that the validation images show to be reached. */
  readonly answers: readonly AnswersReport[];
  /** For each coverage for which there are enough validation images. */
  readonly sets: readonly SetsReport[];
}

const TARGETS = [0.9, 0.95, 0.98, 0.99, 0.995];
const COVERAGES = [0.9, 0.95, 0.99];

/** Tests the thresholds of a calibration on probabilities by its scaling. */
export function thresholdsReport(calibration: ModelCalibration, data: LabeledProbabilities): ThresholdsReport {
  const answers = answersOf(data);
  const images = Math.max(1, answers.length);
  return {
    validationImages: calibration.images,
    answers: available(TARGETS, (target) => {
      const { threshold } = thresholdFor(calibration, target);
      const given = answers.filter(({ confidence }) => confidence >= threshold);
      const right = given.filter(({ isRight }) => isRight).length;
      return { target, threshold, coverage: given.length / images, ...accuracyOf(right, given.length) };
    }),
    sets: (["lac", "aps"] as const).flatMap((method) =>
      available(COVERAGES, (coverage) => {
        const score = scoreSets(data, setThresholdFor(calibration, coverage, method));
        return { method, coverage, ...score, interval: wilsonInterval(Math.round(score.covered * images), images) };
      }),
    ),
  };
}

/** What is made of each number for which there are enough validation images. */
export const available = <T>(numbers: readonly number[], make: (number: number) => T): readonly T[] =>
  numbers.flatMap((number) => {
    try {
      return [make(number)];
    } catch (error) {
      if (error instanceof InklingError && error.code === "INVALID_ARGUMENT") return [];
      throw error;
    }
  });
