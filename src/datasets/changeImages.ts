import { type AnyDataset, bytesPerImage, type StreamedDataset } from "./dataset.ts";
import { readImages } from "./images.ts";

/** A data set whose images [H,W,C] are changed, in place, each time they are read. */
export function changeImages(dataset: AnyDataset, change: (pixels: Uint8Array, row: number) => void): StreamedDataset {
  const { imageShape, labels, classNames, groups, parts, names, provenance, skipped } = dataset;
  const size = bytesPerImage(dataset);
  return {
    ...{ imageShape, labels, classNames, provenance, skipped },
    ...(groups && { groups }),
    ...(parts && { parts }),
    ...(names && { names }),
    read(rows, target) {
      readImages(dataset, rows, target);
      for (let i = 0; i < rows.length; i++) change(target.subarray(i * size, (i + 1) * size), rows[i]!);
    },
  };
}
