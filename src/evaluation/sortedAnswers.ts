import { answersOf, type LabeledProbabilities } from "./probabilities.ts";

/** Answers by increasing confidence: what calibration and coverage are made of. */
export interface SortedAnswers {
  /** Shape [N]: the confidence of each answer, and 1 for a right one, 0 for a wrong one. */
  readonly confidence: Float64Array;
  readonly right: Uint8Array;
}

/** The answers by increasing confidence, and the image [N] of each; of equal confidence, in the order of the images. */
export function sortAnswers(probabilities: LabeledProbabilities): SortedAnswers & { readonly images: Uint32Array } {
  const answers = answersOf(probabilities);
  const images = Uint32Array.from(answers.keys()).sort(
    (a, b) => answers[a]!.confidence - answers[b]!.confidence || a - b,
  );
  return {
    images,
    confidence: Float64Array.from(images, (n) => answers[n]!.confidence),
    right: Uint8Array.from(images, (n) => Number(answers[n]!.isRight)),
  };
}

/**
 * A function that returns the sorted answers of a resample of the images, in time proportional to their number. Each call
 * overwrites what the one before returned.
 */
export function answerSampler(probabilities: LabeledProbabilities): (rows: Uint32Array) => SortedAnswers {
  const { images, confidence, right } = sortAnswers(probabilities);
  const times = new Uint32Array(images.length);
  const drawn = { confidence: new Float64Array(images.length), right: new Uint8Array(images.length) };
  return (rows) => {
    times.fill(0);
    for (const row of rows) times[row]!++;
    let at = 0;
    for (let i = 0; i < images.length; i++)
      for (let left = times[images[i]!]!; left > 0; left--, at++) {
        drawn.confidence[at] = confidence[i]!;
        drawn.right[at] = right[i]!;
      }
    return drawn;
  };
}
