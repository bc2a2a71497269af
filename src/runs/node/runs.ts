import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { isHeld, type Lock, takeLock } from "../../base/node/lock.ts";
import { makeFolders } from "../../base/node/ownFolder.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import type { TrainingOrigin } from "../../training/index.ts";
import { modelFiles, RUN_FILE } from "../result.ts";
import { newestCheckpoint } from "./checkpoints.ts";
import { readRun } from "./runFile.ts";
import { RunFolder } from "./runFolder.ts";

const LOCK_FILE = "lock";

/** Locks a run folder. Throws `FILE_SYSTEM`. */
export const lockFolder = (folder: string): Promise<Lock> =>
  takeLock(join(folder, LOCK_FILE), { doing: `using the run folder ${folder}`, otherwise: "use another folder" });

/** Whether a running process has locked a folder. */
export const isLocked = (folder: string): Promise<boolean> => isHeld(join(folder, LOCK_FILE));

/**
 * Creates and locks the folder of a new run. Throws `FILE_SYSTEM` if it is not empty, cannot be created or written, or
 * is locked by another process.
 */
export async function createRun(path: string, origin: TrainingOrigin): Promise<RunFolder> {
  await makeFolders(path);
  await checkEmpty(path);
  const taken = await lockFolder(path);
  const lock: Lock = {
    ...taken,
    async release() {
      await taken.release();
      await rmdir(path).catch(() => {}); // fails, as it should, if the folder contains a run
    },
  };
  try {
    await checkEmpty(path);
  } catch (error) {
    await lock.release();
    throw error;
  }
  return new RunFolder({ path, lock, origin });
}

/**
 * Locks the folder of a run to resume it from its newest intact checkpoint. Throws `NOT_FOUND` if there is no run,
 * `FILE_SYSTEM` if another process has locked it, and `INVALID_DATA` or `UNKNOWN_FORMAT` for files that cannot be used.
 */
export async function resumeRun(path: string): Promise<RunFolder> {
  await checkStarted(path);
  await readRun(path); // throws before anything is written if there is no run
  const lock = await lockFolder(path);
  try {
    await removeTemporary(path);
    return new RunFolder({ path, lock, run: await readRun(path), ...(await newestCheckpoint(path)) });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The files left by a process that was killed before its run started. */
const isRemains = (name: string): boolean => name === LOCK_FILE || name === modelFiles.initial || name.endsWith(".tmp");

/** Throws `NOT_FOUND` for a folder of a run that was stopped while it was being prepared, and has nothing to resume. */
async function checkStarted(path: string): Promise<void> {
  const names: readonly string[] = await readdir(path).catch(() => []); // reading the run reports why it fails
  if (!names.includes(LOCK_FILE) || !names.every(isRemains) || (await isLocked(path))) return;
  throw new InklingError(
    "NOT_FOUND",
    `run ${path} was stopped before its first step, so there is nothing to resume; start it again with the same command, or with --out ${path}`,
  );
}

async function checkEmpty(path: string): Promise<void> {
  const names = await readdir(path).catch((cause) => {
    throw fileSystemError(path, "read", cause);
  });
  if (names.every(isRemains)) return;
  const advice = names.includes(RUN_FILE)
    ? `resume it with --resume ${path}, or choose another one with --out`
    : "choose another one with --out, or remove it";
  throw new InklingError("FILE_SYSTEM", `run folder ${path} is not empty; ${advice}`);
}

/** Removes temporary files left by a killed process, of any version: nobody else writes to a folder that is locked. */
async function removeTemporary(path: string): Promise<void> {
  for (const name of await readdir(path))
    if (name.endsWith(".tmp")) await rm(join(path, name), { recursive: true, force: true }).catch(() => {});
}
