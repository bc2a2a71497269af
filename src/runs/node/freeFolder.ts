import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { makeFolders } from "../../base/node/ownFolder.ts";

/** PARENT/RECIPE-SOURCE-N with the first unused number, created here so that no other process takes it. */
export async function freeFolder(parent: string, recipe: { readonly name: string }, source: string): Promise<string> {
  const stem =
    basename(source)
      .replace(/\.(tar\.gz|tgz|tar|inkling)$/, "")
      .replaceAll(/[^\w-]+/g, "-") || "data";
  await makeFolders(parent).catch(() => {}); // whoever uses the path reports why it fails
  for (let n = 1; ; n++) {
    const path = join(parent, `${recipe.name}-${stem}-${n}`);
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return path;
    }
  }
}
