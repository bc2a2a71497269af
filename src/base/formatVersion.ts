import { InklingError } from "./error.ts";

/** Inkling's version, as package.json has it. */
export const VERSION = "0.1.0";

/** The version of every format that is written; all of them count for themselves from here. */
export const FORMAT_VERSION = 1;

/** Throws `UNKNOWN_FORMAT`, saying what to do, unless a file's format version is one that is read here. */
export function checkFormatVersion(version: unknown, what: string): void {
  if (version === FORMAT_VERSION) return;
  const found = version === undefined ? "it has no format version" : `its format version is ${JSON.stringify(version)}`;
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
 * The object in a JSON text, after its format version is found to be one that is read here. Throws `INVALID_DATA` where
 * there is no object, with `advice` for what to do, and `UNKNOWN_FORMAT`.
 */
export function parseVersioned(json: string, what: string, advice: string): Readonly<Record<string, unknown>> {
  const refused = (problem: string, cause?: unknown) =>
    new InklingError("INVALID_DATA", `${what} ${problem}; ${advice}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw refused(`is not valid JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refused("is not a JSON object");
  const object = value as Readonly<Record<string, unknown>>;
  checkFormatVersion(object["formatVersion"], what);
  return object;
}
