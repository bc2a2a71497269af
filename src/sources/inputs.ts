import { type Dataset, withReading } from "../datasets/dataset.ts";
import { allocateImages } from "../datasets/imageRows.ts";
import type { ReadOptions } from "../formats/format.ts";
import { asImage, decodePicture } from "../image/decode.ts";
import { type DecodedImage, type Images, imageOrReason } from "../image/decodeBatch.ts";
import { loadDecoder } from "../image/decoder.ts";
import { imageAt } from "../image/image.ts";
import { storedIn } from "../image/stored.ts";
import type { InputsOf } from "../pictures/preparation.ts";
import { preparePicture } from "../pictures/prepare.ts";

/** What decodes batches of image files. */
export interface BatchDecoder {
  decode(files: readonly Uint8Array[]): Images | Promise<Images>;
  close(): void;
}

/** Decodes image files to the inputs of a model, as predictions do. */
export async function inputDecoder(inputsOf: InputsOf, options: ReadOptions): Promise<BatchDecoder> {
  const decoder = await loadDecoder();
  const { model, preparation } = withRange(inputsOf, options);
  const decode = (bytes: Uint8Array): DecodedImage => {
    const picture = decodePicture(decoder, bytes, options);
    const { image } = preparePicture(picture, model.input, preparation);
    return { ...image, stored: storedIn(picture, asImage(picture)) };
  };
  return { decode: (files) => files.map((bytes) => imageOrReason(() => decode(bytes))), close: () => {} };
}

/** A model with the range of values that is given instead of its own. */
const withRange = ({ model, preparation }: InputsOf, { valueRange }: ReadOptions): InputsOf => ({
  model,
  preparation: { ...preparation, ...(valueRange && { values: { of: "pictures", range: valueRange } }) },
});

/** A data set with its images made inputs of a model. Images have 1 or 3 channels unless they have the model's shape. */
export function asInputs(dataset: Dataset, { model, preparation }: InputsOf): Dataset {
  const { imageShape, labels } = dataset;
  const { input } = model;
  if (imageShape.every((extent, axis) => extent === input[axis])) return dataset;
  // The values in image files concern only those.
  const { values: _, ...how } = preparation;
  const size = input[0] * input[1] * input[2];
  const images = allocateImages(labels.length * size);
  for (let row = 0; row < labels.length; row++) {
    const { pixels, ...image } = imageAt(dataset, row);
    images.set(preparePicture({ ...image, data: pixels }, input, how).image.pixels, row * size);
  }
  const clause = `${imageShape.join(" × ")} converted to ${input.join(" × ")} as in training`;
  return { ...dataset, images, imageShape: input, provenance: withReading(dataset.provenance, clause) };
}
