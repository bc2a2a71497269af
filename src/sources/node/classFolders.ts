import { InklingError } from "../../base/error.ts";
import { isPictureName } from "../../formats/columns.ts";
import { folder } from "../../formats/folder.ts";
import { isHidden } from "../../formats/imageFiles.ts";
import { readPattern } from "../classPattern.ts";
import { readLayout } from "../layout.ts";
import { placeAt } from "./files.ts";

/**
 * The classes of a folder of pictures, as the names of its files and folders say, without reading any of them. Undefined
 * for any other source, and for a folder whose names do not say it.
 */
export async function classFolders(path: string, pattern?: string): Promise<readonly string[] | undefined> {
  const place = await placeAt(path).catch(() => undefined);
  if (place?.kind !== "folder") return undefined;
  const nothing = new Uint8Array();
  const glimpse = { name: place.name, head: nothing, inner: nothing, names: await place.names() };
  if (!folder.matches(glimpse)) return undefined;
  const pictures: string[] = [];
  for await (const name of place.walk()) if (isPictureName(name) && !isHidden(name)) pictures.push(name);
  const classes = classesIn(pictures, path, pattern);
  return classes.length > 0 ? classes : undefined;
}

function classesIn(pictures: readonly string[], path: string, pattern: string | undefined): readonly string[] {
  try {
    const { placements } = pattern === undefined ? readLayout(pictures, path) : readPattern(pictures, pattern);
    return [...new Set(placements.flatMap((found) => (typeof found === "string" ? [] : [found.className])))].sort();
  } catch (error) {
    if (error instanceof InklingError) return []; // which reading reports
    throw error;
  }
}
