import type { AnyDataset } from "../../../datasets/index.ts";
import { type CorruptionOptions, corruptImage, corruptions } from "../../../evaluation/index.ts";
import type { Image } from "../../../image/image.ts";
import { imageIn } from "./answeredRows.ts";

/** Images of each kind that are shown. */
const SHOWN = 4;

/** What the corruptions of a report look like: images from different parts of the rows. */
export function sampleCorruptions(
  dataset: AnyDataset,
  rows: ArrayLike<number>,
  options: CorruptionOptions,
): readonly (readonly Image[])[] {
  const count = Math.min(SHOWN, rows.length);
  const some = Array.from({ length: count }, (_, k) => rows[Math.floor(((k + 0.5) * rows.length) / count)]!);
  const images = some.map((row) => imageIn(dataset, row));
  return [images, ...corruptions.map((kind) => images.map((image, k) => corruptImage(image, kind, some[k]!, options)))];
}
