import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import { UnknownTypeError } from "../../base/registry.ts";
import type { RunRecord } from "../record.ts";
import { RUN_FILE } from "../result.ts";
import { newestCheckpoint } from "./checkpoints.ts";
import { readRun } from "./runFile.ts";
import { isLocked } from "./runs.ts";

/** An entry in a list of runs. */
export interface ListedRun {
  readonly path: string;
  /**
   * `running` in some process; `stopped` before its end; `finished`; `needs an extension` that is not loaded; or
   * `damaged`, if it cannot be read.
   */
  readonly status: "running" | "stopped" | "finished" | "needs an extension" | "damaged";
  /** Steps done and saved. */
  readonly step: number;
  readonly run?: RunRecord;
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** The runs in a folder, sorted by name; or the folder itself, if it is a run. Throws `FILE_SYSTEM` or `NOT_FOUND`. */
export async function listRuns(folder: string): Promise<readonly ListedRun[]> {
  const own = await namesIn(folder);
  if (own.includes(RUN_FILE)) return [await look(folder)];
  const runs: ListedRun[] = [];
  for (const name of own.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    const path = join(folder, name);
    if ((await namesIn(path).catch((): readonly string[] => [])).includes(RUN_FILE)) runs.push(await look(path));
  }
  return runs;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT")
      throw new InklingError("NOT_FOUND", `${folder} does not exist; specify a folder that contains runs`, { cause });
    throw fileSystemError(folder, "read", cause);
  }
}

async function look(path: string): Promise<ListedRun> {
  try {
    const run = await readRun(path);
    if (run.result) return { path, status: "finished", step: run.result.steps, run };
    const { checkpoint } = await newestCheckpoint(path);
    return { path, status: (await isLocked(path)) ? "running" : "stopped", step: checkpoint?.step ?? 0, run };
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    const status = error instanceof UnknownTypeError ? "needs an extension" : "damaged";
    return { path, status, step: 0, problem: error.message };
  }
}
