import { InklingError, kindOf } from "../base/error.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import type { Picture } from "../image/picture.ts";
import { checkPixels } from "../image/pixels.ts";
import type { PrepareOptions } from "../pictures/preparation.ts";
import type { PreparedPicture } from "../pictures/prepare.ts";
import { type Scaling, softmax } from "./softmax.ts";

/** A model's prediction for one image. */
export interface Prediction {
  /** The most probable class. */
  readonly label: string;
  /** Its probability, 0 to 1, calibrated if the model is. */
  readonly probability: number;
  /** All classes, the most probable first. */
  readonly ranking: readonly { readonly label: string; readonly probability: number }[];
}

/** A picture of any size, such as a canvas's `ImageData`; or H·W·C bytes, row-major, of the model's input shape. */
export type ImageInput = Uint8Array | Uint8ClampedArray | Picture;

/**
 * The bytes [H,W,C] that a model gets for an image: a picture is prepared by `prepare`, bytes are used as they are. Throws
 * as {@link imageBytes} and `prepare` do.
 */
export function pixelsOf(
  image: ImageInput,
  input: readonly [height: number, width: number, channels: number],
  prepare: (picture: Picture) => PreparedPicture,
): Uint8Array | Uint8ClampedArray {
  return has(image, "data") ? prepare(image).image.pixels : imageBytes(image, input);
}

/**
 * The bytes [H,W,C] of one image, as they are. Throws `INVALID_SHAPE` if there are more or fewer of them, `INVALID_ARGUMENT`
 * for anything but a `Uint8Array` or a `Uint8ClampedArray`.
 */
export function imageBytes(
  pixels: Uint8Array | Uint8ClampedArray,
  input: readonly [height: number, width: number, channels: number],
): Uint8Array | Uint8ClampedArray {
  checkPixels("predict: the image", pixels);
  if (pixels.length === sizeOf(input)) return pixels;
  throw new InklingError(
    "INVALID_SHAPE",
    `predict: the image has ${pixels.length} bytes, expected ${formatShape(input)}: height, width, channels; pass { width, height, data } for a picture of another size`,
  );
}

/** Whether what a caller gave, whatever it is, has a property. */
const has = <Key extends string, Given>(
  given: Given,
  key: Key,
): given is Extract<Given, { readonly [k in Key]: unknown }> =>
  typeof given === "object" && given !== null && key in given;

/** A prediction from logits [K] of the classes with these names. */
export function predictionOf(logits: Float32Array, classes: readonly string[], scaling: Scaling): Prediction {
  const probabilities = softmax(logits, scaling);
  const ranking = classes
    .map((label, k) => ({ label, probability: probabilities[k]! }))
    .sort((a, b) => b.probability - a.probability);
  return { ...ranking[0]!, ranking };
}

/** What predicts pictures: bytes of its input shape give logits. */
interface Predicting {
  readonly model: { readonly input: readonly [number, number, number]; readonly classes: readonly string[] };
  readonly scaling: Scaling;
  prepare(picture: Picture, options?: PrepareOptions): PreparedPicture;
  logits(pixels: Uint8Array): Promise<Float32Array>;
}

/** The bytes [H,W,C] that a model gets for an image or the picture in a file. Throws as {@link pixelsOf} does. */
export async function inputOf(
  classifier: Pick<Predicting, "model" | "prepare">,
  image: ImageInput | Blob,
  options?: PrepareOptions,
): Promise<Uint8Array | Uint8ClampedArray> {
  const given = has(image, "arrayBuffer") ? await decoded(image) : image;
  return pixelsOf(given, classifier.model.input, (picture) => classifier.prepare(picture, options));
}

/**
 * The predictions for several images, in their order. Throws as {@link pixelsOf} does, and `INVALID_ARGUMENT` for images that
 * are not in an array.
 */
export async function predictImages(
  classifier: Predicting,
  images: readonly (ImageInput | Blob)[],
  options?: PrepareOptions,
): Promise<readonly Prediction[]> {
  if (!Array.isArray(images))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `predictBatch: images is ${kindOf(images)}, expected an array of images`,
    );
  const { input, classes } = classifier.model;
  const size = sizeOf(input);
  const pixels = new Uint8Array(images.length * size);
  for (const [i, image] of images.entries()) pixels.set(await inputOf(classifier, image, options), i * size);
  const logits = await classifier.logits(pixels);
  const count = classes.length;
  return images.map((_, i) => predictionOf(logits.subarray(i * count, (i + 1) * count), classes, classifier.scaling));
}

/** The picture in a file. */
async function decoded(file: Blob): Promise<Picture> {
  const [{ decodePicture }, { loadDecoder }] = await Promise.all([
    import("../image/decode.ts"),
    import("../image/decoder.ts"),
  ]);
  return decodePicture(await loadDecoder(), new Uint8Array(await file.arrayBuffer()));
}
