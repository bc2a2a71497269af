import { readdir, stat } from "node:fs/promises";
import { join, normalize } from "node:path";
import { InklingError } from "../../base/error.ts";
import { contentsOf, readBounded } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import { FILE_EXTENSIONS } from "../../image/header.ts";

/** File name extensions of pictures in folders, also of those that cannot be read, so that they are named. */
const PICTURE = new RegExp(`\\.(${FILE_EXTENSIONS}|avif|hei[cf]|jxl|jp2|psd|ico|svg|pdf)$`, "i");

const WILDCARD = /[*?[{]/;

/**
 * The files that a user named: single files, the pictures in folders, and the matches of globs; `-` is standard input.
 *
 * In a glob `*` and `?` stand for characters of one name, `**` for any folders, `[a-z]` and `[!a-z]` for one character,
 * `{png,jp{e,}g}` and `{01..12}` for each alternative; a backslash takes the next character as it is. Names that begin
 * with a dot match only where the glob has that dot. A file with such characters in its name is taken as it is.
 */
export async function expandPictures(names: readonly string[]): Promise<readonly string[]> {
  const expanded: string[] = [];
  for (const name of names) {
    const files = name === "-" ? [name] : await filesOf(name);
    // A path that matches nothing is kept, to be reported as unreadable.
    expanded.push(...(files.length === 0 ? [name] : files));
  }
  return expanded;
}

async function filesOf(name: string): Promise<readonly string[]> {
  const isFolder = await stat(name).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  if (isFolder) return filesBelow(name, { takes: (path) => PICTURE.test(path), enters: () => true, hidden: false });
  if (isFolder === false || !WILDCARD.test(name)) return [name];
  const { Minimatch } = await import("minimatch");
  const glob = new Minimatch(normalize(name), { nonegate: true, nocomment: true, noext: true });
  return filesBelow(globBase(name), {
    takes: (path) => glob.match(path),
    enters: (path) => glob.match(path, true),
    hidden: true,
  });
}

/** The folder that contains a glob's matches: its segments before the first with a special character. */
function globBase(glob: string): string {
  const parts = glob.split("/");
  const literal = parts.slice(
    0,
    parts.findIndex((part) => WILDCARD.test(part) || part.includes("\\")),
  );
  return literal.join("/") || (glob.startsWith("/") ? "/" : ".");
}

interface Walk {
  readonly takes: (file: string) => boolean;
  readonly enters: (folder: string) => boolean;
  /** Whether to include names that begin with a dot. */
  readonly hidden: boolean;
}

/** Files in a folder and its subfolders, sorted by name; links are skipped, so that the walk cannot loop. */
async function filesBelow(folder: string, walk: Walk): Promise<readonly string[]> {
  const items = await readdir(folder, { withFileTypes: true }).catch(() => []);
  items.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const item of items) {
    if (item.name.startsWith(".") && !walk.hidden) continue;
    const path = join(folder, item.name);
    if (item.isDirectory() && walk.enters(path)) files.push(...(await filesBelow(path, walk)));
    else if (item.isFile() && walk.takes(path)) files.push(path);
  }
  return files;
}

/** The most bytes of a picture file. */
const MAX_BYTES = 2 ** 28;
const TOO_LARGE = `the file is larger than ${MAX_BYTES} bytes`;

/** The bytes of a named file, or of standard input. Throws an error that says why it cannot be read. */
export async function readPicture(name: string): Promise<Uint8Array> {
  if (name === "-") return readBounded(process.stdin, "standard input");
  try {
    if ((await stat(name)).size > MAX_BYTES) throw new InklingError("INVALID_DATA", TOO_LARGE);
    return await contentsOf(name, { pipe: true });
  } catch (cause) {
    throw new Error(whyUnreadable(name, cause as NodeJS.ErrnoException), { cause });
  }
}

function whyUnreadable(name: string, cause: NodeJS.ErrnoException): string {
  if (cause.code === "EISDIR") return "the folder has no picture: no .png, .jpg, .webp, .gif, .bmp or .tif file";
  if (cause.code === "ENOENT" && WILDCARD.test(name)) return "no file matches";
  // Whoever reports it names the file.
  return fileSystemError(name, "read", cause).message.replace(`${name} cannot be read: `, "");
}
