import { bar, percent } from "../base/format.ts";
import { type Align, clipped, formatTable } from "../base/table.ts";
import type { Importance } from "../search/importance.ts";
import type { Trial } from "../search/study.ts";
import type { Parameters } from "../training/space/parameter.ts";

/** Parameters in a line: learningRate 0.1, width 16. */
export const describeParameters = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

/** A score: an accuracy in percent, or a loss. */
export const describeTrialScore = (score: number, isAccuracy: boolean): string =>
  isAccuracy ? `${percent(score)} %` : score.toFixed(4);

/** The mean of scores. */
export const meanOf = (scores: readonly number[]): number =>
  scores.reduce((sum, score) => sum + score, 0) / scores.length;

/** The standard error of the mean of scores: √(Σ(x − mean)² / (n − 1) / n). */
export function standardError(scores: readonly number[]): number {
  const n = scores.length;
  const mean = meanOf(scores);
  return Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (n - 1) / n);
}

/** That a score is a mean of folds, and how certain it is. */
export const describeFolds = (folds: readonly number[], isAccuracy: boolean): string =>
  `the mean of ${folds.length} folds, standard error ${describeTrialScore(standardError(folds), isAccuracy)}`;

/** The last score of a trial; undefined if it has none. */
export function lastScore({ outcomes }: Trial): number | undefined {
  const last = outcomes.findLast((outcome) => "score" in outcome);
  return last && "score" in last ? last.score : undefined;
}

const align: readonly Align[] = ["right", "right", "left", "left"];

/** The best trials as a table: number, score, how far they were trained, parameters. */
export function rankingTable(ranking: readonly Trial[], isAccuracy: boolean, width: number): readonly string[] {
  const rows = ranking.map((trial) => {
    const { number, outcomes, parameters } = trial;
    const share = outcomes.at(-1)!.resource;
    const trained = share === 1 ? "in full" : `${percent(share)} %`;
    return [`${number}`, describeTrialScore(lastScore(trial)!, isAccuracy), trained, describeParameters(parameters)];
  });
  const head = ["trial", isAccuracy ? "validation" : "loss", "trained", "parameters"];
  return formatTable([head, ...rows], align).map((line) => clipped(line, width));
}

/** What matters, the most important parameter first, with bars. */
export const importanceLines = (found: readonly Importance[]): readonly string[] =>
  formatTable(
    found.map(({ name, share }) => [name, bar(share), `${Math.round(100 * share)} %`]),
    ["left", "left", "right"],
  );
