import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InklingError } from "../../tensor/error.ts";
import type { Dataset } from "../dataset.ts";
import { checkImageOptions } from "../image.ts";
import type { OpenOptions } from "./format.ts";
import { formats } from "./formats.ts";

/** The built-in letters. Sources and what is built from them stand equally deep in the package. */
const LETTERS = fileURLToPath(new URL("../../../data/letters.inkling", import.meta.url));

/**
 * Opens a data set: the word `letters` for the built-in one, or a path to a folder or a .tar.gz, .tgz or .tar
 * archive with a folder of PNG, JPEG or WebP images for each class, or to an .inkling file. Files are told apart by
 * their contents. Unreadable images are left out and named in `skipped`.
 *
 * Throws `NOT_FOUND`, `UNKNOWN_FORMAT`, `INVALID_DATA` (damaged, no images, one class only, images of different sizes
 * without `resize`), `INVALID_ARGUMENT` for options, `FILE_SYSTEM`, and `ABORTED`.
 */
export async function openDataset(source: string, options: OpenOptions = {}): Promise<Dataset> {
  checkImageOptions(options);
  if (options.signal?.aborted)
    throw new InklingError("ABORTED", `opening ${source} was stopped`, { cause: options.signal.reason });
  const path = source === "letters" ? LETTERS : source;
  const { head, isFolder } = await look(path, source);
  const format = formats.find(({ matches }) => matches(head, isFolder));
  if (format) return format.open(path, options);
  const known = formats.map(({ name }) => name).join(", ");
  const what = head.length === 0 ? "is empty" : "is of no form that is read";
  throw new InklingError("UNKNOWN_FORMAT", `${path} ${what}; give letters, ${known}`);
}

/** The first bytes of a file, or that it is a folder. */
async function look(path: string, source: string): Promise<{ head: Uint8Array; isFolder: boolean }> {
  try {
    if ((await stat(path)).isDirectory()) return { head: new Uint8Array(), isFolder: true };
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(512), 0, 512, 0);
      return { head: buffer.subarray(0, bytesRead), isFolder: false };
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR")
      throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${message}`, { cause });
    const advice =
      source === "letters"
        ? "the built-in letters belong there: install inkling again"
        : `there is nothing at ${resolve(path)}: give letters for the built-in data set, or the path of a folder, a .tar.gz archive or an .inkling file`;
    throw new InklingError("NOT_FOUND", `data set ${source} is not found at ${path}; ${advice}`, { cause });
  }
}
