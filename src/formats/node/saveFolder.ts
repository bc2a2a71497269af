import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { imageFiles } from "./imageFiles.ts";

/** Files written at the same time. */
const AT_ONCE = 16;

/** Writes PNG files, a folder a class, beside the place, and renames the whole. Throws `FILE_SYSTEM` where it is taken. */
export async function saveFolder(dataset: Dataset, path: string): Promise<void> {
  const beside = `${path.replace(/[/\\]+$/, "")}.${randomUUID()}.tmp`;
  try {
    const files = imageFiles(dataset);
    const first = files.next();
    await mkdir(beside);
    for (const name of dataset.classNames) await mkdir(join(beside, name));
    let writing: Promise<void>[] = [];
    for (let next = first; !next.done; next = files.next()) {
      writing.push(writeFile(join(beside, next.value.name), next.value.bytes));
      if (writing.length < AT_ONCE) continue;
      await Promise.all(writing);
      writing = [];
    }
    await Promise.all(writing);
    await rmdir(path).catch(() => {}); // an empty folder gives way; anything else makes the rename fail
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { recursive: true, force: true });
    if (cause instanceof InklingError) throw cause;
    throw new InklingError("FILE_SYSTEM", `${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
