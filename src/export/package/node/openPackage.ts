import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InklingError } from "../../../base/error.ts";
import { temporaryFolder } from "../../../base/node/temporaryFolder.ts";
import { writeFilesAtomic } from "../../../base/node/writeFile.ts";
import type { Classifier } from "../runtime.ts";

/** An exported package that runs here. */
export interface RunningPackage extends Classifier {
  /** Removes its copy. */
  remove(): Promise<void>;
}

/**
 * Imports a package from its files, in a temporary folder. Throws `INVALID_DATA` if it cannot be imported, and `FILE_SYSTEM` if
 * there is no room for it.
 */
export async function openPackage(
  files: readonly { readonly name: string; readonly contents: string | Uint8Array }[],
): Promise<RunningPackage> {
  const folder = await temporaryFolder("package");
  const remove = () => folder.remove();
  try {
    await writeFilesAtomic(folder.path, files);
    const { labels, classify, logits } = await import(pathToFileURL(join(folder.path, "index.node.js")).href);
    return { labels, classify, logits, remove };
  } catch (cause) {
    await remove();
    if (cause instanceof InklingError) throw cause;
    throw new InklingError("INVALID_DATA", `package: it cannot be imported: ${(cause as Error).message}`, { cause });
  }
}
