import { InklingError } from "../base/error.ts";
import { type ConformalMethod, type ConformalThreshold, predictionSet } from "./conformal.ts";
import { type ModelCalibration, setThresholdFor, thresholdFor } from "./modelCalibration.ts";
import type { Prediction } from "./prediction.ts";
import type { AnswerThreshold } from "./selection.ts";

/** When a model should rather not answer, and what it should list. */
export interface DecisionOptions {
  /** The accuracy among answers that is to be reached, such as 0.99: below the confidence for it, the answer is unsure. */
  readonly targetAccuracy?: number | undefined;
  /** The coverage of prediction sets, such as 0.95: each lists the classes that an image may have. */
  readonly coverage?: number | undefined;
  /** How sets are made. Default: `lac`. */
  readonly conformal?: ConformalMethod | undefined;
}

/** The thresholds of decisions. Plain data. */
export interface Decisions {
  readonly answers?: AnswerThreshold;
  readonly sets?: ConformalThreshold;
}

/**
 * The thresholds with which a model decides, from its calibration; none if none are asked for. Throws `INVALID_ARGUMENT` for a
 * model without a calibration, and as {@link thresholdFor} and {@link setThresholdFor} do.
 */
export function decisionsOf(
  { calibration }: { readonly calibration?: ModelCalibration | undefined },
  { targetAccuracy, coverage, conformal }: DecisionOptions,
): Decisions {
  if (targetAccuracy === undefined && coverage === undefined) return {};
  if (!calibration)
    throw new InklingError(
      "INVALID_ARGUMENT",
      "the model has no calibration, which thresholds for an accuracy or a coverage are taken from: it was trained without validation images or by an earlier version, or it is an ensemble that was not calibrated; inkling evaluate RUN --calibrate adds one to a run, inkling ensemble --calibrate to an ensemble",
    );
  return {
    ...(targetAccuracy !== undefined && { answers: thresholdFor(calibration, targetAccuracy) }),
    ...(coverage !== undefined && { sets: setThresholdFor(calibration, coverage, conformal) }),
  };
}

/** What thresholds make of a prediction. */
export interface Decided {
  /** With a target accuracy: whether the model is certain enough to answer; it is not for a blank picture. */
  readonly answered?: boolean;
  /** With a coverage: the classes that the picture may have, the most probable first. */
  readonly set?: readonly string[];
}

/** Whether a model with a threshold answers, and the prediction set of an image. */
export function decide({ probability, ranking }: Prediction, { answers, sets }: Decisions, isBlank: boolean): Decided {
  const probabilities = ranking.map((one) => one.probability);
  return {
    ...(answers && { answered: !isBlank && probability >= answers.threshold }),
    ...(sets && { set: predictionSet(probabilities, sets).map((place) => ranking[place]!.label) }),
  };
}
