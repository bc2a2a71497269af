import { cpus } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { formatRecord, type Host, parseRecord, type RunRecord } from "../record.ts";
import { RUN_FILE } from "../result.ts";
import { readRecord } from "./record.ts";

/** This process. */
export const nodeHost = (): Host => ({
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpu: cpus()[0]?.model.trim() || "unknown",
});

/** Writes a run's record. Throws `FILE_SYSTEM`. */
export const writeRun = (folder: string, run: RunRecord): Promise<void> =>
  writeFileAtomic(join(folder, RUN_FILE), formatRecord(run));

/**
 * Reads a run's record, without its weights. Throws `NOT_FOUND`, `INVALID_DATA` if it is damaged, and `UNKNOWN_FORMAT`
 * if its version is not supported.
 */
export const readRun = async (folder: string): Promise<RunRecord> =>
  parseRecord(await readRecord(folder), join(folder, RUN_FILE));
