import { philox, purposes, toUnit } from "../base/philox.ts";
import type { LabeledProbabilities } from "./probabilities.ts";
import { type SortedAnswers, sortAnswers } from "./sortedAnswers.ts";

/** Images of about the same confidence: a point of the reliability curve. */
export interface ReliabilityBin {
  readonly count: number;
  /** The mean confidence of the answers. */
  readonly confidence: number;
  /** The fraction of them that is right; equal to the confidence if the model is calibrated. */
  readonly accuracy: number;
}

/** How far confidence and accuracy are apart. */
export interface Calibration {
  /** The bins by increasing confidence; their sizes differ by at most 1. */
  readonly bins: readonly ReliabilityBin[];
  /** Σ_b count_b / N · |accuracy_b − confidence_b|: the expected calibration error. 0 without images. */
  readonly error: number;
}

/** Bins of the reliability curve. */
const BINS = 15;

/**
 * The calibration of a model: its answers sorted by confidence, and cut into bins of equal numbers of images, 15 by default.
 * Source: Nguyen & O'Connor, "Posterior calibration and exploratory analysis for natural language processing models",
 * EMNLP 2015, for bins of equal mass; Guo et al., "On calibration of modern neural networks", ICML 2017, for the error.
 */
export function calibrationOf(probabilities: LabeledProbabilities, bins = BINS): Calibration {
  const found = binsOf(sortAnswers(probabilities), bins);
  return { bins: found, error: errorOf(found) };
}

function binsOf({ confidence, right }: SortedAnswers, bins: number): readonly ReliabilityBin[] {
  const images = confidence.length;
  const used = Math.min(bins, images);
  return Array.from({ length: used }, (_, b) => {
    const [first, end] = [Math.floor((b * images) / used), Math.floor(((b + 1) * images) / used)];
    let [sum, correct] = [0, 0];
    for (let i = first; i < end; i++) {
      sum += confidence[i]!;
      correct += right[i]!;
    }
    const count = end - first;
    return { count, confidence: sum / count, accuracy: correct / count };
  });
}

/** The error of {@link calibrationOf} for sorted answers. */
export const calibrationError = (answers: SortedAnswers, bins = BINS): number => errorOf(binsOf(answers, bins));

function errorOf(bins: readonly ReliabilityBin[]): number {
  let [apart, images] = [0, 0];
  for (const { count, confidence, accuracy } of bins) {
    apart += count * Math.abs(accuracy - confidence);
    images += count;
  }
  return apart / Math.max(1, images);
}

/**
 * The calibration error that a perfectly calibrated model with these confidences would show on as many images: the mean over
 * 200 draws of which answers are right, each with the probability of its confidence, by Philox. Errors below it cannot be told
 * from 0. Source: Bröcker & Smith, "Increasing the reliability of reliability diagrams", Weather and Forecasting 22, 2007.
 */
export function errorIfCalibrated(probabilities: LabeledProbabilities, bins = BINS): number {
  const { confidence } = sortAnswers(probabilities);
  const right = new Uint8Array(confidence.length);
  const draws = 200;
  let total = 0;
  for (let d = 0; d < draws; d++) {
    for (let i = 0; i < right.length; i += 4) {
      const words = philox([1, purposes.bootstrap], [i / 4, d, 1, 0]);
      for (let k = 0; k < 4 && i + k < right.length; k++) right[i + k] = Number(toUnit(words[k]!) < confidence[i + k]!);
    }
    total += calibrationError({ confidence, right }, bins);
  }
  return total / draws;
}
