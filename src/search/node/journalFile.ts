import { existsSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { read, syncFolder } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import type { Space } from "../../training/space/parameter.ts";
import { decodeJournal, encodeEntry, type JournalEntry } from "../journal.ts";

/** A journal on disk. What `append` was given is on disk once it resolves, whole or not at all. */
export class JournalFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #space: Space;
  #end: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, space: Space, end: number) {
    this.path = path;
    this.#file = file;
    this.#space = space;
    this.#end = end;
  }

  /** Opens a journal to append to it, or creates it. A last line that was only written in part is overwritten. Throws `FILE_SYSTEM`. */
  static async open(path: string, space: Space): Promise<JournalFile> {
    const end = existsSync(path) ? (await readJournal(path)).bytes : 0;
    try {
      const file = await open(path, end > 0 ? "r+" : "w");
      await file.truncate(end);
      await syncFolder(dirname(path));
      return new JournalFile(path, file, space, end);
    } catch (cause) {
      throw fileSystemError(path, "written", cause);
    }
  }

  /** Appends entries, in the order of the calls. Throws `FILE_SYSTEM`, and leaves what was written before intact. */
  append(entries: readonly JournalEntry[]): Promise<void> {
    const bytes = new TextEncoder().encode(entries.map((entry) => encodeEntry(entry, this.#space)).join(""));
    this.#last = this.#last.then(async () => {
      try {
        await this.#file.write(bytes, 0, bytes.length, this.#end);
        await this.#file.sync();
        this.#end += bytes.length;
      } catch (cause) {
        throw fileSystemError(this.path, "written", cause);
      }
    });
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The intact entries of a journal. Throws `NOT_FOUND`, and `INVALID_DATA` naming a damaged line. */
export const readJournal = async (path: string) =>
  decodeJournal(await read(path, "specify the folder of a study, such as studies/lenet-letters-1"), path);
