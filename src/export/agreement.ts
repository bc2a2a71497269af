import { InklingError } from "../base/error.ts";
import { philox, purposes } from "../base/philox.ts";
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
}

/** How far they agree on images whose classes are known. */
export interface ScoredAgreement extends Agreement {
  /** The shares of right answers of the model and of the exported form. */
  readonly accuracy: readonly [number, number];
}

/** What computes logits [N,K] from images [N,H,W,C]. */
export interface Logits {
  logits(pixels: Uint8Array): Promise<Float32Array>;
}

/**
 * Compares a model with an exported form of it on some rows of a data set that fits the model: all by default. Throws
 * `INVALID_DATA` if the exported form is for images of another size, or has another number of classes.
 */
export async function agreementOf(
  trained: TrainedModel,
  exported: Logits,
  dataset: AnyDataset,
  rows: ArrayLike<number> = allRows(dataset),
): Promise<ScoredAgreement> {
  const size = sizeOf(trained.model.input);
  const all = Array.from(rows);
  const found: Compared[] = [];
  const right: [number, number] = [0, 0];
  for (let start = 0; start < all.length; start += EVALUATION_BATCH) {
    const some = all.slice(start, start + EVALUATION_BATCH);
    const pixels = new Uint8Array(some.length * size);
    readImages(dataset, some, pixels);
    const compared = await compare(trained, exported, pixels);
    found.push(...compared);
    for (const [i, row] of some.entries())
      for (const form of [0, 1] as const) if (compared[i]!.answers[form] === dataset.labels[row]) right[form]++;
  }
  return { ...summarize(found), accuracy: [right[0] / all.length, right[1] / all.length] };
}

const NOISE_IMAGES = 32;

/** The same for images of noise, always the same ones, for models without other images. Throws as {@link agreementOf} does. */
export async function agreementOnNoise(trained: TrainedModel, exported: Logits): Promise<Agreement> {
  const pixels = new Uint8Array(NOISE_IMAGES * sizeOf(trained.model.input));
  for (let i = 0; i < pixels.length; i += 4)
    pixels.set(
      philox([1, purposes.test], [i, 0, 0, 0])
        .slice(0, pixels.length - i)
        .map((word) => word >>> 24),
      i,
    );
  return summarize(await compare(trained, exported, pixels));
}

/** One image: how far the logits are apart, and the classes that the model and the exported form give. */
interface Compared {
  readonly difference: number;
  readonly answers: readonly [number, number];
}

async function compare(trained: TrainedModel, exported: Logits, pixels: Uint8Array): Promise<readonly Compared[]> {
  const classes = trained.model.classes.length;
  const [own, others] = [await trained.logits(pixels), await exported.logits(pixels)];
  if (others.length !== own.length)
    throw new InklingError(
      "INVALID_DATA",
      `it is not of this model, whose images have ${trained.model.input.join("×")} bytes and ${classes} classes`,
    );
  return Array.from({ length: own.length / classes }, (_, i) => {
    const [a, b] = [own, others].map((logits) => logits.subarray(i * classes, (i + 1) * classes));
    return { difference: differenceOf(a!, b!), answers: [answerOf(a!), answerOf(b!)] };
  });
}

const summarize = (found: readonly Compared[]): Agreement => ({
  images: found.length,
  difference: found.reduce((most, { difference }) => Math.max(most, difference), 0),
  equalAnswers: found.filter(({ answers: [own, others] }) => own === others).length,
});

/** The largest difference of an image's logits, relative to the largest of `a`; NaN if a logit is. */
export function differenceOf(a: Float32Array, b: Float32Array): number {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  return a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]!) / largest), 0);
}

const answerOf = (logits: Float32Array): number => logits.indexOf(Math.max(...logits));
