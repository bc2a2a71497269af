import { readFile } from "node:fs/promises";
import { InklingError } from "../../base/error.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { type Fixes, formatFixes, parseFixes } from "../fixes.ts";

/** Reads a fixes file. Throws `NOT_FOUND`, `FILE_SYSTEM`, and what {@link parseFixes} throws. */
export async function readFixes(path: string): Promise<Fixes> {
  const json = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT")
      throw new InklingError("NOT_FOUND", `${path} is not there; write fixes with: inkling data audit`, { cause });
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${cause.message}`, { cause });
  });
  return parseFixes(json, path);
}

/** Writes a fixes file. Throws `FILE_SYSTEM`. */
export const writeFixes = (path: string, fixes: Fixes): Promise<void> => writeFileAtomic(path, formatFixes(fixes));
