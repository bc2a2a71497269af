import type { EmbeddingMap } from "../../../evaluation/index.ts";
import { type AnsweredRows, placesByRow } from "./answeredRows.ts";
import type { ShownPictures } from "./shownPictures.ts";

/** What a component needs to draw a map of images, as plain data. */
export interface MapPoints {
  readonly classes: readonly string[];
  /** x and y of each image, from 0 to 1000, one image after another. */
  readonly points: readonly number[];
  /** The label and the answer of each image. */
  readonly labels: readonly number[];
  readonly answers: readonly number[];
  /** The place of each image among the page's pictures; −1 for those that are not on the page. */
  readonly images: readonly number[];
}

/** The points of a map with what the model answers for each image. */
export function mapPoints(map: EmbeddingMap, answered: AnsweredRows, placeOf: ShownPictures["placeOf"]): MapPoints {
  const { dataset, rows, answers } = answered;
  const places = placesByRow(answered);
  const drawn = Array.from(map.rows, (row) => places.get(row)!);
  return {
    classes: dataset.classNames,
    points: Array.from(map.points, (value) => Math.round(1000 * value)),
    labels: drawn.map((i) => dataset.labels[rows[i]!]!),
    answers: drawn.map((i) => answers[i]!),
    images: drawn.map((i) => placeOf.get(i) ?? -1),
  };
}
