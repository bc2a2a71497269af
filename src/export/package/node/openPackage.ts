import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InklingError } from "../../../base/error.ts";
import type { Classifier } from "../runtime.ts";

/** An exported package that runs here. */
export interface RunningPackage extends Classifier {
  /** Removes its copy. */
  remove(): Promise<void>;
}

/** Imports a package from its files, in a temporary folder. Throws `INVALID_DATA` if it cannot be imported. */
export async function openPackage(
  files: readonly { readonly name: string; readonly contents: string | Uint8Array }[],
): Promise<RunningPackage> {
  const folder = await mkdtemp(join(tmpdir(), "inkling-package-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    for (const { name, contents } of files) await writeFile(join(folder, name), contents);
    const { labels, classify, logits } = await import(pathToFileURL(join(folder, "index.node.js")).href);
    return { labels, classify, logits, remove };
  } catch (cause) {
    await remove();
    throw new InklingError("INVALID_DATA", `package: it cannot be imported: ${(cause as Error).message}`, { cause });
  }
}
