import { InklingError } from "../base/error.ts";
import { type DecodeOptions, decodePicture } from "../image/decode.ts";
import { loadDecoder } from "../image/decoder.ts";
import type { Image } from "../image/image.ts";
import { toBytes } from "../image/picture.ts";
import { flatten } from "../pictures/flatten.ts";
import { isBlank } from "../pictures/ink.ts";
import type { PrepareOptions } from "../pictures/preparation.ts";
import type { PreparedPicture } from "../pictures/prepare.ts";
import { type ConformalMethod, type ConformalThreshold, predictionSet } from "./conformal.ts";
import type { Classifier } from "./ensemble.ts";
import { setThresholdFor, thresholdFor } from "./modelCalibration.ts";
import type { Prediction } from "./prediction.ts";
import type { AnswerThreshold } from "./selection.ts";

/** A picture file as a model sees it. */
export interface SeenPicture extends PreparedPicture {
  /** Whether the picture shows nothing, so that a prediction means nothing. */
  readonly blank: boolean;
  /** The whole picture, on a plain background where it was transparent. */
  readonly flat: Image;
}

/**
 * Decodes a picture file and prepares it for a model. Throws `INVALID_DATA` for a file that is not a readable picture, and
 * `INVALID_ARGUMENT` for an invalid option.
 */
export async function seePicture(
  trained: Classifier,
  bytes: Uint8Array,
  { keepDamaged = false, ...options }: PrepareOptions & DecodeOptions,
): Promise<SeenPicture> {
  const picture = decodePicture(await loadDecoder(), bytes, { keepDamaged });
  const prepared = trained.prepare(picture, options);
  const { values } = trained.preparation;
  const range = values?.of === "pictures" ? values.range : undefined;
  const flat = flatten(toBytes(picture, range)).image;
  return { ...prepared, blank: isBlank(flat) || prepared.isInkless, flat };
}

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
  { calibration }: Pick<Classifier, "calibration">,
  { targetAccuracy, coverage, conformal }: DecisionOptions,
): Decisions {
  if (targetAccuracy === undefined && coverage === undefined) return {};
  if (!calibration)
    throw new InklingError(
      "INVALID_ARGUMENT",
      "the model has no calibration, which thresholds for an accuracy or a coverage are taken from: it was trained without validation images or by an earlier version, or it is an ensemble; inkling evaluate RUN --calibrate adds one to a run",
    );
  return {
    ...(targetAccuracy !== undefined && { answers: thresholdFor(calibration, targetAccuracy) }),
    ...(coverage !== undefined && { sets: setThresholdFor(calibration, coverage, conformal) }),
  };
}

/** What an answer contains besides the class. */
export interface AnswerOptions {
  /** The number of classes in the ranking. Default: all. */
  readonly top?: number | undefined;
  /** Whether to list how the picture was prepared. */
  readonly explain?: boolean | undefined;
}

/** The answer for one picture, as `inkling predict --json` and the server give it. Plain data. */
export interface PictureAnswer extends Prediction {
  readonly name: string;
  /** True if the picture shows nothing, so that the prediction means nothing. */
  readonly blank?: true;
  /** With a target accuracy: whether the model is certain enough to answer; it is not for a blank picture. */
  readonly answered?: boolean;
  /** With a coverage: the classes that the picture may have, the most probable first. */
  readonly set?: readonly string[];
  readonly steps?: readonly string[];
}

/** Whether a model with a threshold answers, and the prediction set of an image. */
export function decide(
  { probability, ranking }: Prediction,
  { answers, sets }: Decisions,
  isBlank: boolean,
): Pick<PictureAnswer, "answered" | "set"> {
  const probabilities = ranking.map((one) => one.probability);
  return {
    ...(answers && { answered: !isBlank && probability >= answers.threshold }),
    ...(sets && { set: predictionSet(probabilities, sets).map((place) => ranking[place]!.label) }),
  };
}

/** The answer for a picture that a model has seen. */
export const answerFor = (
  name: string,
  prediction: Prediction,
  { blank, steps }: Pick<SeenPicture, "blank" | "steps">,
  { top, explain }: AnswerOptions,
  decisions: Decisions,
): PictureAnswer => ({
  name,
  label: prediction.label,
  probability: prediction.probability,
  ...(blank && { blank }),
  ...decide(prediction, decisions, blank),
  ranking: prediction.ranking.slice(0, top),
  ...(explain && { steps }),
});
