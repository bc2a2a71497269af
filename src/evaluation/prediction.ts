import { InklingError } from "../base/error.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import type { Picture } from "../image/picture.ts";
import type { PreparedPicture } from "../pictures/prepare.ts";
import { softmax } from "./softmax.ts";

/** A model's prediction for one image. */
export interface Prediction {
  /** The most probable class. */
  readonly label: string;
  /** Its probability by the softmax at the model's temperature, 0 to 1. */
  readonly probability: number;
  /** All classes, the most probable first. */
  readonly ranking: readonly { readonly label: string; readonly probability: number }[];
}

/** A picture of any size, such as a canvas's `ImageData`; or H·W·C bytes, row-major, of the model's input shape. */
export type ImageInput = Uint8Array | Uint8ClampedArray | Picture;

/**
 * The bytes [H,W,C] that a model gets for an image: a picture is prepared by `prepare`, bytes are used as they are. Throws
 * `INVALID_SHAPE` if there are more or fewer of them, and as `prepare` does.
 */
export function pixelsOf(
  image: ImageInput,
  input: readonly [height: number, width: number, channels: number],
  prepare: (picture: Picture) => PreparedPicture,
): Uint8Array | Uint8ClampedArray {
  if ("data" in image) return prepare(image).image.pixels;
  if (image.length === sizeOf(input)) return image;
  throw new InklingError(
    "INVALID_SHAPE",
    `predict: the image has ${image.length} bytes, expected ${formatShape(input)}: height, width, channels; pass { width, height, data } for a picture of another size`,
  );
}

/** A prediction from logits [K] of the classes with these names, at a temperature. */
export function predictionOf(logits: Float32Array, classes: readonly string[], temperature: number): Prediction {
  const probabilities = softmax(logits, temperature);
  const ranking = classes
    .map((label, k) => ({ label, probability: probabilities[k]! }))
    .sort((a, b) => b.probability - a.probability);
  return { ...ranking[0]!, ranking };
}
