import { type ClassesReport, classReport } from "./classReport.ts";
import type { LabelBounds } from "./labelBounds.ts";
import type { ModelCalibration } from "./modelCalibration.ts";
import { type Answer, answersOf, type LabeledProbabilities, probabilitiesOf, topKAccuracy } from "./probabilities.ts";
import { type ProbabilityReport, probabilityReport } from "./probabilityReport.ts";
import { type Accuracy, accuracyOf } from "./score.ts";
import { type Slice, type Slicing, sliceBy } from "./slices.ts";
import { UNSCALED } from "./softmax.ts";
import { type ThresholdsReport, thresholdsReport } from "./thresholdsReport.ts";

/** One image, with what a model answers for it. */
export interface ImageReport {
  /** Its row in the data set, and its file there, if it has one. */
  readonly image: number;
  readonly name?: string;
  /** Class names. */
  readonly label: string;
  readonly answer: string;
  /** Probabilities as the model is calibrated. */
  readonly confidence: number;
  readonly labelProbability: number;
  /** The most probable classes, at most 5. */
  readonly ranking: readonly { readonly class: string; readonly probability: number }[];
}

/** Everything that an evaluation says about a model, as plain data that survives JSON. Intervals are of 95 %. */
export interface EvaluationReport extends Accuracy, ClassesReport {
  /** Class names: classes are in this order everywhere. */
  readonly classes: readonly string[];
  /** For k = 2, 3, …, at most 5: how often the label is among the k most probable classes. */
  readonly topK: readonly (Accuracy & { readonly k: number })[];
  /** Of the logits as they are, and as the model is calibrated. */
  readonly probabilities: { readonly before: ProbabilityReport; readonly after: ProbabilityReport };
  /** What the thresholds of the model's calibration achieve; absent for a model without one. */
  readonly thresholds?: ThresholdsReport;
  /** The accuracy of parts of the images, such as those of one group. */
  readonly slices: readonly Slice[];
  /** With and without the test images that are also training images; absent where that is not known. */
  readonly twins?: { readonly count: number; readonly with: Accuracy; readonly without: Accuracy };
  /** What label corrections change; absent where there are none. */
  readonly labelFixes?: LabelBounds;
  /** Wrong answers, the most certain first. */
  readonly mistakes: readonly ImageReport[];
  /** The least certain answers first, right or wrong. */
  readonly uncertain: readonly ImageReport[];
}

/** What a report is made from. */
export interface ReportInput {
  /** The names of the K classes. */
  readonly classes: readonly string[];
  /** Shape [N,K]. */
  readonly logits: ArrayLike<number>;
  /** Shape [N]: class numbers. */
  readonly labels: ArrayLike<number>;
  /** What validation images tell about the model's probabilities. Default: logits as they are, and no thresholds. */
  readonly calibration?: ModelCalibration;
  /** Shape [N]: the row of each image in its data set. Default: 0 … N − 1. */
  readonly rows?: ArrayLike<number>;
  /** Shape [N]: the file of each image. */
  readonly names?: readonly string[];
  /** How the images are cut into slices. Default: not at all. */
  readonly slicings?: readonly Slicing[];
  /** Shape [N]: whether an image is also a training image. */
  readonly isTwin?: readonly boolean[];
  /** What label corrections change: see {@link labelBounds}. */
  readonly labelFixes?: LabelBounds;
  /** The number of mistakes and of uncertain answers to list. Default: 100. */
  readonly listed?: number;
}

/** The most classes that an image's ranking lists, and the greatest k of top-k accuracies. */
const RANKED = 5;

/**
 * The report on a model's logits for labeled images. It is the same in Node and in browsers: nothing in it depends on the
 * order of threads or on functions that differ between engines. Accuracies of parts have Wilson's interval; other numbers a
 * bootstrap interval of 1000 resamples by Philox, as {@link bootstrapIntervals} draws them.
 */
export function reportOf(input: ReportInput): EvaluationReport {
  const { classes, logits, labels, calibration } = input;
  const before = probabilitiesOf(logits, labels, classes.length);
  const after = calibration ? probabilitiesOf(logits, labels, classes.length, calibration) : before;
  const answers = answersOf(after);
  const isRight = answers.map((answer) => answer.isRight);
  const all = accuracyAmong(isRight);
  const reportBefore = probabilityReport(before, UNSCALED);
  return {
    classes,
    ...all,
    topK: Array.from({ length: Math.max(0, Math.min(RANKED, classes.length - 1) - 1) }, (_, i) => {
      const right = Math.round(topKAccuracy(after, i + 2) * labels.length);
      return { k: i + 2, ...accuracyOf(right, labels.length) };
    }),
    ...classReport(classes, labels, answers),
    probabilities: {
      before: reportBefore,
      after: calibration ? probabilityReport(after, calibration) : reportBefore,
    },
    ...(calibration && { thresholds: thresholdsReport(calibration, after) }),
    slices: (input.slicings ?? []).map((slicing) => sliceBy(slicing, isRight)),
    ...(input.isTwin && { twins: twinReport(isRight, input.isTwin) }),
    ...(input.labelFixes && { labelFixes: input.labelFixes }),
    ...imageLists(input, after, answers),
  };
}

const accuracyAmong = (isRight: readonly boolean[]): Accuracy =>
  accuracyOf(isRight.filter((right) => right).length, isRight.length);

function twinReport(isRight: readonly boolean[], isTwin: readonly boolean[]) {
  const without = isRight.filter((_, n) => !isTwin[n]);
  return { count: isRight.length - without.length, with: accuracyAmong(isRight), without: accuracyAmong(without) };
}

/** The lists of images that deserve a look. */
function imageLists(
  { classes, labels, rows, names, listed = 100 }: ReportInput,
  { probabilities }: LabeledProbabilities,
  answers: readonly Answer[],
): Pick<EvaluationReport, "mistakes" | "uncertain"> {
  const imageReport = (n: number): ImageReport => {
    const own = probabilities.subarray(n * classes.length, (n + 1) * classes.length);
    const { answer, confidence } = answers[n]!;
    const ranking = Array.from(own, (probability, k) => ({ class: classes[k]!, probability }));
    return {
      image: rows ? rows[n]! : n,
      ...(names && { name: names[n]! }),
      label: classes[labels[n]!]!,
      answer: classes[answer]!,
      confidence,
      labelProbability: own[labels[n]!]!,
      ranking: ranking.sort((a, b) => b.probability - a.probability).slice(0, RANKED),
    };
  };
  const byConfidence = [...answers.keys()].sort((a, b) => answers[a]!.confidence - answers[b]!.confidence);
  const wrong = byConfidence.filter((n) => !answers[n]!.isRight).reverse();
  return {
    mistakes: wrong.slice(0, listed).map(imageReport),
    uncertain: byConfidence.slice(0, listed).map(imageReport),
  };
}
