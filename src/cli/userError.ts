import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { InklingError } from "../base/error.ts";

/** The folder of Inkling's own code: src, or dist. */
const INKLING = fileURLToPath(new URL("../", import.meta.url));

const isOthers = (file: string): boolean => file.startsWith(INKLING) || file.includes("/node_modules/jiti/");

/** The files in an error's stack, innermost first: `/home/me/recipe.ts:10:15`. */
function framesOf({ stack = "" }: Error): readonly string[] {
  const frames = stack.split("\n").flatMap((line) => /^ +at (?:.*\()?(.*:\d+:\d+)\)?$/.exec(line)?.[1] ?? []);
  return frames
    .filter((frame) => !frame.startsWith("node:"))
    .map((frame) => (frame.startsWith("file:") ? fileURLToPath(frame) : frame));
}

/** The file and the line. The column is that of compiled code, whose lines alone are those of the file. */
const shown = (frame: string): string => {
  const place = frame.replace(/:\d+$/, "");
  const short = relative(process.cwd(), place);
  return short.startsWith("..") ? place : short;
};

/** Where a user's own code threw an error, as file:line; undefined if Inkling threw it. */
export function thrownByUser(error: Error): string | undefined {
  const [innermost] = framesOf(error);
  return innermost === undefined || isOthers(innermost) ? undefined : shown(innermost);
}

/** An error of a file that a user wrote, with the line of it that was running. */
export function errorIn(path: string, thrown: unknown): InklingError {
  if (!(thrown instanceof Error)) return new InklingError("INVALID_MODEL", `${path}: it threw ${String(thrown)}`);
  const frame = framesOf(thrown).find((frame) => !isOthers(frame));
  const where = frame === undefined ? path : shown(frame);
  const { name, message } = thrown;
  if (thrown instanceof InklingError) return new InklingError(thrown.code, `${where}: ${message}`, { cause: thrown });
  // A syntax error says on its second line where it is.
  const lines = message.split("\n").slice(0, 2);
  const text = lines.map((line) => line.trim()).join(" ");
  return new InklingError("INVALID_MODEL", `${where}: ${name === "Error" ? "" : `${name}: `}${text}`, {
    cause: thrown,
  });
}
