import type { AnyDataset } from "../../../datasets/index.ts";
import { type ComparisonReport, settingOf } from "../../describeComparison.ts";
import type { SettingDifference } from "../../describeDifferences.ts";
import type { Reproduction } from "../originPart.tsx";

/** What a model answers for the images of a comparison. */
export interface ComparedAnswers {
  /** As in the report. */
  readonly run: string;
  /** Shape [N]: 1 where it is right, the class that it answers, and the probability of that. */
  readonly correct: ArrayLike<number>;
  readonly answers: ArrayLike<number>;
  readonly confidences: ArrayLike<number>;
}

/** What a page about a comparison shows. */
export interface ComparePageData {
  readonly report: ComparisonReport;
  /** The images, with labels numbered by the classes that answers are numbered by. */
  readonly dataset: AnyDataset;
  readonly rows: ArrayLike<number>;
  /** In the order of the settings and their runs. */
  readonly models: readonly ComparedAnswers[];
  /** For each comparison, the settings that differ. */
  readonly differences: readonly (readonly SettingDifference[])[];
  readonly reproduction: Reproduction;
}

/** The models of a setting. */
export function modelsOf({ report, models }: ComparePageData, letter: string): readonly ComparedAnswers[] {
  const { runs } = settingOf(report, letter);
  return models.filter(({ run }) => runs.some((one) => one.run === run));
}
