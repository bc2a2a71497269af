import { InklingError } from "../../base/error.ts";
import type { StorageUse } from "../updates.ts";

type WritePiece = Uint8Array<ArrayBuffer> | string | Blob;

/** What a file is to hold, whole or in pieces. */
export type Contents = WritePiece | AsyncIterable<Uint8Array>;

const mebibytes = (bytes: number): string => `${Math.max(0, Math.round(bytes / 2 ** 20))} MiB`;

/**
 * Files in the storage that a browser keeps for this page (OPFS). A file is replaced as a whole or not at all. Where there is
 * no such storage, as in some private windows, nothing is kept.
 */
export class Storage {
  readonly #folder: FileSystemDirectoryHandle | undefined;
  readonly #isElsewhere: boolean;

  private constructor(folder: FileSystemDirectoryHandle | undefined, isElsewhere: boolean) {
    this.#folder = folder;
    this.#isElsewhere = isElsewhere;
  }

  /** Opens a folder of this page's storage. Where another tab has it open, nothing is kept: each would overwrite the other's. */
  static async open(name: string): Promise<Storage> {
    if (!(await isOurs(name))) return new Storage(undefined, true);
    const open = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    return new Storage(await open().catch(() => undefined), false);
  }

  /** The bytes of a file; undefined if there is none. */
  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await this.file(name);
    return file && new Uint8Array(await file.arrayBuffer());
  }

  /** A file, which need not be read at once; undefined if there is none. */
  async file(name: string): Promise<Blob | undefined> {
    const handle = await this.#folder?.getFileHandle(name).catch(() => undefined);
    return handle?.getFile();
  }

  /** Throws `FILE_SYSTEM` if the browser refuses, such as where its storage is full. */
  async write(name: string, contents: Contents): Promise<void> {
    if (!this.#folder) return;
    try {
      const writable = await (await this.#folder.getFileHandle(name, { create: true })).createWritable();
      try {
        const isWhole = typeof contents === "string" || contents instanceof Uint8Array || contents instanceof Blob;
        for await (const piece of isWhole ? [contents] : contents) await writable.write(piece as WritePiece);
        await writable.close(); // which replaces the file
      } catch (error) {
        await writable.abort().catch(() => {}); // it has failed already
        throw error;
      }
    } catch (cause) {
      const { used, quota } = await this.estimate();
      const room = `${mebibytes(quota - used)} of ${mebibytes(quota)} are left`;
      throw new InklingError(
        "FILE_SYSTEM",
        `this browser could not store ${name}: ${(cause as Error).message} (${room}); it stays open in this tab, but is lost when the tab is closed: save it as a file, or delete what is stored`,
        { cause },
      );
    }
  }

  async remove(name: string): Promise<void> {
    await this.#folder?.removeEntry(name).catch(() => {}); // there is none
  }

  /** Removes all files. */
  async clear(): Promise<void> {
    const names: string[] = [];
    for await (const name of this.#folder?.keys() ?? []) names.push(name);
    for (const name of names) await this.remove(name);
  }

  /** Bytes that this page uses, and may use. */
  async estimate(): Promise<StorageUse> {
    if (this.#isElsewhere) return { used: 0, quota: 0, isElsewhere: true };
    const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    return { used: usage, quota };
  }
}

/** Milliseconds after which another tab is taken to stay open: one that is being closed or loaded again takes less. */
const PATIENCE = 2000;

/** Whether no other tab has a folder open. This one has it from then on, until it is closed. */
function isOurs(name: string): Promise<boolean> {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(true); // only in pages that are secure
  return new Promise((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise<void>(() => {});
    };
    locks.request(`inkling ${name}`, { signal: AbortSignal.timeout(PATIENCE) }, hold).catch(() => resolve(false));
  });
}
