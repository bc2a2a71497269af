import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Lock, takeLock } from "../../../base/node/lock.ts";
import { makeFolders } from "../../../base/node/ownFolder.ts";
import { writeFileAtomic } from "../../../base/node/writeFile.ts";
import { piecesOf } from "../../../sources/files.ts";
import type { KeptFiles } from "../../worker/host.ts";
import type { Contents } from "../../worker/storage.ts";

const LOCK = "lock";

/** Files in a folder that one server uses at a time. A file is replaced as a whole or not at all. */
export class FolderStorage implements KeptFiles {
  readonly #folder: string;
  readonly #lock: Lock;

  private constructor(folder: string, lock: Lock) {
    this.#folder = folder;
    this.#lock = lock;
  }

  /** Opens a folder, which is created if it does not exist. Throws `FILE_SYSTEM` if another process uses it. */
  static async open(folder: string): Promise<FolderStorage> {
    await makeFolders(folder);
    const subject = { doing: `keeping its data in ${folder}`, otherwise: "use another folder with --runs" };
    return new FolderStorage(folder, await takeLock(join(folder, LOCK), subject));
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await readFile(join(this.#folder, name)).catch(() => undefined);
    return bytes && new Uint8Array(bytes);
  }

  async file(name: string): Promise<Blob | undefined> {
    const bytes = await this.read(name);
    return bytes && new Blob([bytes]);
  }

  /** Throws `FILE_SYSTEM`. */
  write(name: string, contents: Contents): Promise<void> {
    return writeFileAtomic(join(this.#folder, name), contents instanceof Blob ? piecesOf(contents.stream()) : contents);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true });
  }

  async clear(): Promise<void> {
    for (const name of await readdir(this.#folder)) if (name !== LOCK) await this.remove(name);
  }

  /** A disk has no quota of its own for this. */
  async estimate(): Promise<{ readonly used: number; readonly quota: number }> {
    return { used: 0, quota: 0 };
  }

  /** Lets other servers use the folder. */
  async close(): Promise<void> {
    await this.#lock.release();
  }
}
