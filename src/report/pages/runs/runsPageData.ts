import type { ValidationEvent } from "../../../training/index.ts";
import type { RunSummary } from "../../runSummary.ts";

/** A page that belongs to a run, such as that of an evaluation. */
export interface RunReport {
  readonly name: string;
  /** The address, from the page of the runs. */
  readonly href: string;
}

/** What a page of runs shows of one. */
export interface RunOnPage extends RunSummary {
  readonly name: string;
  readonly validations: readonly ValidationEvent[];
  /** The values of the settings that differ, as text, in their order. */
  readonly differing: readonly string[];
  readonly reports: readonly RunReport[];
}

/** The runs of a folder. */
export interface RunsPageData {
  readonly folder: string;
  readonly runs: readonly RunOnPage[];
  /** The settings that differ between any two runs. */
  readonly differing: readonly string[];
}
