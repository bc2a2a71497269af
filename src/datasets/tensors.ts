import { bytesPerImage, checkFields, type Dataset, subset } from "./dataset.ts";

/** Normalizes a pixel for the network: (p − 127.5) / 255, from −0.5 to 0.5. */
export const normalize = (pixel: number): number => (pixel - 127.5) / 255;

/** Images and labels as float32 tensors. */
export interface Tensors {
  /** [N, H, W, C], normalized: (p − 127.5) / 255. */
  readonly images: Float32Array;
  readonly imagesShape: readonly [number, number, number, number];
  /** [N, K], one-hot. */
  readonly labels: Float32Array;
  readonly labelsShape: readonly [number, number];
}

/** The shapes of {@link toTensors} for N rows: images (N, H, W, C) and labels (N, K). */
export const tensorShapes = (
  { imageShape, classNames }: Pick<Dataset, "imageShape" | "classNames">,
  count: number,
): Pick<Tensors, "imagesShape" | "labelsShape"> => ({
  imagesShape: [count, ...imageShape],
  labelsShape: [count, classNames.length],
});

/**
 * Converts the given rows, or all, to tensors: pixels normalized, labels one-hot. Throws `INVALID_ARGUMENT` for a row that
 * is out of range.
 */
export function toTensors(dataset: Dataset, rows?: ArrayLike<number>): Tensors {
  checkFields(dataset);
  const { images, labels } = rows ? subset(dataset, rows) : dataset;
  const classes = dataset.classNames.length;
  const oneHot = new Float32Array(labels.length * classes);
  for (const [row, label] of labels.entries()) oneHot[row * classes + label] = 1;
  const pixels = new Float32Array(labels.length * bytesPerImage(dataset));
  for (let i = 0; i < pixels.length; i++) pixels[i] = normalize(images[i]!);
  return { images: pixels, labels: oneHot, ...tensorShapes(dataset, labels.length) };
}
