import { type Image, imageOf } from "../../image/image.ts";
import { bytesPerImage, type Dataset } from "../dataset.ts";

/** The mean image of each class, rounded; nothing for a class without images. */
export function classMeans(dataset: Dataset): readonly (Image | undefined)[] {
  const { images, labels, classNames, imageShape } = dataset;
  const size = bytesPerImage(dataset);
  const sums = classNames.map(() => new Float64Array(size));
  const counts = classNames.map(() => 0);
  for (const [row, label] of labels.entries()) {
    const sum = sums[label]!;
    counts[label]!++;
    for (let i = 0; i < size; i++) sum[i]! += images[row * size + i]!;
  }
  return sums.map((sum, label) => {
    if (counts[label] === 0) return undefined;
    const pixels = Uint8Array.from(sum, (value) => Math.round(value / counts[label]!));
    return imageOf(pixels, imageShape);
  });
}
