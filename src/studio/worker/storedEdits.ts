import type { KeptFiles } from "./host.ts";
import type { Checked } from "./labelCheck.ts";
import type { OpenedData } from "./openedData.ts";

/** The files of the edits, and of what a check has found. */
const EDITS = "edits.json";
const CHECKED = "checked.json";

/** The file of the pictures that were added together. */
const picturesFile = (first: number): string => `pictures-${first}.bin`;

/** What is stored of the data that are open besides themselves: edits, the pictures that were added, what a check has found. */
export class StoredEdits {
  readonly #files: KeptFiles;
  /** The first pictures of the files that are stored. */
  readonly #storedPictures = new Set<number>();

  constructor(files: KeptFiles) {
    this.#files = files;
  }

  /** Takes over the edits that an earlier visit has made of the data. Resolves to whether there are some. Throws `INVALID_DATA`. */
  async restore({ editing, pictures }: OpenedData): Promise<boolean> {
    const edits = await this.#files.read(EDITS);
    if (!edits) return false;
    editing.restore(new TextDecoder().decode(edits));
    for (const { first, count } of editing.additions) {
      const bytes = await this.#files.read(picturesFile(first));
      const size = (bytes?.length ?? 0) / count;
      for (let i = 0; i < count; i++) pictures[first + i] = bytes?.subarray(i * size, (i + 1) * size);
      this.#storedPictures.add(first);
    }
    return true;
  }

  /** Stores the edits, and those pictures that are not stored yet; deletes those that no edit needs. */
  async store({ editing, pictures }: OpenedData): Promise<void> {
    const { additions } = editing;
    for (const { first, count } of additions) {
      if (this.#storedPictures.has(first)) continue;
      const added = pictures.slice(first, first + count) as Uint8Array<ArrayBuffer>[];
      await this.#files.write(picturesFile(first), new Blob(added));
      this.#storedPictures.add(first);
    }
    await this.#files.write(EDITS, editing.format());
    const needed = new Set(additions.map(({ first }) => first));
    for (const first of this.#storedPictures) if (!needed.has(first)) await this.#removePictures(first);
  }

  /** What a check has found on an earlier visit. */
  async checked(): Promise<Checked | undefined> {
    const checked = await this.#files.read(CHECKED);
    return checked && (JSON.parse(new TextDecoder().decode(checked)) as Checked);
  }

  async storeChecked(checked: Checked): Promise<void> {
    await this.#files.write(CHECKED, JSON.stringify(checked));
  }

  /** Deletes all of it. */
  async forget(): Promise<void> {
    for (const first of this.#storedPictures) await this.#removePictures(first);
    await this.#files.remove(EDITS);
    await this.#files.remove(CHECKED);
  }

  async #removePictures(first: number): Promise<void> {
    await this.#files.remove(picturesFile(first));
    this.#storedPictures.delete(first);
  }
}
