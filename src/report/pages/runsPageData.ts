import type { Interval } from "../../evaluation/index.ts";
import type { ValidationEvent } from "../../training/index.ts";

/** A page that belongs to a run, such as that of an evaluation. */
export interface RunReport {
  readonly name: string;
  /** The address, from the page of the runs. */
  readonly href: string;
}

/** What a page of runs shows of one. */
export interface RunOnPage {
  readonly name: string;
  readonly status: string;
  /** In ISO 8601; empty if it is not known. */
  readonly started: string;
  readonly recipe?: string | undefined;
  readonly parameters?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly learningRate?: number | undefined;
  /** Steps done. */
  readonly step: number;
  readonly validation?: number | undefined;
  readonly test?: { readonly accuracy: number; readonly interval: Interval } | undefined;
  readonly seconds?: number | undefined;
  readonly validations: readonly ValidationEvent[];
  /** The values of the settings that differ, as text, in their order. */
  readonly settings: readonly string[];
  readonly reports: readonly RunReport[];
  /** Why it cannot be read. */
  readonly problem?: string | undefined;
}

/** The runs of a folder. */
export interface RunsPageData {
  readonly folder: string;
  readonly runs: readonly RunOnPage[];
  /** The settings that differ between any two runs. */
  readonly differing: readonly string[];
}
