import { type Estimate, estimates } from "./estimate.ts";
import {
  type AverageMetrics,
  type ClassCounts,
  type ClassificationMetrics,
  classificationMetrics,
  meanRecall,
  metricsOf,
} from "./metrics.ts";
import type { Answer } from "./probabilities.ts";
import { wilsonInterval } from "./score.ts";

/** Precision, recall and F1, with intervals. */
export type AverageReport = { readonly [name in keyof AverageMetrics]: Estimate };

/** How well a model recognizes one class: see `ClassMetrics`. */
export interface ClassReport extends AverageReport {
  readonly class: string;
  /** Images of the class, and images for which the model answered it. */
  readonly count: number;
  readonly answered: number;
}

/** The confusion matrix, and what is derived from it. */
export interface ClassesReport {
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
}

/** The report on the K classes, from the labels [N] and the answers [N] of images. */
export function classReport(
  classes: readonly string[],
  labels: ArrayLike<number>,
  answers: readonly Answer[],
): ClassesReport {
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const [n, { answer }] of answers.entries()) counts[labels[n]!]![answer]!++;
  const averageNames = ["precision", "recall", "f1"] as const;
  const statisticsOf = (metrics: ClassificationMetrics) => {
    const { classes: own, macro, weighted } = metrics;
    const averages = [macro, weighted].flatMap((average) => averageNames.map((name) => average[name]));
    return [meanRecall(metrics), ...averages, ...own.map(({ f1 }) => f1)];
  };
  const metrics = classificationMetrics(counts);
  // Without a confusion matrix for each resample, which takes long where there are many classes.
  const [balanced, ...others] = estimates(statisticsOf(metrics), answers.length, (rows) =>
    statisticsOf(metricsOf(classCounts(classes.length, labels, answers, rows))),
  );
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
