import { type AnyDataset, changeImages, type StreamedDataset } from "../../datasets/index.ts";
import { type Image, imageOf } from "../../image/image.ts";
import type { Preparation } from "../../pictures/preparation.ts";
import { type Accuracy, accuracyOf } from "../score.ts";
import { rotate, scale, shear, translate } from "./affine.ts";
import { glassBlur, motionBlur } from "./blur.ts";
import { cannyEdges } from "./cannyEdges.ts";
import { type Corruption, canvasOf, Draws } from "./canvas.ts";
import { brightness, fog, stripe } from "./light.ts";
import { dottedLine, spatter, zigzag } from "./marks.ts";
import { impulseNoise, shotNoise } from "./noise.ts";

export type { Canvas, Corruption, Draws } from "./canvas.ts";

/**
 * The fifteen kinds of MNIST-C, each as strong as there, for pictures of any size, in gray or in color. Marks are light on a
 * dark background and dark on a light one. Source: Mu & Gilmer, "MNIST-C: a robustness benchmark for computer vision",
 * arXiv 1906.02337, and its code. They differ from it where that depends on libraries: fog covers the whole picture, motion is along straight lines of pixels.
 */
export const corruptions: readonly Corruption[] = [
  shotNoise,
  impulseNoise,
  glassBlur,
  motionBlur,
  shear,
  scale,
  rotate,
  brightness,
  translate,
  stripe,
  fog,
  spatter,
  dottedLine,
  zigzag,
  cannyEdges,
];

/** How to corrupt. */
export interface CorruptionOptions {
  /** Default: 1. */
  readonly seed?: number;
  /**
   * What is behind the subject, as a model's `preparation` says: what comes in from outside has this color, and marks the
   * other one. Default: `any`, the color of the border of each picture.
   */
  readonly background?: Preparation["background"];
}

/** A corrupted image. The same seed and row give the same one, on every engine. */
export function corruptImage(
  image: Image,
  corruption: Corruption,
  row: number,
  options: CorruptionOptions = {},
): Image {
  const { seed = 1, background = "any" } = options;
  const draws = new Draws(seed, corruptions.indexOf(corruption), row);
  const values = corruption.apply(canvasOf(image, background), draws);
  return { ...image, pixels: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))) };
}

/** A data set whose images are corrupted as they are read, by their rows. */
export const corruptDataset = (
  dataset: AnyDataset,
  corruption: Corruption,
  options: CorruptionOptions = {},
): StreamedDataset =>
  changeImages(dataset, (pixels, row) => {
    pixels.set(corruptImage(imageOf(pixels, dataset.imageShape), corruption, row, options).pixels);
  });

/** How a model does on one kind of corruption. */
export interface CorruptionScore extends Accuracy {
  readonly name: string;
  readonly description: string;
}

/** How a model does on corrupted images. */
export interface CorruptionReport {
  /** Without corruption. */
  readonly clean: Accuracy;
  readonly kinds: readonly CorruptionScore[];
  /** The mean corruption error: the mean over the kinds of 1 − accuracy. */
  readonly meanError: number;
  readonly seed: number;
}

/**
 * The accuracy on the images of a data set under each kind of corruption. `answer` says for a data set which of its images the
 * model is right on, 1 or 0; `onKind` is called before each kind. Source of the mean error: Hendrycks & Dietterich, "Benchmarking neural
 * network robustness to common corruptions and perturbations", ICLR 2019, here without dividing by the errors of another model.
 */
export async function scoreCorruptions(
  dataset: AnyDataset,
  answer: (dataset: AnyDataset) => Promise<ArrayLike<number>>,
  { onKind, ...options }: CorruptionOptions & { readonly onKind?: (name: string) => void } = {},
): Promise<CorruptionReport> {
  const scoreOf = async (images: AnyDataset): Promise<Accuracy> => {
    const correct = await answer(images);
    return accuracyOf(
      Array.from(correct).reduce((sum, right) => sum + right, 0),
      correct.length,
    );
  };
  const clean = await scoreOf(dataset);
  const kinds: CorruptionScore[] = [];
  for (const corruption of corruptions) {
    const { name, description } = corruption;
    onKind?.(name);
    kinds.push({ name, description, ...(await scoreOf(corruptDataset(dataset, corruption, options))) });
  }
  const meanError = kinds.reduce((sum, { accuracy }) => sum + 1 - accuracy, 0) / kinds.length;
  return { clean, kinds, meanError, seed: options.seed ?? 1 };
}
