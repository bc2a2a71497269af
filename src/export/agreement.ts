import { sizeOf } from "../base/shape.ts";
import { type AnyDataset, allRows, readImages } from "../datasets/index.ts";
import { EVALUATION_BATCH } from "../engine/feed.ts";
import type { TrainedModel } from "../evaluation/trainedModel.ts";

/** How far a model and an exported form of it agree on some images. */
export interface Agreement {
  readonly images: number;
  /** The largest difference of logits, relative to the largest logit of the same image. */
  readonly difference: number;
  /** Images for which both give the same class. */
  readonly equalAnswers: number;
  /** The shares of right answers of the model and of the exported form. */
  readonly accuracy: readonly [number, number];
}

/** What computes logits [N,K] from images [N,H,W,C]. */
export interface Logits {
  logits(pixels: Uint8Array): Promise<Float32Array>;
}

/** Compares a model with an exported form of it on some rows of a data set that fits the model: all by default. */
export async function agreementOf(
  trained: TrainedModel,
  exported: Logits,
  dataset: AnyDataset,
  rows: ArrayLike<number> = allRows(dataset),
): Promise<Agreement> {
  const [size, classes] = [sizeOf(trained.model.input), trained.model.classes.length];
  let [difference, equalAnswers] = [0, 0];
  const right: [number, number] = [0, 0];
  for (let start = 0; start < rows.length; start += EVALUATION_BATCH) {
    const some = Array.from(rows).slice(start, start + EVALUATION_BATCH);
    const pixels = new Uint8Array(some.length * size);
    readImages(dataset, some, pixels);
    const [own, others] = [await trained.logits(pixels), await exported.logits(pixels)];
    for (const [i, row] of some.entries()) {
      const [a, b] = [own, others].map((logits) => logits.subarray(i * classes, (i + 1) * classes));
      difference = Math.max(difference, differenceOf(a!, b!));
      const answers = [answerOf(a!), answerOf(b!)] as const;
      if (answers[0] === answers[1]) equalAnswers++;
      for (const form of [0, 1] as const) if (answers[form] === dataset.labels[row]) right[form]++;
    }
  }
  const images = rows.length;
  return { images, difference, equalAnswers, accuracy: [right[0] / images, right[1] / images] };
}

/** The largest difference of an image's logits, relative to the largest of `a`; NaN if a logit is. */
export function differenceOf(a: Float32Array, b: Float32Array): number {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  return a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!) / largest), 0);
}

const answerOf = (logits: Float32Array): number => logits.indexOf(Math.max(...logits));
