import type { Backend } from "../../backends/index.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import type { TrainingSpec } from "../../training/index.ts";
import type { RunRecord } from "../record.ts";
import type { RunModel, WhichWeights } from "./record.ts";
import { readRun } from "./runFile.ts";
import { modelOf, readModel } from "./runModel.ts";

/** A run on disk: its record, and its model. */
export interface SavedRun extends RunRecord, RunModel {}

/**
 * Opens a run: its final model or, if it is not finished, that of its newest checkpoint; or the model of the best
 * validation so far. Throws `NOT_FOUND`, `INVALID_DATA` or `UNKNOWN_FORMAT` naming the file and what to do.
 */
export async function openRun(folder: string, on?: Backend, which: WhichWeights = "last"): Promise<SavedRun> {
  const run = await readRun(folder);
  return { ...run, ...(await modelOf(folder, run.result, { which, on, known: run.config.model })) };
}

/** The model that a run was initialized from, if any. Throws as {@link openRun} does. */
export async function openInitial(folder: string, { initialWeights }: TrainingSpec): Promise<TrainedModel | undefined> {
  if (initialWeights === undefined) return undefined;
  return readModel(folder, "initial", initialWeights, "start a new training with: inkling train --init-from");
}
