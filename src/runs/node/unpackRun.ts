import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { makeFolders } from "../../base/node/ownFolder.ts";
import { read } from "../../base/node/readFile.ts";
import { writeFilesAtomic } from "../../base/node/writeFile.ts";
import { isZip } from "../../formats/zipReader.ts";
import { PortableRun } from "../portableRun.ts";
import { RUN_FILE } from "../result.ts";

/**
 * The folder of a run: a folder as it is; a file that `PortableRun.encode` has made is unpacked beside itself, into a folder
 * of its name without the extension. Throws `FILE_SYSTEM` if that folder has a run already or cannot be written, `INVALID_DATA` for
 * another file, and as {@link PortableRun.open} does.
 */
export async function unpackedRun(path: string): Promise<string> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const bytes = new Uint8Array(await read(path, "specify the file of a run"));
  if (!isZip(bytes))
    throw new InklingError(
      "INVALID_DATA",
      `${path} is not the file of a run; specify the folder of a run, such as runs/lenet-letters-1, or a file that was saved from one`,
    );
  const folder = path.replace(/\.\w+$/, "");
  if (folder === path || existsSync(join(folder, RUN_FILE)))
    throw new InklingError(
      "FILE_SYSTEM",
      folder === path
        ? `${path} is a file without an extension, so a folder cannot have its name without one; rename it to ${path}.run`
        : `${path} is unpacked already; resume with: inkling train --resume ${folder}, or rename the file`,
    );
  const run = await PortableRun.open(bytes);
  await makeFolders(folder);
  const files = (await run.files()).map(({ name, bytes }) => ({ name, contents: bytes }));
  await writeFilesAtomic(folder, files, RUN_FILE);
  return folder;
}
