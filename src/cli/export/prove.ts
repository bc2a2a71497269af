import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { percent, whole } from "../../base/format.ts";
import {
  type Agreement,
  agreementOf,
  agreementOnNoise,
  differenceOf,
  type ScoredAgreement,
} from "../../export/agreement.ts";
import type { Terminal } from "../terminal.ts";
import type { ExportedFile, Form, RunningForm } from "./forms.ts";
import type { Subject } from "./subject.ts";

/** What was found when an exported model was run beside the model that it is from. */
export interface Proof {
  /** The number of images that the exported model carries and that were computed again. */
  readonly goldenVectors: number;
  /** On the test images, if there are any. */
  readonly agreement?: ScoredAgreement;
  /** On images of noise, if there are no test images. */
  readonly noise?: Agreement;
  readonly microsecondsPerImage?: number;
}

/**
 * Runs exported files and compares them with the model on the test images, or on noise if there are none, and with the
 * logits that they carry. Throws `INVALID_DATA` if the two differ by more than the form may, `UNSUPPORTED` if this machine
 * cannot run the form, or the form computes nothing.
 */
export async function prove(
  form: Form,
  files: readonly ExportedFile[],
  { trained, test }: Subject,
  { on, terminal }: { readonly on: Backend; readonly terminal: Terminal },
): Promise<Proof> {
  if (!form.run) throw new InklingError("UNSUPPORTED", "this form computes nothing");
  const running = await form.run(files, on);
  try {
    const { classes } = trained.model;
    if (running.classes && running.classes.join("\n") !== classes.join("\n"))
      throw new InklingError("INVALID_DATA", "its class names are not those of the model");
    await checkGolden(running);
    const isTested = typeof test !== "string";
    if (!isTested) terminal.note(`Not compared on test images: ${test}`);
    const found = isTested
      ? { agreement: await agreementOf(trained, running, test.dataset, test.rows) }
      : { noise: await agreementOnNoise(trained, running) };
    const { difference } = found.agreement ?? found.noise;
    checkDifference(difference, running, isTested ? "the test images" : "images of noise");
    const microsecondsPerImage = await running.microsecondsPerImage?.();
    return {
      goldenVectors: running.golden.length,
      ...found,
      ...(microsecondsPerImage !== undefined && { microsecondsPerImage }),
    };
  } finally {
    await running.remove?.();
  }
}

async function checkGolden(running: RunningForm): Promise<void> {
  for (const { pixels, logits } of running.golden)
    checkDifference(differenceOf(logits, await running.logits(pixels)), running, "the images that it carries");
}

function checkDifference(difference: number, { bound }: RunningForm, images: string): void {
  if (difference <= bound) return;
  throw new InklingError(
    "INVALID_DATA",
    `on ${images} its logits differ from the model's by up to ${difference.toPrecision(3)} times the largest, at most ${bound} was expected`,
  );
}

/** A proof, and the memory that the form needs if known, as lines of text. */
export const describeProof = (
  { goldenVectors, agreement, noise, microsecondsPerImage }: Proof,
  { ramBytes, flashBytes }: { readonly ramBytes?: number; readonly flashBytes?: number } = {},
): readonly string[] => [
  ...(agreement
    ? [
        `  ${whole(agreement.images)} test images: ${describeAgreement(agreement)}`,
        `  accuracy ${percent(agreement.accuracy[1])}%, of the run's model ${percent(agreement.accuracy[0])}%`,
      ]
    : []),
  ...(noise ? [`  ${whole(noise.images)} images of noise: ${describeAgreement(noise)}`] : []),
  ...(goldenVectors > 0 ? [`  ${whole(goldenVectors)} images in it have the logits that are stored with them`] : []),
  ...(ramBytes === undefined
    ? []
    : [`  working memory ${whole(ramBytes)} bytes, weights and names ${whole(flashBytes ?? 0)} bytes`]),
  ...(microsecondsPerImage === undefined ? [] : [`  ${microsecondsPerImage.toFixed(1)} µs an image, on one thread`]),
];

const describeAgreement = ({ equalAnswers, difference }: Agreement): string =>
  `${whole(equalAnswers)} equal answers, largest relative difference of logits ${difference === 0 ? "0" : difference.toExponential(1)}`;
