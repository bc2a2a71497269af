import { InklingError } from "./error.ts";
import { parseJsonText } from "./json.ts";
import { quoted } from "./printable.ts";

/** Inkling's version, the same as in package.json. */
export const VERSION = "0.1.0";

/** The current version of every file format, until one of them changes and needs a number of its own. */
export const FORMAT_VERSION = 1;

/** Throws `UNKNOWN_FORMAT`, saying what to do, unless a file's format version is supported. */
export function checkFormatVersion(version: unknown, what: string): void {
  if (version === FORMAT_VERSION) return;
  const found = version === undefined ? "it has no format version" : `its format version is ${quoted(version)}`;
  const advice =
    typeof version === "number" && version > FORMAT_VERSION
      ? "update Inkling"
      : "Inkling did not write it, or it is damaged";
  throw new InklingError(
    "UNKNOWN_FORMAT",
    `${what}: ${found}, but this version of Inkling reads ${FORMAT_VERSION}; ${advice}`,
  );
}

/**
 * Parses a JSON object and checks its `formatVersion`. Throws `INVALID_DATA`, with `advice` on what to do, if the text is
 * not a JSON object, and `UNKNOWN_FORMAT` if the version is not supported.
 */
export function parseVersioned(json: string, what: string, advice: string): Readonly<Record<string, unknown>> {
  const refused = (problem: string, cause?: unknown) =>
    new InklingError("INVALID_DATA", `${what} ${problem}; ${advice}`, { cause });
  let value: unknown;
  try {
    value = parseJsonText(json);
  } catch (cause) {
    throw refused(`is not valid JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refused("is not a JSON object");
  const object = value as Readonly<Record<string, unknown>>;
  checkFormatVersion(object["formatVersion"], what);
  return object;
}
