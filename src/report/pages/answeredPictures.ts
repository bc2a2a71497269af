import type { AnyDataset } from "../../datasets/index.ts";
import type { Pictures } from "../components/pictures.tsx";
import { pictureStrips } from "../pictureStrips.ts";
import { imageIn } from "./evaluate/answeredRows.ts";

/** A row of a data set, the class that a model answers for it, and the probability of that. */
export interface AnsweredImage {
  readonly row: number;
  readonly answer: number;
  readonly confidence: number;
}

/**
 * As many of the images, from the first on, as fit into `budget` bytes of pictures; none unless they have 1 or 3 channels. Files
 * are named only for mistakes.
 */
export function answeredPictures(dataset: AnyDataset, images: readonly AnsweredImage[], budget: number): Pictures {
  const { imageShape, classNames, names, labels } = dataset;
  const hasPictures = imageShape[2] === 1 || imageShape[2] === 3;
  const { side, perStrip, strips, count } = pictureStrips(
    hasPictures ? images.length : 0,
    (k) => imageIn(dataset, images[k]!.row),
    budget,
  );
  const shown = images.slice(0, count);
  return {
    ...{ side, perStrip, strips },
    classes: classNames,
    rows: shown.map(({ row }) => row),
    labels: shown.map(({ row }) => labels[row]!),
    answers: shown.map(({ answer }) => answer),
    confidences: shown.map(({ confidence }) => Math.round(1000 * confidence) / 1000),
    names: shown.map(({ row, answer }) => (labels[row] === answer ? undefined : names?.[row])),
  };
}
