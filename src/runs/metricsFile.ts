import * as v from "valibot";
import { parseConfig } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { checkFormatVersion, FORMAT_VERSION } from "../base/formatVersion.ts";
import { parseJsonText } from "../base/json.ts";
import type { ValidationEvent } from "../training/index.ts";

/** The file of a run with a line of JSON for each validation. */
export const METRICS_FILE = "metrics.jsonl";

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

/** A validation as a line. */
export const formatMetrics = ({ confusion: _, ...event }: ValidationEvent): string =>
  `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...event })}\n`;

/**
 * The validations in a file, in order. An incomplete last line is ignored. Throws `INVALID_DATA` naming a damaged line, and
 * `UNKNOWN_FORMAT` if the version is not supported.
 */
export const parseMetrics = (bytes: Uint8Array, path: string): readonly ValidationEvent[] =>
  new TextDecoder()
    .decode(bytes)
    .split("\n")
    .slice(0, -1)
    .map((line, i) => parseLine(line, `${path} line ${i + 1}`));

function parseLine(line: string, where: string): ValidationEvent {
  let json: unknown;
  try {
    json = parseJsonText(line);
  } catch {
    throw new InklingError(
      "INVALID_DATA",
      `${where} is not valid JSON; remove the line, which the weights do not depend on`,
    );
  }
  checkFormatVersion((json as { formatVersion?: unknown } | null)?.formatVersion, where);
  return parseConfig(schema, json, where, "INVALID_DATA");
}
