import { copyRows } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { bytesPerImage, type Dataset, type StreamedDataset } from "./dataset.ts";

/** Images of one shape, in memory or read on demand. */
export type Images =
  | Pick<Dataset, "images" | "labels" | "imageShape">
  | Pick<StreamedDataset, "read" | "crc32" | "labels" | "imageShape">;

/** Copies the images [H, W, C] of the given rows, in their order, to the start of the target. */
export function readImages(dataset: Images, rows: ArrayLike<number>, target: Uint8Array): void {
  if ("read" in dataset) dataset.read(rows, target);
  else if (dataset.images.length === 0 && rows.length > 0)
    throw new InklingError(
      "INVALID_DATA",
      "data set: its images were transferred to another thread while they were used",
    );
  else copyRows(dataset.images, bytesPerImage(dataset), rows, target);
}

/** Bytes per piece. */
const AT_ONCE = 2 ** 20;

/** All images in order, in pieces of whole images. */
export function* imagePieces(dataset: Images): Generator<Uint8Array> {
  const size = bytesPerImage(dataset);
  const count = dataset.labels.length;
  const some = Math.max(1, Math.floor(AT_ONCE / size));
  for (let first = 0; first < count; first += some) {
    const end = Math.min(count, first + some);
    if ("images" in dataset) yield dataset.images.subarray(first * size, end * size);
    else {
      const piece = new Uint8Array((end - first) * size);
      const rows = Uint32Array.from({ length: end - first }, (_, i) => first + i);
      dataset.read(rows, piece);
      yield piece;
    }
  }
}
