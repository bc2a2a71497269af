import { InklingError } from "./error.ts";

/** The version of every format that is written; all of them count for themselves from here. */
export const FORMAT_VERSION = 1;

/** Throws `UNKNOWN_FORMAT`, saying what to do, unless a file's format version is one that is read here. */
export function checkFormatVersion(version: unknown, what: string): void {
  if (version === FORMAT_VERSION) return;
  const found =
    version === undefined ? "it says no format version" : `its format version is ${JSON.stringify(version)}`;
  const advice =
    typeof version === "number" && version > FORMAT_VERSION
      ? "update Inkling"
      : "Inkling did not write it, or it is damaged";
  throw new InklingError("UNKNOWN_FORMAT", `${what}: ${found}, this Inkling reads ${FORMAT_VERSION}; ${advice}`);
}
