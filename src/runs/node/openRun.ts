import { join } from "node:path";
import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { read } from "../../base/node/readFile.ts";
import type { Weights } from "../../engine/feed.ts";
import { weightsOf } from "../../engine/session.ts";
import { TrainedModel } from "../../evaluation/index.ts";
import { inferenceGraph } from "../../model/index.ts";
import type { Checkpoint } from "../../training/index.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { decodeModel } from "../modelFile.ts";
import { newestCheckpoint } from "./checkpoints.ts";
import { type RunConfig, type RunRecord, readRun } from "./runFile.ts";

/** Which of a run's weights: the last ones, or those of the best validation. */
export type WhichWeights = "last" | "best";

/** The files of a run's models: those of a finished run, and the one whose weights it started from. */
export const modelFiles = {
  last: "model.safetensors",
  best: "best.safetensors",
  initial: "initial.safetensors",
} as const;

/** A run on disk: how it was made, and its model. */
export interface SavedRun extends RunRecord {
  readonly trained: TrainedModel;
  /** Steps that the model was trained: all of them, those up to the newest checkpoint, or up to the best validation. */
  readonly step: number;
}

/**
 * Opens a run: its model at the end, or at the newest checkpoint where it has not come to its end; or the one of the
 * best validation up to there. Throws `NOT_FOUND`, `INVALID_DATA` or `UNKNOWN_FORMAT` saying which file and what to do.
 */
export async function openRun(folder: string, on?: Backend, which: WhichWeights = "last"): Promise<SavedRun> {
  const run = await readRun(folder);
  if (run.result) {
    const found = which === "best" ? run.result.best : { step: run.result.steps, ...run.result };
    if (!found) throw noBest(folder);
    return { ...run, step: found.step, trained: await finished(folder, which, found.weightsSha256, on) };
  }
  const { checkpoint } = await newestCheckpoint(folder);
  if (checkpoint) return { ...run, ...modelAt(folder, checkpoint, which, on) };
  throw new InklingError(
    "NOT_FOUND",
    `run ${folder} has no model yet: it stopped before its first checkpoint; go on with: inkling train --resume ${folder}`,
  );
}

const noBest = (folder: string): InklingError =>
  new InklingError("NOT_FOUND", `run ${folder} has no best weights: nothing was validated; take the last ones`);

function modelAt(folder: string, checkpoint: Checkpoint, which: WhichWeights, on: Backend | undefined) {
  if (which === "last") return { step: checkpoint.step, trained: trainedAt(checkpoint, on) };
  const { best: weights, monitor } = checkpoint;
  if (!weights || !monitor?.best) throw noBest(folder);
  return { step: monitor.best.step, trained: trainedAt(checkpoint, on, weights) };
}

/** The model of a checkpoint, with its own weights unless others are given. */
export function trainedAt({ identity, preparation, state }: Checkpoint, on?: Backend, weights?: Weights): TrainedModel {
  const { model } = identity;
  const names = inferenceGraph(model).weights.map(({ tensor }) => tensor.name);
  return new TrainedModel(model, weights ?? weightsOf(state, names), on, preparation);
}

/** The model whose weights a run started from, where they were another's. Throws as {@link openRun}. */
export async function openInitial(folder: string, { initialWeights }: RunConfig): Promise<TrainedModel | undefined> {
  if (initialWeights === undefined) return undefined;
  return checked(folder, "initial", initialWeights, "train anew with: inkling train --init-from");
}

const finished = (folder: string, which: WhichWeights, expected: string, on: Backend | undefined) =>
  checked(folder, which, expected, `make it again with: inkling train --resume ${folder}`, on);

const meanings: Readonly<Record<keyof typeof modelFiles, string>> = {
  last: "the weights that the run ended with",
  best: "the run's best weights",
  initial: "the weights that the run started from",
};

/** A model from a run's folder, whose weights must have a checksum. */
async function checked(
  folder: string,
  which: keyof typeof modelFiles,
  expected: string,
  advice: string,
  on?: Backend,
): Promise<TrainedModel> {
  const path = join(folder, modelFiles[which]);
  const trained = decode(path, await read(path, advice), advice, on);
  if ((await weightsSha256(trained.weights)) === expected) return trained;
  throw new InklingError(
    "INVALID_DATA",
    `${path} does not hold ${meanings[which]}; it is damaged or another run's: ${advice}`,
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
