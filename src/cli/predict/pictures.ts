import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { globBase, globPattern, isGlob } from "./glob.ts";

/** What is taken for a picture in folders: the name's end, whatever is in it. */
const PICTURE = /\.(png|jpe?g|webp)$/i;

/** The files that a user named: each as it is, a folder's pictures, and what matches a glob; `-` is standard input. */
export async function expandPictures(names: readonly string[]): Promise<readonly string[]> {
  const expanded: string[] = [];
  for (const name of names) {
    const files = name === "-" ? [name] : await filesOf(name);
    // What leads to nothing stays, to be named as unreadable.
    expanded.push(...(files.length === 0 ? [name] : files));
  }
  return expanded;
}

async function filesOf(name: string): Promise<readonly string[]> {
  const isFolder = await stat(name).then(
    (found) => found.isDirectory(),
    () => undefined,
  );
  if (isFolder === true) return (await filesBelow(name)).filter((path) => PICTURE.test(path));
  if (isFolder === false || !isGlob(name)) return [name];
  const pattern = globPattern(name);
  return (await filesBelow(globBase(name))).filter((path) => pattern.test(path));
}

/** All files below a folder, in order; hidden ones and links are left out. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const items = await readdir(folder, { withFileTypes: true }).catch(() => []);
  items.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const item of items) {
    if (item.name.startsWith(".")) continue;
    const path = join(folder, item.name);
    if (item.isDirectory()) files.push(...(await filesBelow(path)));
    else if (item.isFile()) files.push(path);
  }
  return files;
}

/** The bytes of a named file, or of standard input. Throws an error whose message says why not. */
export async function readPicture(name: string): Promise<Uint8Array> {
  if (name !== "-") return readFile(name).catch((cause: NodeJS.ErrnoException) => unreadable(name, cause));
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function unreadable(name: string, cause: NodeJS.ErrnoException): never {
  if (cause.code === "EISDIR") throw new Error("the folder has no .png, .jpg, .jpeg or .webp file", { cause });
  if (cause.code !== "ENOENT") throw cause;
  throw new Error(isGlob(name) ? "nothing matches it" : "it is not there", { cause });
}
