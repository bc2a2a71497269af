import { bootstrapIntervals } from "./bootstrap.ts";
import { calibrationError, calibrationOf, errorIfCalibrated, type ReliabilityBin } from "./calibration.ts";
import type { LabelBounds } from "./labelBounds.ts";
import {
  type AverageMetrics,
  type ClassCounts,
  type ClassificationMetrics,
  classificationMetrics,
  meanRecall,
  metricsOf,
} from "./metrics.ts";
import type { ModelCalibration } from "./modelCalibration.ts";
import {
  type Answer,
  answersOf,
  brierScore,
  brierScores,
  type LabeledProbabilities,
  logLoss,
  logLosses,
  probabilitiesOf,
  topKAccuracy,
} from "./probabilities.ts";
import { type Accuracy, accuracyOf, type Interval, wilsonInterval } from "./score.ts";
import { areaUnderRiskCoverage, type Coverage, coverageCurve, riskCoverageArea } from "./selection.ts";
import { type Slice, type Slicing, sliceBy } from "./slices.ts";
import { answerSampler } from "./sortedAnswers.ts";
import { type ThresholdsReport, thresholdsReport } from "./thresholdsReport.ts";

/** A number from images, and its 95% confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** Precision, recall and F1, with intervals. */
export type AverageReport = { readonly [name in keyof AverageMetrics]: Estimate };

/** How well a model recognizes one class: see `ClassMetrics`. */
export interface ClassReport extends AverageReport {
  readonly class: string;
  /** Images of the class, and images for which the model answered it. */
  readonly count: number;
  readonly answered: number;
}

/** How much a model's probabilities mean, at one temperature. */
export interface ProbabilityReport {
  /** Logits are divided by it before the softmax. */
  readonly temperature: number;
  readonly logLoss: Estimate;
  readonly brier: Estimate;
  /** The expected calibration error: 15 bins of equal numbers of images. */
  readonly calibrationError: Estimate & {
    /** What a perfectly calibrated model with the same confidences would show on as many images. */
    readonly ifCalibrated: number;
  };
  /** The reliability curve, by increasing confidence, with the interval of the accuracy in each bin. */
  readonly reliability: readonly (ReliabilityBin & { readonly interval: Interval })[];
  /** The accuracy among answers at coverages from about 1 % to 100 % of the images. */
  readonly coverage: readonly Coverage[];
  /** The area under the curve of risk (1 − accuracy) against coverage. */
  readonly areaUnderRiskCoverage: Estimate;
}

/** One image, with what a model answers for it. */
export interface ImageReport {
  /** Its row in the data set, and its file there, if it has one. */
  readonly image: number;
  readonly name?: string;
  /** Class names. */
  readonly label: string;
  readonly answer: string;
  /** Probabilities at the model's temperature. */
  readonly confidence: number;
  readonly labelProbability: number;
  /** The most probable classes, at most 5. */
  readonly ranking: readonly { readonly class: string; readonly probability: number }[];
}

/** Everything that an evaluation says about a model, as plain data that survives JSON. Intervals are of 95 %. */
export interface EvaluationReport extends Accuracy {
  /** Class names: classes are in this order everywhere. */
  readonly classes: readonly string[];
  /** For k = 2, 3, …, at most 5: how often the label is among the k most probable classes. */
  readonly topK: readonly (Accuracy & { readonly k: number })[];
  readonly balancedAccuracy: Estimate;
  readonly perClass: readonly ClassReport[];
  readonly macro: AverageReport;
  readonly weighted: AverageReport;
  /** True classes in rows, answers in columns. */
  readonly confusion: {
    readonly counts: readonly (readonly number[])[];
    /** Each row divided by its sum; zeros for a class without images. */
    readonly rates: readonly (readonly number[])[];
  };
  /** Before temperature scaling, and at the model's own temperature. */
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
  /** What validation images tell about the model's probabilities. Default: a temperature of 1, and no thresholds. */
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
/** Points of the coverage curve. */
const POINTS = 100;

/**
 * The report on a model's logits for labeled images. It is the same in Node and in browsers: nothing in it depends on the
 * order of threads or on functions that differ between engines. Accuracies of parts have Wilson's interval; other numbers a
 * bootstrap interval of 1000 resamples by Philox, as {@link bootstrapIntervals} draws them.
 */
export function reportOf(input: ReportInput): EvaluationReport {
  const { classes, logits, labels, calibration } = input;
  const temperature = calibration?.temperature ?? 1;
  const before = probabilitiesOf(logits, labels, classes.length);
  const after = temperature === 1 ? before : probabilitiesOf(logits, labels, classes.length, temperature);
  const answers = answersOf(after);
  const isRight = answers.map((answer) => answer.isRight);
  const all = accuracyAmong(isRight);
  const reportBefore = probabilityReport(before, 1);
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
      after: after === before ? reportBefore : probabilityReport(after, temperature),
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

/** Values with the interval of each. */
const estimates = (values: readonly number[], intervals: readonly Interval[]): readonly Estimate[] =>
  values.map((value, i) => ({ value, interval: intervals[i]! }));

/** The intervals of numbers of N images on resamples; without images, the numbers themselves. */
const intervalsOf = (
  values: readonly number[],
  count: number,
  statistics: (rows: Uint32Array) => readonly number[],
): readonly Interval[] => (count === 0 ? values.map((value) => [value, value]) : bootstrapIntervals(count, statistics));

/** The confusion matrix, and what is derived from it. */
function classReport(
  classes: readonly string[],
  labels: ArrayLike<number>,
  answers: readonly Answer[],
): Pick<EvaluationReport, "balancedAccuracy" | "perClass" | "macro" | "weighted" | "confusion"> {
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const [n, { answer }] of answers.entries()) counts[labels[n]!]![answer]!++;
  const averageNames = ["precision", "recall", "f1"] as const;
  const statisticsOf = (metrics: ClassificationMetrics) => {
    const { classes: own, macro, weighted } = metrics;
    const averages = [macro, weighted].flatMap((average) => averageNames.map((name) => average[name]));
    return [meanRecall(metrics), ...averages, ...own.map(({ f1 }) => f1)];
  };
  const metrics = classificationMetrics(counts);
  const values = statisticsOf(metrics);
  // Without a confusion matrix for each resample, which takes long where there are many classes.
  const intervals = intervalsOf(values, answers.length, (rows) =>
    statisticsOf(metricsOf(classCounts(classes.length, labels, answers, rows))),
  );
  const [balanced, ...others] = estimates(values, intervals);
  const average = (first: number): AverageReport => ({
    precision: others[first]!,
    recall: others[first + 1]!,
    f1: others[first + 2]!,
  });
  return {
    balancedAccuracy: balanced!,
    perClass: metrics.classes.map(({ count, answered, precision, recall }, k) => ({
      class: classes[k]!,
      count,
      answered,
      precision: { value: precision, interval: wilsonInterval(counts[k]![k]!, answered) },
      recall: { value: recall, interval: wilsonInterval(counts[k]![k]!, count) },
      f1: others[6 + k]!,
    })),
    macro: average(0),
    weighted: average(3),
    confusion: {
      counts,
      rates: counts.map((row) => {
        const sum = row.reduce((a, b) => a + b, 0);
        return row.map((count) => (sum === 0 ? 0 : count / sum));
      }),
    },
  };
}

/** The counts of K classes among the given images, from the labels [N] and the answers [N] of all images. */
function classCounts(
  classes: number,
  labels: ArrayLike<number>,
  answers: readonly Answer[],
  rows: Uint32Array,
): readonly ClassCounts[] {
  const counts = Array.from({ length: classes }, () => ({ count: 0, answered: 0, right: 0 }));
  for (const row of rows) {
    const { answer, isRight } = answers[row]!;
    counts[labels[row]!]!.count++;
    counts[answer]!.answered++;
    if (isRight) counts[answer]!.right++;
  }
  return counts;
}

function probabilityReport(data: LabeledProbabilities, temperature: number): ProbabilityReport {
  const { bins, error } = calibrationOf(data);
  const [losses, briers] = [logLosses(data), brierScores(data)];
  const meanOf = (values: Float64Array, rows: Uint32Array) =>
    rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  const sample = answerSampler(data);
  const values = [logLoss(data), brierScore(data), areaUnderRiskCoverage(data), error];
  const intervals = intervalsOf(values, data.labels.length, (rows) => {
    const answers = sample(rows);
    return [meanOf(losses, rows), meanOf(briers, rows), riskCoverageArea(answers), calibrationError(answers)];
  });
  const [loss, brier, area, calibration] = estimates(values, intervals);
  return {
    temperature,
    logLoss: loss!,
    brier: brier!,
    calibrationError: {
      value: error,
      interval: pivoted(error, calibration!.interval),
      ifCalibrated: errorIfCalibrated(data),
    },
    reliability: bins.map((bin) => ({
      ...bin,
      interval: wilsonInterval(Math.round(bin.accuracy * bin.count), bin.count),
    })),
    coverage: thinned(coverageCurve(data)),
    areaUnderRiskCoverage: area!,
  };
}

/**
 * The basic bootstrap interval 2·value − percentiles, which corrects for a calibration error being greater on fewer images
 * whatever the model, as percentiles do not; it is widened to include the value. Source: Kumar, Liang & Ma, "Verified
 * uncertainty calibration", NeurIPS 2019.
 */
const pivoted = (value: number, [low, high]: Interval): Interval => [
  Math.max(0, Math.min(value, 2 * value - high)),
  Math.max(value, 2 * value - low),
];

/** The points of a coverage curve next above each hundredth. */
const thinned = (curve: readonly Coverage[]): readonly Coverage[] =>
  curve.filter(({ coverage }, i) => {
    const before = curve[i - 1]?.coverage ?? 0;
    return Math.floor(coverage * POINTS + 1e-9) > Math.floor(before * POINTS + 1e-9);
  });

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
