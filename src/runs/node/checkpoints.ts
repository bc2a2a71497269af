import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { read, syncFolder } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { Checkpoint } from "../../training/index.ts";
import {
  checkpointName,
  checkpointSteps,
  encodeCheckpoint,
  type FoundCheckpoint,
  newestIntact,
  trainedAt,
} from "../checkpointFile.ts";
import { noBest, type RunModel, type WhichWeights } from "./record.ts";

/** The steps of the checkpoints in a folder, newest first. */
const stepsIn = async (folder: string): Promise<readonly number[]> => checkpointSteps(await readdir(folder));

/**
 * Writes a checkpoint, named by its step, then removes all but it and the previous one. Returns why that failed for any of
 * them, which does no harm. Throws `FILE_SYSTEM` if the checkpoint cannot be written.
 */
export async function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  before: number | undefined,
): Promise<readonly string[]> {
  await writeFileAtomic(join(folder, checkpointName(checkpoint.step)), await encodeCheckpoint(checkpoint));
  await syncFolder(folder);
  const remarks: string[] = [];
  const steps = await stepsIn(folder).catch((): readonly number[] => []);
  for (const step of steps.filter((step) => step !== checkpoint.step && step !== before)) {
    const path = join(folder, checkpointName(step));
    await rm(path, { force: true }).catch((cause) => {
      remarks.push(`${fileSystemError(path, "removed", cause).message}; the training goes on`);
    });
  }
  return remarks;
}

/**
 * The newest intact checkpoint of a run's folder. Throws as {@link newestIntact} does.
 */
export const newestCheckpoint = async (folder: string): Promise<FoundCheckpoint> =>
  newestIntact(await readdir(folder), {
    run: `run ${folder}`,
    pathOf: (name) => join(folder, name),
    read: (name) => read(join(folder, name), "another process removed it"),
  });

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
