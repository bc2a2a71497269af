import type { Entry } from "./format.ts";
import { MAX_FILE_BYTES, TOO_LARGE } from "./imageFiles.ts";
import type { Folder, Source } from "./platform.ts";

/* Where the files of a list are. */

/** The folder in which the images of a list are saved. */
export const folderName = (name: string): string => name.replace(/\.[^./\\]+$/, "");

/** Reads a listed file. One that does not exist, or is outside the list's folder, is not read, and is skipped later. */
export async function readListed(folder: Folder | undefined, name: string): Promise<Pick<Entry, "bytes" | "unread">> {
  const bytes = new Uint8Array();
  if (URL.test(name)) return { bytes, unread: "URLs are not fetched: download the file, and list its path" };
  if (isAbsolute(name)) return { bytes, unread: "its path is absolute: write it relative to the list" };
  if (name.split("/").includes("..")) return { bytes }; // such names are rejected later
  if (!folder) return { bytes, unread: "it was not given together with its list" };
  try {
    const found = await entryOf(folder, name);
    const unread = typeof found === "string" ? found : found.size > MAX_FILE_BYTES ? TOO_LARGE : undefined;
    return typeof found === "string" || unread ? { bytes, unread } : { bytes: await found.bytes() };
  } catch (cause) {
    const isMissing = MISSING.includes((cause as { code?: string }).code ?? (cause as Error).name);
    return { bytes, unread: isMissing ? "it does not exist" : `it cannot be read: ${(cause as Error).message}` };
  }
}

const URL = /^[a-z][a-z0-9+.-]+:\/\//i;
/** Whether a path with slashes is absolute, on any system. */
export const isAbsolute = (path: string): boolean => /^([a-z]:)?\//i.test(path);

/** How file systems call the error of a file that does not exist. */
const MISSING: readonly string[] = ["ENOENT", "ENOTDIR", "NotFoundError"];
/** The most folders that are searched for the first file of a list. */
const MAX_SEARCHED = 100;
/** The most folders in an absolute path whose beginning is looked for. */
const MAX_STEPS = 50;

/** Whether a folder has a file of this name. */
const hasFile = (folder: Folder, name: string): Promise<boolean> =>
  entryOf(folder, name).then(
    (found) => typeof found !== "string",
    () => false,
  );

/**
 * The folder beside a list in which its files are, by the first of them, as in Kaggle's images/ with labels.csv: "" if that
 * is where the list is, or in no folder. Of several, that with the name of the list is taken.
 */
export async function folderOf({ folder, name: list }: Source, first: string): Promise<string> {
  if (!folder || isAbsolute(first) || first.split("/").includes("..")) return "";
  if (await hasFile(folder, first)) return "";
  const found: string[] = [];
  for (const name of (await folder.names()).slice(0, MAX_SEARCHED))
    if (!name.startsWith(".") && (await hasFile(folder, `${name}/${first}`))) found.push(name);
  const own = found.find((name) => name === folderName(list));
  return own ?? (found.length === 1 ? found[0]! : "");
}

/**
 * The beginning of an absolute path that stands for the folder of the list, such as `/home/me/birds/`, which may have been
 * moved since the list was written: the shortest without which the path leads to a file in that folder. Undefined if none does.
 */
export async function rootOf(folder: Folder | undefined, path: string): Promise<string | undefined> {
  const steps = path.split("/");
  if (!folder || steps.includes("..") || steps.length > MAX_STEPS) return undefined;
  for (let at = 1; at < steps.length; at++)
    if (await hasFile(folder, steps.slice(at).join("/"))) return `${steps.slice(0, at).join("/")}/`;
  return undefined;
}

/** The file of a name, or of another Unicode form of it: systems differ in which one they write. */
async function entryOf(folder: Folder, name: string): Promise<Source | string> {
  const forms = new Set([name, name.normalize("NFC"), name.normalize("NFD")]);
  let failure: unknown;
  for (const form of forms) {
    try {
      return await folder.entry(form);
    } catch (cause) {
      failure ??= cause;
    }
  }
  throw failure;
}
