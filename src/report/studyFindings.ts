import type { Importance } from "../search/importance.ts";
import type { Trial } from "../search/study.ts";
import type { ParameterValue, Space } from "../training/space/parameter.ts";
import { lastScore } from "./studyTable.ts";

/** What a study has found: what its description is made from. */
export interface StudyFindings {
  readonly space: Space;
  readonly trials: readonly Trial[];
  /** The trials that have a score, the best first. */
  readonly ranking: readonly Trial[];
  readonly importances: readonly Importance[];
  readonly isAccuracy: boolean;
  /** Whether trial 0 has the recipe's own values. */
  readonly startsWithRecipe: boolean;
  /** The number of images that trials are scored on. */
  readonly validationImages: number;
  /** The winner's scores with other seeds, of those trainings that did not fail. */
  readonly confirmed: readonly number[];
  readonly isDone: boolean;
  /** The command that resumes the study. */
  readonly resume: string;
}

/** The best trials that are looked at, as a share of those that were trained in full. */
const BEST = 0.1;
/** The least number of trials that are looked at as the best. */
export const LEAST = 5;
/** The least number of trials that anything is said about parameters from, as for importances. */
export const ENOUGH = 20;

/** The trials that were trained in full. */
export const complete = (trials: readonly Trial[]): readonly Trial[] =>
  trials.filter(({ state }) => state === "complete");

/** The best tenth of the trials that were trained in full. */
export function bestOf({ ranking }: StudyFindings): readonly Trial[] {
  const full = complete(ranking);
  return full.slice(0, Math.max(LEAST, Math.ceil(BEST * full.length)));
}

/** The score of the recipe's own values; undefined if no trial has them, or if it has no score. */
export const recipeScore = ({ startsWithRecipe, trials: [first] }: StudyFindings): number | undefined =>
  startsWithRecipe && first ? lastScore(first) : undefined;

/** Values of a parameter in trials, without those that do not use it. */
export const valuesIn = (name: string, trials: readonly Trial[]): readonly ParameterValue[] =>
  trials.flatMap(({ parameters }) => (parameters[name] === undefined ? [] : [parameters[name]]));
