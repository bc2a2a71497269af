import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InklingError } from "../error.ts";
import { fileSystemError } from "./systemError.ts";

/** A folder of this process, for files that are needed for a while. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes it with all that is in it. */
  remove(): Promise<void>;
}

/** Makes an empty folder among the system's temporary files. Throws `FILE_SYSTEM` if that is not possible. */
export async function temporaryFolder(purpose: string): Promise<TemporaryFolder> {
  try {
    const path = await mkdtemp(join(tmpdir(), `inkling-${purpose}-`));
    return { path, remove: () => rm(path, { recursive: true, force: true }) };
  } catch (cause) {
    const { code, message } = fileSystemError(join(tmpdir(), `inkling-${purpose}`), "created", cause);
    throw new InklingError(code, `${message}; set TMPDIR to a folder for temporary files`, { cause });
  }
}
