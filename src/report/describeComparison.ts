import { formatInterval, percent, points, quantity, whole } from "../base/format.ts";
import { clipped, formatTable } from "../base/table.ts";
import type { Accuracy, Comparison, PairedCounts, SeedSpread } from "../evaluation/index.ts";

/** One of the models of a setting. */
interface ComparedRun {
  /** The folder of the run, or the file of the model. */
  readonly run: string;
  readonly seed?: number;
  /** The step of its weights, if known. */
  readonly step?: number;
  readonly weightsSha256?: string;
  readonly score: Accuracy;
}

/** Runs that differ in the seed alone, or one run. */
export interface ComparedSetting {
  /** A letter, such as A. */
  readonly name: string;
  readonly runs: readonly ComparedRun[];
}

/** A comparison of a setting with the first one. */
export interface NamedComparison extends Comparison {
  readonly first: string;
  readonly second: string;
}

/** What a comparison of runs found, as plain data. */
export interface ComparisonReport {
  /** What the images are, and how many. */
  readonly source: string;
  readonly images: number;
  readonly leftOut: { readonly notShared: number; readonly trainedOn: number };
  readonly settings: readonly ComparedSetting[];
  /** Whether all runs have the same settings beside the seed. */
  readonly sameSettings: boolean;
  /** The spread of the seeds, where a setting has several. */
  readonly seeds?: SeedSpread;
  readonly comparisons: readonly NamedComparison[];
}

/** 0.0034 as 0.3, without a sign. */
const size = (difference: number): string => percent(Math.abs(difference));

/** +0.8 points */
export const describePoints = (difference: number): string =>
  `${points(difference)} ${size(difference) === "1.0" ? "point" : "points"}`;

const end = (difference: number): string => `${difference < 0 ? "−" : ""}${size(difference)}`;

/** −0.2 to 0.9 points */
export const describeRange = ([low, high]: readonly [number, number]): string => `${end(low)} to ${end(high)} points`;

/** p = 0.034; p < 0.001 */
const describeP = (p: number): string => (p < 0.001 ? "p < 0.001" : `p = ${Number(p.toPrecision(2))}`);

/** A setting in a sentence: its run, or the letter and the number of seeds. */
export const settingName = ({ name, runs }: ComparedSetting): string =>
  runs.length === 1 ? runs[0]!.run : `${name} (${quantity(runs.length, "seed")})`;

/** The setting of a letter. */
export const settingOf = ({ settings }: ComparisonReport, letter: string): ComparedSetting =>
  settings.find(({ name }) => name === letter)!;

/** Whether both are one run each, with the same weights. */
const areSameWeights = ({ runs: [a, ...more] }: ComparedSetting, { runs: [b, ...others] }: ComparedSetting): boolean =>
  more.length + others.length === 0 && a?.weightsSha256 !== undefined && a.weightsSha256 === b?.weightsSha256;

/** What differs between two runs with the same settings beside the seed. */
function describeSameSettings({ runs: [a] }: ComparedSetting, { runs: [b] }: ComparedSetting): string {
  const isSeed = a?.seed !== b?.seed;
  const steps = a?.step === b?.step ? "" : `${whole(b?.step ?? 0)} instead of ${whole(a?.step ?? 0)} steps`;
  if (isSeed && steps) return `their settings are the same, but the seeds differ, and it has ${steps}`;
  if (isSeed) return "their settings are the same, so it is the seed that differs";
  return steps
    ? `their settings and seeds are the same, but it has ${steps}`
    : "their settings, seeds and steps are the same";
}

/** What a comparison allows to say, in a sentence: a difference that may be chance is never called better. */
export function describeVerdict(report: ComparisonReport, comparison: NamedComparison): string {
  const settings = [settingOf(report, comparison.first), settingOf(report, comparison.second)] as const;
  const [first, second] = settings.map(settingName);
  const { accuracies, difference, interval, adjusted, verdict } = comparison;
  const [before, after] = accuracies.map((accuracy) => `${percent(accuracy)} %`);
  const by = `${describePoints(difference)} (95 % interval ${describeRange(interval)}, ${describeP(adjusted)})`;
  if (areSameWeights(...settings))
    return `${second} and ${first} have the same weights, so they give the same answers.`;
  if (verdict === "undecided")
    return `No difference is shown between ${second} and ${first}: ${after} against ${before}, ${by}, which may be chance.`;
  if (report.sameSettings)
    return `${second} answers ${verdict === "better" ? "more" : "fewer"} of such images correctly than ${first}: ${after} against ${before}, ${by}; ${describeSameSettings(...settings)}.`;
  return `${second} is ${verdict} than ${first} on such images: ${after} against ${before}, ${by}.`;
}

/** What else there is to know about a comparison, one sentence each. */
export function describeReservations(report: ComparisonReport, comparison: NamedComparison): readonly string[] {
  const { counts, detectable, errors, verdict, test, adjusted } = comparison;
  const nameOf = (letter: string) => settingName(settingOf(report, letter));
  if (areSameWeights(settingOf(report, comparison.first), settingOf(report, comparison.second))) return [];
  return [
    ...(counts ? [describeCounts(counts, nameOf(comparison.first), nameOf(comparison.second))] : []),
    ...(verdict === "undecided" && adjusted < 0.05
      ? ["The p-value takes images as independent; the interval does not, and it includes 0."]
      : []),
    ...(verdict === "undecided" && detectable > 0
      ? [`These images would show a difference of ${size(detectable)} points in 4 of 5 cases.`]
      : []),
    ...(errors.seeds !== undefined
      ? [
          `The difference is uncertain by ${size(errors.images)} points because of the choice of test images, and by ${size(errors.seeds)} because of the seeds (standard errors).`,
        ]
      : []),
    ...(test === "paired" && verdict !== "undecided" && !report.sameSettings
      ? ["Each was trained once, so the seed may have a part in this: train several seeds of both to compare settings."]
      : []),
  ];
}

const describeCounts = ({ onlyFirst, onlySecond }: PairedCounts, first: string, second: string): string =>
  onlyFirst + onlySecond === 0
    ? "They are right on the same images."
    : `Only ${second} is right on ${quantity(onlySecond, "image")}, only ${first} on ${whole(onlyFirst)}.`;

/** A comparison as lines that fit a number of columns. */
export function describeComparison(report: ComparisonReport, columns: number): readonly string[] {
  const { images, source, leftOut, settings, seeds, comparisons } = report;
  const { notShared, trainedOn } = leftOut;
  const left = [
    ...(notShared > 0 ? [`${whole(notShared)} are test images of only some runs`] : []),
    ...(trainedOn > 0 ? [`a run was trained on ${whole(trainedOn)}`] : []),
  ];
  const width = Math.max(16, columns - 50);
  const cells = settings.flatMap(({ name, runs }) =>
    runs.map(({ run, seed, score }) => [
      name,
      clipped(run, width),
      seed === undefined ? "–" : String(seed),
      `${percent(score.accuracy)} %`,
      formatInterval(score.interval),
    ]),
  );
  const head = [settings.some(({ runs }) => runs.length > 1) ? "setting" : "", "run", "seed", "accuracy", "95 %"];
  return [
    `Compared on ${quantity(images, "image")}, ${source}${left.length > 0 ? `; left out: ${left.join(", ")}` : ""}`,
    "",
    ...formatTable([head, ...cells], ["left", "left", "right", "right", "right"]),
    ...(seeds ? ["", describeSeeds(seeds)] : []),
    ...comparisons.flatMap((comparison) => [
      "",
      describeVerdict(report, comparison),
      ...describeReservations(report, comparison),
    ]),
  ];
}

/** How far seeds are apart, in a sentence. */
export const describeSeeds = ({ deviation, degrees }: SeedSpread): string =>
  `Another seed of the same setting moves the accuracy by ${size(deviation)} points (standard deviation, ${quantity(degrees, "degree")} of freedom).`;
