import { InklingError } from "../../base/error.ts";

/**
 * Files in the storage that a browser keeps for this page (OPFS). A file is replaced as a whole or not at all. Where there is
 * no such storage, as in some private windows, nothing is kept.
 */
export class Storage {
  readonly #folder: FileSystemDirectoryHandle | undefined;

  private constructor(folder: FileSystemDirectoryHandle | undefined) {
    this.#folder = folder;
  }

  /** Opens a folder of this page's storage. */
  static async open(name: string): Promise<Storage> {
    const open = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    return new Storage(await open().catch(() => undefined));
  }

  /** The bytes of a file; undefined if there is none. */
  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const handle = await this.#folder?.getFileHandle(name).catch(() => undefined);
    return handle && new Uint8Array(await (await handle.getFile()).arrayBuffer());
  }

  /** Throws `FILE_SYSTEM` if the browser refuses, such as where its storage is full. */
  async write(name: string, contents: Uint8Array<ArrayBuffer> | string): Promise<void> {
    if (!this.#folder) return;
    try {
      const writable = await (await this.#folder.getFileHandle(name, { create: true })).createWritable();
      await writable.write(contents);
      await writable.close(); // which replaces the file
    } catch (cause) {
      throw new InklingError(
        "FILE_SYSTEM",
        `this browser could not store ${name}: ${(cause as Error).message}; save the run as a file, and free space`,
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
  async estimate(): Promise<{ readonly used: number; readonly quota: number }> {
    const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    return { used: usage, quota };
  }
}
