import { InklingError } from "../base/error.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import type { Picture } from "../image/picture.ts";
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
  const given = "arrayBuffer" in image ? await decoded(image) : image;
  return pixelsOf(given, classifier.model.input, (picture) => classifier.prepare(picture, options));
}

/** The predictions for several images, in their order. Throws as {@link pixelsOf} does. */
export async function predictImages(
  classifier: Predicting,
  images: readonly (ImageInput | Blob)[],
  options?: PrepareOptions,
): Promise<readonly Prediction[]> {
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
