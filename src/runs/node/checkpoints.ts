import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { read, syncFolder } from "../../base/node/readFile.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { Weights } from "../../engine/feed.ts";
import { weightsOf } from "../../engine/session.ts";
import { TrainedModel } from "../../evaluation/trainedModel.ts";
import { inferenceGraph } from "../../model/build.ts";
import type { Checkpoint } from "../../training/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../checkpointFile.ts";
import { noBest, type RunModel, type WhichWeights } from "./record.ts";

const fileName = (step: number): string => `checkpoint-${step}.safetensors`;
const stepOf = (name: string): number => Number(/^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? Number.NaN);

/** The steps of the checkpoints in a folder, newest first. */
async function stepsIn(folder: string): Promise<readonly number[]> {
  const steps = (await readdir(folder)).map(stepOf).filter((step) => !Number.isNaN(step));
  return steps.sort((a, b) => b - a);
}

/** Writes a checkpoint, named by its step, then removes all but it and the previous one. Throws `FILE_SYSTEM`. */
export async function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  before: number | undefined,
): Promise<void> {
  await writeFileAtomic(join(folder, fileName(checkpoint.step)), await encodeCheckpoint(checkpoint));
  await syncFolder(folder);
  for (const step of await stepsIn(folder))
    if (step !== checkpoint.step && step !== before) await rm(join(folder, fileName(step)), { force: true });
}

/** A checkpoint, and what is wrong with each newer one that is damaged. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint | undefined;
  readonly damaged: readonly string[];
}

/**
 * The newest intact checkpoint; undefined if none was written. Throws `INVALID_DATA` if all are damaged, and
 * `UNKNOWN_FORMAT` if the newest was written by a later version of Inkling.
 */
export async function newestCheckpoint(folder: string): Promise<FoundCheckpoint> {
  const damaged: string[] = [];
  for (const step of await stepsIn(folder)) {
    const path = join(folder, fileName(step));
    try {
      return { checkpoint: await decodeCheckpoint(await read(path, "another process removed it")), damaged };
    } catch (error) {
      if (!(error instanceof InklingError) || error.code === "UNKNOWN_FORMAT" || error.code === "FILE_SYSTEM")
        throw error;
      damaged.push(`${path}: ${error.message}`);
    }
  }
  if (damaged.length === 0) return { checkpoint: undefined, damaged };
  throw new InklingError(
    "INVALID_DATA",
    `run ${folder}: all checkpoints are damaged (${damaged[0]}); restore a copy, or remove the checkpoint files to train from the first step`,
  );
}

/** The model of a checkpoint, with the given weights or, by default, its own. */
export function trainedAt({ identity, preparation, state }: Checkpoint, on?: Backend, weights?: Weights): TrainedModel {
  const names = inferenceGraph(identity.model).weights.map(({ tensor }) => tensor.name);
  return new TrainedModel(identity.model, weights ?? weightsOf(state, names), on, preparation);
}

/**
 * The model of a run's newest checkpoint, or that of its best validation so far. Throws `NOT_FOUND` if there is none.
 */
export async function checkpointModel(folder: string, which: WhichWeights, on?: Backend): Promise<RunModel> {
  const { checkpoint } = await newestCheckpoint(folder);
  if (!checkpoint)
    throw new InklingError(
      "NOT_FOUND",
      `run ${folder} has no model yet: it stopped before its first checkpoint; resume with: inkling train --resume ${folder}`,
    );
  if (which === "last") return { step: checkpoint.step, trained: trainedAt(checkpoint, on) };
  const { best: weights, monitor } = checkpoint;
  if (!weights || !monitor?.best) throw noBest(folder);
  return { step: monitor.best.step, trained: trainedAt(checkpoint, on, weights) };
}
