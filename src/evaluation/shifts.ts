import { sizeOf } from "../base/shape.ts";
import { type AnyDataset, changeImages, type StreamedDataset } from "../datasets/index.ts";
import { imageOf } from "../image/image.ts";
import { borderColor } from "../image/place.ts";
import { type Answers, averageAnswers, averageLogits } from "./answers.ts";
import type { Classifier } from "./ensemble.ts";
import { type Prediction, predictionOf } from "./prediction.ts";
import { type Scaling, UNSCALED } from "./softmax.ts";

/** A shift of an image, in pixels. */
export type Shift = readonly [down: number, right: number];

type ImageShape = readonly [height: number, width: number, channels: number];

/** The shifts of test-time augmentation for images of a size: none, and one pixel of 28 up, down, left and right. */
export function shiftsFor([height, width]: ImageShape): readonly Shift[] {
  const step = Math.max(1, Math.round(Math.min(height, width) / 28));
  return [
    [0, 0],
    [-step, 0],
    [step, 0],
    [0, -step],
    [0, step],
  ];
}

/** A data set whose images are shifted as they are read; what comes in from outside has the color of the border. */
export function shiftDataset(dataset: AnyDataset, shift: Shift): StreamedDataset {
  return changeImages(dataset, (pixels) => shiftPixels(pixels, dataset.imageShape, shift));
}

/** Shifts the pixels [H,W,C] of an image in place. */
function shiftPixels(pixels: Uint8Array, shape: ImageShape, [down, right]: Shift): void {
  const [height, width, channels] = shape;
  const before = new Uint8Array(pixels); // slice() of a Buffer would share its memory
  const border = borderColor(imageOf(before, shape));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [fromY, fromX] = [y - down, x - right];
      const isInside = fromY >= 0 && fromX >= 0 && fromY < height && fromX < width;
      const from = (fromY * width + fromX) * channels;
      for (let c = 0; c < channels; c++)
        pixels[(y * width + x) * channels + c] = isInside ? before[from + c]! : border[c]!;
    }
}

/**
 * The predictions for images, bytes [N,H,W,C] of the model's input shape, by the mean of the probabilities for each as it is
 * and shifted: see {@link answerShifted}.
 */
export async function predictShifted(classifier: Classifier, pixels: Uint8Array): Promise<readonly Prediction[]> {
  const { input, classes } = classifier.model;
  const all: Float32Array[] = [];
  for (const shift of shiftsFor(input)) {
    const shifted = new Uint8Array(pixels);
    const size = sizeOf(input);
    for (let first = 0; first < shifted.length; first += size)
      shiftPixels(shifted.subarray(first, first + size), input, shift);
    all.push(await classifier.logits(shifted));
  }
  const count = classes.length;
  const logits = averageLogits(
    all,
    all.map(() => classifier.scaling),
    count,
  );
  return Array.from({ length: logits.length / count }, (_, i) =>
    predictionOf(logits.subarray(i * count, (i + 1) * count), classes, UNSCALED),
  );
}

/** The answers with test-time augmentation, and what they cost. */
export interface ShiftedAnswers extends Answers {
  /** The answers for the images as they are. */
  readonly plain: Answers;
  /** How many times each image was predicted. */
  readonly predictions: number;
}

/**
 * Test-time augmentation: the answers by the mean of the probabilities for the images as they are and shifted, see
 * `shiftsFor`. `answer` gives the answers of a model for a data set, and `scaling` is that of the model. Nothing in
 * it is random; it takes five times as long. Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep
 * convolutional neural networks", NeurIPS 2012, here with shifts in place of crops.
 */
export async function answerShifted(
  dataset: AnyDataset,
  answer: (dataset: AnyDataset) => Promise<Answers>,
  scaling: Scaling,
): Promise<ShiftedAnswers> {
  const plain = await answer(dataset);
  const [, ...shifts] = shiftsFor(dataset.imageShape);
  const all = [plain];
  for (const shift of shifts) all.push(await answer(shiftDataset(dataset, shift)));
  const averaged = averageAnswers(
    all,
    all.map(() => scaling),
  );
  return { ...averaged, plain, predictions: all.length };
}
