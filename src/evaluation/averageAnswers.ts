import { log } from "../base/math.ts";
import { type AnyDataset, changeImages, type StreamedDataset } from "../datasets/index.ts";
import { imageOf } from "../image/image.ts";
import { borderColor } from "../image/place.ts";
import type { Answers } from "./evaluate.ts";
import { argMax } from "./score.ts";
import { softmaxInto } from "./softmax.ts";

/** Probabilities below this count as it, so that their logarithms stay finite. */
const LEAST = 2 ** -120;

/**
 * Logits [N,K] for the mean of several models' probabilities: ln(mean_m softmax(z_m / T_m)), of which the softmax is that mean
 * again. `temperatures` has a T for each model.
 */
export function averageLogits(
  all: readonly Float32Array[],
  temperatures: readonly number[],
  classes: number,
): Float32Array {
  const mean = new Float64Array(all[0]!.length);
  const own = new Float64Array(classes);
  for (const [m, logits] of all.entries())
    for (let first = 0; first < logits.length; first += classes) {
      softmaxInto(own, logits, first, temperatures[m]!);
      for (let k = 0; k < classes; k++) mean[first + k]! += own[k]! / all.length;
    }
  return Float32Array.from(mean, (p) => log(Math.max(LEAST, p)));
}

/** The answers by the mean of the probabilities of several answers for the same images, each at its own temperature. */
export function averageAnswers(all: readonly Answers[], temperatures: readonly number[]): Answers {
  const { labels, logits: first } = all[0]!;
  const classes = labels.length === 0 ? 1 : first.length / labels.length;
  const logits = averageLogits(
    all.map((one) => one.logits),
    temperatures,
    classes,
  );
  return {
    labels,
    logits,
    losses: Float32Array.from(labels, (label, n) => -logits[n * classes + label]!),
    correct: Float32Array.from(labels, (label, n) =>
      argMax(logits.subarray(n * classes, (n + 1) * classes)) === label ? 1 : 0,
    ),
  };
}

/** A shift of an image, in pixels. */
export type Shift = readonly [down: number, right: number];

/** The shifts of test-time augmentation for images of a size: none, and one pixel of 28 up, down, left and right. */
export function shiftsFor([height, width]: readonly [
  height: number,
  width: number,
  channels: number,
]): readonly Shift[] {
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
export function shiftDataset(dataset: AnyDataset, [down, right]: Shift): StreamedDataset {
  const [height, width, channels] = dataset.imageShape;
  return changeImages(dataset, (pixels) => {
    const before = pixels.slice();
    const border = borderColor(imageOf(before, dataset.imageShape));
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [fromY, fromX] = [y - down, x - right];
        const isInside = fromY >= 0 && fromX >= 0 && fromY < height && fromX < width;
        const from = (fromY * width + fromX) * channels;
        for (let c = 0; c < channels; c++)
          pixels[(y * width + x) * channels + c] = isInside ? before[from + c]! : border[c]!;
      }
  });
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
 * {@link shiftsFor}. `answer` gives the answers of a model for a data set, and `temperature` is that of the model. Nothing in
 * it is random; it takes five times as long. Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep
 * convolutional neural networks", NeurIPS 2012, here with shifts in place of crops.
 */
export async function answerShifted(
  dataset: AnyDataset,
  answer: (dataset: AnyDataset) => Promise<Answers>,
  temperature: number,
): Promise<ShiftedAnswers> {
  const plain = await answer(dataset);
  const [, ...shifts] = shiftsFor(dataset.imageShape);
  const all = [plain];
  for (const shift of shifts) all.push(await answer(shiftDataset(dataset, shift)));
  const averaged = averageAnswers(
    all,
    all.map(() => temperature),
  );
  return { ...averaged, plain, predictions: all.length };
}
