import { existsSync } from "node:fs";
import { InklingError } from "../base/error.ts";

/** Throws `INVALID_ARGUMENT` if the file that a command is to write is there, and may not be replaced. */
export function checkNewFile(path: string, force: boolean): void {
  if (existsSync(path) && !force)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${path} already exists; choose another file, or replace it with --force`,
    );
}
