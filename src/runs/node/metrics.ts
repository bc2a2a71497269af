import { open } from "node:fs/promises";
import { join } from "node:path";
import type { InklingError } from "../../base/error.ts";
import { read } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { ValidationEvent } from "../../training/index.ts";
import { formatMetrics, METRICS_FILE, parseMetrics } from "../metricsFile.ts";

/** Appends a validation to a run's metrics; resolves once it is on disk. Throws `FILE_SYSTEM`. */
export async function appendMetrics(folder: string, event: ValidationEvent): Promise<void> {
  const path = join(folder, METRICS_FILE);
  try {
    const file = await open(path, "a");
    try {
      await file.writeFile(formatMetrics(event));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileSystemError(path, "written", cause);
  }
}

/**
 * The validations of a run, in order; empty if there is no file. An incomplete last line is ignored. Throws
 * `INVALID_DATA` naming a damaged line, and `UNKNOWN_FORMAT` if the version is not supported.
 */
export async function readMetrics(folder: string): Promise<readonly ValidationEvent[]> {
  const path = join(folder, METRICS_FILE);
  const bytes = await read(path, "").catch((error: InklingError) => {
    if (error.code === "NOT_FOUND") return new Uint8Array();
    throw error;
  });
  return parseMetrics(bytes, path);
}

/** Removes validations from a step on, for a run that resumes there and repeats them. Throws as `readMetrics` does. */
export async function cutMetrics(folder: string, firstStep: number): Promise<void> {
  const kept = (await readMetrics(folder)).filter(({ step }) => step < firstStep);
  await writeFileAtomic(join(folder, METRICS_FILE), kept.map(formatMetrics).join(""));
}
