import { open } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { parseConfig } from "../../base/config.ts";
import { InklingError } from "../../base/error.ts";
import { checkFormatVersion, FORMAT_VERSION } from "../../base/formatVersion.ts";
import { fileSystemError, read } from "../../base/node/readFile.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { ValidationEvent } from "../../training/index.ts";

const METRICS_FILE = "metrics.jsonl";

const number = v.number("a number");
const schema = v.object({
  type: v.literal("validation", "validation"),
  step: number,
  minibatchLoss: number,
  minibatchAccuracy: number,
  // Absent in older runs.
  images: v.optional(number, 0),
  loss: number,
  accuracy: number,
  isBest: v.optional(v.boolean("true or false"), false),
});

const lineOf = (event: ValidationEvent): string => `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...event })}\n`;

/** Appends a validation to a run's metrics; resolves once it is on disk. Throws `FILE_SYSTEM`. */
export async function appendMetrics(folder: string, event: ValidationEvent): Promise<void> {
  const path = join(folder, METRICS_FILE);
  try {
    const file = await open(path, "a");
    try {
      await file.writeFile(lineOf(event));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileSystemError(`${path} cannot be written`, cause);
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
  const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
  return lines.map((line, i) => parseLine(line, `${path} line ${i + 1}`));
}

function parseLine(line: string, where: string): ValidationEvent {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new InklingError(
      "INVALID_DATA",
      `${where} is not valid JSON; remove the line, which the weights do not depend on`,
    );
  }
  checkFormatVersion((json as { formatVersion?: unknown } | null)?.formatVersion, where);
  return parseConfig(schema, json, where, "INVALID_DATA");
}

/** Removes validations from a step on, for a run that resumes there and repeats them. Throws as `readMetrics` does. */
export async function cutMetrics(folder: string, firstStep: number): Promise<void> {
  const kept = (await readMetrics(folder)).filter(({ step }) => step < firstStep);
  await writeFileAtomic(join(folder, METRICS_FILE), kept.map(lineOf).join(""));
}
