import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseJsonText } from "../../../base/json.ts";
import { type Lock, takeLock } from "../../../base/node/lock.ts";
import { makeFolders } from "../../../base/node/ownFolder.ts";
import type { Validator } from "./request.ts";

/** What is recorded next to a partial download, so that only the same file is resumed. */
export interface PartialNote extends Validator {
  readonly url: string;
  readonly total?: number;
}

/** A partial download, next to the final path. */
export class PartialFile {
  readonly #path: string;
  readonly #part: string;
  readonly #note: string;
  readonly #lock: Lock;

  private constructor(path: string, lock: Lock) {
    this.#path = path;
    this.#lock = lock;
    this.#part = `${path}.part`;
    this.#note = `${path}.part.json`;
  }

  /** Locks the file for this process. Throws `FILE_SYSTEM` if another process is fetching it. */
  static async take(path: string): Promise<PartialFile> {
    await makeFolders(dirname(path));
    const lock = await takeLock(`${path}.lock`, {
      doing: `fetching ${path}`,
      otherwise: "set INKLING_CACHE to another folder",
    });
    return new PartialFile(path, lock);
  }

  async release(): Promise<void> {
    await this.#lock.release();
  }

  /** The number of bytes received so far, and of which file. */
  async state(): Promise<{ bytes: number; note: PartialNote | undefined }> {
    try {
      const note = parseJsonText(await readFile(this.#note, "utf8")) as PartialNote;
      if (typeof note.url !== "string") return { bytes: 0, note: undefined };
      return { bytes: (await stat(this.#part)).size, note };
    } catch {
      return { bytes: 0, note: undefined };
    }
  }

  /** Opens it for writing from `start` on; anything from there on is discarded. */
  async write(start: number, note: PartialNote): Promise<FileHandle> {
    // The bytes of another version are cut before the note names this one: a kill in between loses bytes, but joins none.
    const file = await open(this.#part, start === 0 ? "w" : "r+");
    try {
      await file.truncate(start);
      await file.sync();
      if (start === 0) await writeFile(this.#note, JSON.stringify(note));
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async sha256(): Promise<string> {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(this.#part, { highWaterMark: 2 ** 20 })) hash.update(piece);
    return hash.digest("hex");
  }

  /** Moves the complete file to its final path. */
  async finish(): Promise<void> {
    await rename(this.#part, this.#path);
    await rm(this.#note, { force: true });
  }

  async discard(): Promise<void> {
    await rm(this.#part, { force: true });
    await rm(this.#note, { force: true });
  }
}
