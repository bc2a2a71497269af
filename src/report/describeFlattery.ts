import { percent, quantity } from "../base/format.ts";
import type { StudyFindings } from "./studyFindings.ts";
import { describeTrialScore, lastScore, meanOf } from "./studyTable.ts";

/** By how much a winner's score is better than the mean score of its parameters with other seeds, in words. */
export function describeGap(score: number, mean: number, isAccuracy: boolean): string {
  const flattery = isAccuracy ? score - mean : mean - score;
  if (flattery <= 0) return "the search does not flatter its winner";
  return `the search flatters its winner by ${isAccuracy ? `${percent(flattery)} points` : flattery.toFixed(4)}`;
}

/** How much the search flatters its winner, in words. */
export function describeFlattery({ ranking, confirmed, isAccuracy }: StudyFindings): string | undefined {
  const score = ranking[0] && lastScore(ranking[0]);
  if (score === undefined) return undefined;
  const shown = describeTrialScore(score, isAccuracy);
  if (confirmed.length === 0)
    return `${shown} is the best of ${quantity(ranking.length, "score")}, and so partly luck; nothing is known yet of how much.`;
  const mean = meanOf(confirmed);
  const seeds = quantity(confirmed.length, "other seed");
  const found = `With ${seeds}, the winner's parameters have ${describeTrialScore(mean, isAccuracy)} on average instead of ${shown}`;
  return `${found}: ${describeGap(score, mean, isAccuracy)}.`;
}
