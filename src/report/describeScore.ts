import { formatInterval, percent, quantity, whole } from "../base/format.ts";
import { printable } from "../base/printable.ts";
import { clipped, formatTable } from "../base/table.ts";
import {
  type AverageMetrics,
  atCoverage,
  classificationMetrics,
  type Estimate,
  type EvaluationReport,
  mostConfused,
} from "../evaluation/index.ts";
import { isCalibrated } from "../evaluation/probabilityReport.ts";

/** Above this number of classes, a table lists only those with the lowest F1. */
const LISTED = 30;
/** Classes and pairs that are listed if there are too many for all. */
const WORST = 10;
/** The target accuracy and the coverage that are described. */
const TARGET = 0.99;
const COVERAGE = 0.95;
/** Slices that are listed. */
const SLICES = 3;
/** The longest name of a class that is shown in full. */
const NAME = 20;

type Matrix = readonly (readonly number[])[];

const nameOf = (name: string): string => clipped(printable(name), NAME);

/** What the probabilities of a model are worth, and the slices with the lowest accuracy, as lines. */
export function describeEvaluation(report: EvaluationReport): readonly string[] {
  const { before, after } = report.probabilities;
  const estimate = ({ value, interval }: Estimate) => [`${percent(value)} %`, formatInterval(interval)];
  const number = ({ value, interval: [low, high] }: Estimate) => [
    value.toFixed(3),
    `${low.toFixed(3)}–${high.toFixed(3)}`,
  ];
  const second = report.topK[0];
  const at = (coverage: number) => atCoverage(after.coverage, coverage)!.accuracy;
  const rows = [
    ["balanced accuracy", ...estimate(report.balancedAccuracy)],
    ...(second ? [["top-2 accuracy", ...estimate({ ...second, value: second.accuracy })]] : []),
    ["log loss, in nats", ...number(after.logLoss)],
    ["Brier score", ...number(after.brier)],
    ["calibration error", ...estimate(after.calibrationError)],
  ];
  return [
    ...formatTable([["", "", "95 % interval"], ...rows], ["left", "right", "right"]),
    ...(isCalibrated(report.probabilities)
      ? [
          `Probabilities are calibrated; without that, the calibration error is ${percent(before.calibrationError.value)} %.`,
        ]
      : []),
    `Of the 95 % most certain answers ${percent(at(0.95))} % are right, of the 90 % most certain ${percent(at(0.9))} %.`,
    ...describeThresholds(report),
    ...describeFixes(report),
    ...worstSlices(report),
  ];
}

/** What a model that may say don't know achieves, for the highest target that can be promised. */
function describeThresholds({ thresholds }: EvaluationReport): readonly string[] {
  const best = thresholds?.answers.findLast(({ target }) => target <= TARGET);
  const sets = thresholds?.sets.find(({ coverage, method }) => coverage === COVERAGE && method === "lac");
  return [
    ...(best
      ? [
          `To be right ${percent(best.target)} % of the time, it answers ${percent(best.coverage)} % of the images, of which ${percent(best.accuracy)} % are right (${formatInterval(best.interval)}).`,
        ]
      : []),
    ...(sets
      ? [
          `Sets of classes for a coverage of ${percent(sets.coverage)} % contain the right one for ${percent(sets.covered)} % of the images, with ${sets.meanSize.toFixed(2)} classes on average.`,
        ]
      : []),
  ];
}

/** The accuracy before and after label corrections. */
function describeFixes({ labelFixes }: EvaluationReport): readonly string[] {
  if (!labelFixes) return [];
  const { before, after, bounds, relabeled, dropped } = labelFixes;
  return [
    `With ${quantity(relabeled, "label")} corrected and ${quantity(dropped, "image")} dropped the accuracy is ${percent(after.accuracy)} %, without ${percent(before.accuracy)} %; if only some of the corrections are right, between ${percent(bounds[0])} % and ${percent(bounds[1])} %.`,
  ];
}

/** The slices whose accuracy is below that of all images beyond chance, at most a few. */
function worstSlices({ slices, interval: [low] }: EvaluationReport): readonly string[] {
  const below = slices
    .flatMap(({ by, values }) => values.map((value) => ({ by, ...value })))
    .filter(({ interval }) => interval[1] < low)
    .sort((a, b) => a.accuracy - b.accuracy)
    .slice(0, SLICES);
  return below.map(
    ({ by, value, accuracy, interval, count }) =>
      `Where ${by} is ${printable(value)}: ${percent(accuracy)} %  (${formatInterval(interval)}, ${whole(count)} images)`,
  );
}

/** Precision, recall and F1 of each class and their averages, as lines; of many classes, only the worst. */
export function describeClasses(confusion: Matrix, classes: readonly string[]): readonly string[] {
  const { classes: metrics, macro, weighted } = classificationMetrics(confusion);
  const cells = ({ precision, recall, f1 }: AverageMetrics) => [precision, recall, f1].map((x) => `${percent(x)} %`);
  const all = metrics.map((of, k) => ({ ...of, name: nameOf(classes[k]!) })).filter((of) => of.count + of.answered > 0);
  const isLong = all.length > LISTED;
  const shown = isLong ? all.toSorted((a, b) => a.f1 - b.f1).slice(0, WORST) : all;
  const total = all.reduce((images, { count }) => images + count, 0);
  const lines = formatTable(
    [
      ["class", "precision", "recall", "F1", "images"],
      ...shown.map((of) => [of.name, ...cells(of), whole(of.count)]),
      ["macro average", ...cells(macro), whole(total)],
      ["weighted average", ...cells(weighted), whole(total)],
    ],
    ["left", "right", "right", "right", "right"],
  );
  if (!isLong) return lines;
  return [`The ${WORST} of ${whole(all.length)} classes with the lowest F1 (--json has all):`, ...lines];
}

/**
 * The confusion matrix as lines that fit a number of columns: true classes in rows, answers in columns. If it does not
 * fit, the most frequent mistakes instead.
 */
export function describeConfusion(confusion: Matrix, classes: readonly string[], columns: number): readonly string[] {
  const counts = confusion.map((answers) => answers.map((n) => (n === 0 ? "·" : String(n))));
  const cell = Math.max(...counts.flat().map((text) => text.length));
  const names = classes.map(nameOf);
  // Columns are headed by the names of classes, or by their numbers if names are too wide.
  for (const [rows, heads] of [
    [names, names],
    [
      names.map((name, k) => `${String(k + 1).padStart(String(classes.length).length)} ${name}`),
      names.map((_, k) => `${k + 1}`),
    ],
  ] as const) {
    const lines = formatTable(
      [["", ...heads], ...counts.map((row, k) => [rows[k]!, ...row])],
      ["left", ...heads.map(() => "right" as const)],
    );
    const isCompact = heads.every((head) => head.length <= Math.max(cell, 6));
    if (isCompact && lines.every((line) => line.length <= columns))
      return ["Confusion matrix, true classes in rows, answers in columns:", ...lines];
  }
  const pairs = mostConfused(confusion, WORST);
  if (pairs.length === 0) return ["No class is taken for another."];
  const rows = pairs.map(({ label, answer, count, share }) => [
    `${names[label]} taken for ${names[answer]}`,
    whole(count),
    `${percent(share)} %`,
  ]);
  return ["Most often confused, with the share of the class:", ...formatTable(rows, ["left", "right", "right"])];
}
