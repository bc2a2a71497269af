import type { Importance } from "../../../search/importance.ts";
import type { Trial } from "../../../search/study.ts";
import type { ValidationEvent } from "../../../training/index.ts";
import type { StudyFindings } from "../../studyFindings.ts";

/** A trial on the page of its study. */
export interface TrialOnPage extends Trial {
  /** The share of a whole training that it had in all, and seconds. */
  readonly cost: number;
  readonly seconds: number;
  /** Its validations, and the number of steps of its whole training. */
  readonly validations: readonly Pick<ValidationEvent, "step" | "accuracy" | "loss">[];
  readonly steps: number;
}

/** What the page of a study shows. */
export interface StudyPageData extends StudyFindings {
  readonly name: string;
  readonly trials: readonly TrialOnPage[];
  /** What is varied: the recipe and the data. */
  readonly recipe: string;
  readonly source: string;
  readonly sampler: string;
  readonly importances: readonly Importance[];
  /** The scores of trials by the cost of all training up to them, in whole trainings, in the order of the study. */
  readonly progress: readonly {
    readonly cost: number;
    readonly trial: number;
    readonly score: number;
    readonly isFull: boolean;
  }[];
  readonly test?:
    | { readonly accuracy: number; readonly interval: readonly [number, number]; readonly count: number }
    | undefined;
  /** How often a winner was tested. */
  readonly testsTaken: number;
  /** Command lines that lead to these numbers, and the one that trains the winner. */
  readonly commands: readonly string[];
}
