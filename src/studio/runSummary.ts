import type { Validation } from "./inside.ts";
import type { Settings } from "./settings.ts";

/* Trainings that are kept: by the workbench, and in the folder of runs of a machine. */

/** A run that is kept. */
export interface RunSummary {
  readonly id: string;
  /** What it was trained on: "letters", or the name of what was dropped. */
  readonly source: string;
  readonly settings: Settings;
  /** Steps done, and to do. */
  readonly step: number;
  readonly steps: number;
  readonly parameters: number;
  readonly validations: readonly Validation[];
  /** The result, of the test images, if it has come to its end. */
  readonly result?: { readonly accuracy: number; readonly loss: number; readonly weightsSha256: string };
}

/** A run in the folder of runs of a machine. */
export interface MachineRun {
  /** Its path, by which it is opened. */
  readonly path: string;
  readonly status: "running" | "stopped" | "finished" | "unreadable";
  readonly recipe: string;
  /** What it was trained on. */
  readonly source: string;
  readonly step: number;
  readonly steps: number;
  /** The accuracy on test images, at its end. */
  readonly accuracy?: number;
  /** The address of the page of its report, relative to that of the studio. */
  readonly report?: string;
}

/** What a server has of its machine: the data sets that it was started with, and the runs of a folder. */
export interface Machine {
  readonly sources: readonly string[];
  readonly folder: string;
  readonly runs: readonly MachineRun[];
}
