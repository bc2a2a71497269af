import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { percent, whole } from "../../base/format.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { type Agreement, agreementOf, differenceOf } from "../../export/agreement.ts";
import type { GoldenSource, GoldenVector } from "../../export/exportable.ts";
import type { ExportedFile, Form, RunningForm } from "./forms.ts";

/** What was found when an exported model was run beside the model that it is from. */
export interface Proof {
  /** The number of images that the exported model carries and that were computed again. */
  readonly goldenVectors: number;
  /** On the test images, if there are any. */
  readonly agreement?: Agreement;
  readonly microsecondsPerImage?: number;
}

/**
 * Runs exported files and compares them with the model on the test images, and with the logits that they carry. Throws
 * `INVALID_DATA` if the two differ by more than the form may, `UNSUPPORTED` if this machine cannot run the form, or the form
 * computes nothing.
 */
export async function prove(
  form: Form,
  files: readonly ExportedFile[],
  {
    trained,
    on,
    test,
  }: { readonly trained: TrainedModel; readonly on: Backend; readonly test?: GoldenSource | undefined },
): Promise<Proof> {
  if (!form.run) throw new InklingError("UNSUPPORTED", "this form computes nothing");
  const running = await form.run(files, on);
  try {
    await checkGolden(running.golden, running);
    const agreement = test && (await agreementOf(trained, running, test.dataset, test.rows));
    if (agreement) checkDifference(agreement.difference, running, "the test images");
    const microsecondsPerImage = agreement && (await running.microsecondsPerImage?.());
    return {
      goldenVectors: running.golden.length,
      ...(agreement && { agreement }),
      ...(microsecondsPerImage !== undefined && { microsecondsPerImage }),
    };
  } finally {
    await running.remove?.();
  }
}

async function checkGolden(golden: readonly GoldenVector[], running: RunningForm): Promise<void> {
  for (const { pixels, logits } of golden)
    checkDifference(differenceOf(logits, await running.logits(pixels)), running, "the images that it carries");
}

function checkDifference(difference: number, { bound }: RunningForm, images: string): void {
  if (difference <= bound) return;
  throw new InklingError(
    "INVALID_DATA",
    `on ${images} its logits differ from the model's by ${difference.toPrecision(3)} of the largest, at most ${bound} was expected`,
  );
}

/** A proof, and the memory that the form needs if known, as lines of text. */
export const describeProof = (
  { goldenVectors, agreement, microsecondsPerImage }: Proof,
  { ramBytes, flashBytes }: { readonly ramBytes?: number; readonly flashBytes?: number } = {},
): readonly string[] => [
  ...(agreement
    ? [
        `  ${whole(agreement.images)} test images: ${whole(agreement.equalAnswers)} equal answers, largest relative difference of logits ${agreement.difference.toExponential(1)}`,
        `  accuracy ${percent(agreement.accuracy[1])}%, of the run's model ${percent(agreement.accuracy[0])}%`,
      ]
    : []),
  ...(goldenVectors > 0 ? [`  ${whole(goldenVectors)} images in it have the logits that are stored with them`] : []),
  ...(ramBytes === undefined
    ? []
    : [`  working memory ${whole(ramBytes)} bytes, weights and names ${whole(flashBytes ?? 0)} bytes`]),
  ...(microsecondsPerImage === undefined ? [] : [`  ${microsecondsPerImage.toFixed(1)} µs an image, on one thread`]),
];
