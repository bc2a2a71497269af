import { type DecodeOptions, decodePicture } from "../image/decode.ts";
import { loadDecoder } from "../image/decoder.ts";
import type { Image } from "../image/image.ts";
import { toBytes } from "../image/picture.ts";
import { flatten } from "../pictures/flatten.ts";
import { isBlank } from "../pictures/ink.ts";
import type { PrepareOptions } from "../pictures/preparation.ts";
import type { PreparedPicture } from "../pictures/prepare.ts";
import { type Decided, type Decisions, decide } from "./decisions.ts";
import type { Classifier } from "./ensemble.ts";
import type { Prediction } from "./prediction.ts";

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

/** What an answer contains besides the class. */
export interface AnswerOptions {
  /** The number of classes in the ranking. Default: all. */
  readonly top?: number | undefined;
  /** Whether to list how the picture was prepared. */
  readonly explain?: boolean | undefined;
}

/** The answer for one picture, as `inkling predict --json` and the server give it. Plain data. */
export interface PictureAnswer extends Prediction, Decided {
  readonly name: string;
  /** True if the picture shows nothing, so that the prediction means nothing. */
  readonly blank?: true;
  readonly steps?: readonly string[];
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
