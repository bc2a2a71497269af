import { join } from "node:path";
import type { Backend } from "../../backends/index.ts";
import { weightsOf } from "../../engine/session.ts";
import { TrainedModel } from "../../evaluation/index.ts";
import { buildGraph } from "../../model/index.ts";
import { InklingError } from "../../tensor/error.ts";
import type { Checkpoint } from "../../training/index.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { decodeModel } from "../modelFile.ts";
import { newestCheckpoint } from "./checkpoints.ts";
import { read } from "./files.ts";
import { type RunRecord, readRun } from "./runFile.ts";

export const MODEL_FILE = "model.safetensors";

/** A run on disk: how it was made, and its model. */
export interface SavedRun extends RunRecord {
  readonly trained: TrainedModel;
  /** Steps that the model was trained: all of them, or those up to the newest checkpoint. */
  readonly step: number;
}

/**
 * Opens a run: its model at the end, or at the newest checkpoint where it has not come to its end. Throws
 * `NOT_FOUND`, `INVALID_DATA` or `UNKNOWN_FORMAT` saying which file and what to do.
 */
export async function openRun(folder: string, on?: Backend): Promise<SavedRun> {
  const run = await readRun(folder);
  if (run.result)
    return { ...run, step: run.result.steps, trained: await finished(folder, run.result.weightsSha256, on) };
  const { checkpoint } = await newestCheckpoint(folder);
  if (checkpoint) return { ...run, step: checkpoint.step, trained: trainedAt(checkpoint, on) };
  throw new InklingError(
    "NOT_FOUND",
    `run ${folder} has no model yet: it stopped before its first checkpoint; go on with: inkling train --resume ${folder}`,
  );
}

/** The model of a checkpoint. */
export function trainedAt({ identity, preparation, state }: Checkpoint, on?: Backend): TrainedModel {
  const { model } = identity;
  const names = buildGraph(model, 1, false).weights.map(({ tensor }) => tensor.name);
  return new TrainedModel(model, weightsOf(state, names), on, preparation);
}

async function finished(folder: string, expected: string, on: Backend | undefined): Promise<TrainedModel> {
  const path = join(folder, MODEL_FILE);
  const advice = `make it again with: inkling train --resume ${folder}`;
  const trained = decode(path, await read(path, advice), advice, on);
  if ((await weightsSha256(trained.weights)) === expected) return trained;
  throw new InklingError(
    "INVALID_DATA",
    `${path} does not hold the weights that the run ended with; it is damaged or another run's: ${advice}`,
  );
}

function decode(path: string, bytes: Uint8Array, advice: string, on: Backend | undefined): TrainedModel {
  try {
    return decodeModel(bytes, on);
  } catch (error) {
    if (!(error instanceof InklingError) || error.code !== "INVALID_DATA") throw error;
    throw new InklingError(error.code, `${path}: ${error.message}: ${advice}`, { cause: error });
  }
}
