import { type AnyDataset, bytesPerImage, readImages } from "../../../datasets/index.ts";
import { type Image, imageOf } from "../../../image/image.ts";

/** The answers of a model for the rows of a data set whose classes are the model's. */
export interface AnsweredRows {
  readonly dataset: AnyDataset;
  /** Shape [N]. */
  readonly rows: ArrayLike<number>;
  /** The answer for each row, and its probability. Shape [N]. */
  readonly answers: ArrayLike<number>;
  readonly confidences: ArrayLike<number>;
}

/** The place of each row of the data set among the rows that are answered. */
export const placesByRow = ({ rows }: AnsweredRows): ReadonlyMap<number, number> =>
  new Map(Array.from(rows, (row, i) => [row, i]));

/** One image of a data set, wherever it is. Throws `INVALID_DATA` unless images have 1 or 3 channels. */
export function imageIn(dataset: AnyDataset, row: number): Image {
  const pixels = new Uint8Array(bytesPerImage(dataset));
  readImages(dataset, [row], pixels);
  return imageOf(pixels, dataset.imageShape);
}
