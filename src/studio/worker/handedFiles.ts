/** Files that are opened together. */
interface FilesToOpen {
  /** The folder that all of them are in, or "files". */
  readonly name: string;
  /** By their paths in that folder. */
  readonly files: ReadonlyMap<string, Blob>;
}

/** Files that are handed over a few at a time, to be opened together. */
export class HandedFiles {
  readonly #handed = new Map<string, Blob>();

  add(files: ReadonlyMap<string, Blob>): void {
    for (const [path, file] of files) this.#handed.set(path, file);
  }

  /** Takes what was handed over, with the last files. */
  take(last: ReadonlyMap<string, Blob>): FilesToOpen {
    const all = new Map([...this.#handed, ...last]);
    this.#handed.clear();
    return withoutTop(all);
  }
}

/** Files relative to the one folder that they are in, if there is one, and its name. */
function withoutTop(files: ReadonlyMap<string, Blob>): FilesToOpen {
  const paths = [...files.keys()];
  const top = paths[0]?.split("/")[0] ?? "";
  const isFolder = paths.every((path) => path.startsWith(`${top}/`));
  if (!isFolder) return { name: "files", files };
  return { name: top, files: new Map([...files].map(([path, file]) => [path.slice(top.length + 1), file])) };
}
