import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";

/** PARENT/RECIPE-SOURCE-N with the first unused number, created here so that no other process takes it. */
export function freeFolder(parent: string, recipe: { readonly name: string }, source: string): string {
  const stem =
    basename(source)
      .replace(/\.(tar\.gz|tgz|tar|inkling)$/, "")
      .replaceAll(/[^\w-]+/g, "-") || "data";
  for (let n = 1; ; n++) {
    const path = join(parent, `${recipe.name}-${stem}-${n}`);
    try {
      mkdirSync(parent, { recursive: true });
      mkdirSync(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return path; // whoever uses it reports why it fails
    }
  }
}
