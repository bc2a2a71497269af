import { bytesPerImage, readImages } from "../../../datasets/index.ts";
import { type ClassActivationMap, classActivationMaps, type TrainedModel } from "../../../evaluation/index.ts";
import { type Image, imageOf } from "../../../image/image.ts";
import type { AnsweredRows } from "./answeredRows.ts";

/** A mistake, and where in its image the model sees the class that it is of and the one that it is taken for. */
export interface ExplainedMistake {
  readonly image: Image;
  readonly label: string;
  readonly answer: string;
  readonly confidence: number;
  readonly ofLabel: ClassActivationMap;
  readonly ofAnswer: ClassActivationMap;
}

/** The most mistakes that are explained. */
const MOST = 12;

/**
 * The mistakes of which a model is most certain, at most 12, each with two class activation maps. Throws `INVALID_DATA` unless
 * images have 1 or 3 channels.
 */
export async function explainMistakes(
  trained: TrainedModel,
  { dataset, rows, answers, confidences }: AnsweredRows,
): Promise<readonly ExplainedMistake[]> {
  const labelOf = (i: number) => dataset.labels[rows[i]!]!;
  const chosen = Array.from(rows, (_, i) => i)
    .filter((i) => labelOf(i) !== answers[i])
    .sort((a, b) => confidences[b]! - confidences[a]!)
    .slice(0, MOST);
  const size = bytesPerImage(dataset);
  const pixels = new Uint8Array(chosen.length * size);
  readImages(
    dataset,
    chosen.map((i) => rows[i]!),
    pixels,
  );
  const ofLabels = await classActivationMaps(trained, pixels, chosen.map(labelOf));
  const ofAnswers = await classActivationMaps(
    trained,
    pixels,
    chosen.map((i) => answers[i]!),
  );
  return chosen.map((i, k) => ({
    image: imageOf(pixels.subarray(k * size, (k + 1) * size), dataset.imageShape),
    label: dataset.classNames[labelOf(i)]!,
    answer: dataset.classNames[answers[i]!]!,
    confidence: confidences[i]!,
    ofLabel: ofLabels[k]!,
    ofAnswer: ofAnswers[k]!,
  }));
}
