import type { Backend } from "../../backends/index.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import type { TrainingSpec } from "../../training/index.ts";
import type { RunModel, WhichWeights } from "./record.ts";
import { type RunRecord, readRun } from "./runFile.ts";
import { modelOf, readModel } from "./runModel.ts";

/** A run on disk: how it was made, and its model. */
export interface SavedRun extends RunRecord, RunModel {}

/**
 * Opens a run: its model at the end, or at the newest checkpoint where it has not come to its end; or the one of the
 * best validation up to there. Throws `NOT_FOUND`, `INVALID_DATA` or `UNKNOWN_FORMAT` saying which file and what to do.
 */
export async function openRun(folder: string, on?: Backend, which: WhichWeights = "last"): Promise<SavedRun> {
  const run = await readRun(folder);
  return { ...run, ...(await modelOf(folder, run.result, { which, on, known: run.config.model })) };
}

/** The model whose weights a run started from, where they were another's. Throws as {@link openRun}. */
export async function openInitial(folder: string, { initialWeights }: TrainingSpec): Promise<TrainedModel | undefined> {
  if (initialWeights === undefined) return undefined;
  return readModel(folder, "initial", initialWeights, "start a new training with: inkling train --init-from");
}
