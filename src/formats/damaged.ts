import { InklingError } from "../base/error.ts";

/** The error of a file whose contents contradict its format; `what` names the file or the format. */
export const damaged = (what: string, problem: string, cause?: unknown): InklingError =>
  new InklingError("INVALID_DATA", `${what}: ${problem}; the file is damaged or truncated: fetch or make it again`, {
    cause,
  });

/** The error of a file that is whole, but has what is not read. */
export const invalid = (what: string, problem: string): InklingError =>
  new InklingError("INVALID_DATA", `${what}: ${problem}`);
