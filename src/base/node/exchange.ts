import { lstat, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { parseJsonText } from "../json.ts";
import { MARK, ownMark, stateOfMark } from "./processId.ts";
import { syncFolder } from "./readFile.ts";

/** A file or folder that takes its place, and the inode of what does. */
const placed = v.object({ name: v.string(), isFolder: v.boolean(), inode: v.string() });
const note = v.object({ head: v.string(), placed: v.array(placed) });
type Placed = v.InferOutput<typeof placed>;
type Note = v.InferOutput<typeof note>;

const inodeOf = async (path: string): Promise<string | undefined> =>
  lstat(path, { bigint: true }).then(
    ({ ino }) => String(ino),
    () => undefined,
  );

/**
 * Files and folders that are written beside their places and put there together. Nobody can find some of the new ones
 * together with some of the old: first all old ones are moved aside, then the new ones moved in. The head, without which
 * the others are not read, goes first and comes last. A process that is killed in between leaves a note, by which
 * {@link removeRemains} puts back what was there.
 */
export class Exchange {
  readonly #folder: string;
  readonly #mark: string;

  constructor(folder: string, mark: string) {
    this.#folder = folder;
    this.#mark = mark;
  }

  static async begin(folder: string): Promise<Exchange> {
    return new Exchange(folder, await ownMark());
  }

  /** Where the new file or folder of a name is written: hidden, so that nobody takes it for data. */
  readonly beside = (name: string): string => join(this.#folder, `.${name}.${this.#mark}.tmp`);
  readonly #aside = (name: string): string => join(this.#folder, `.${name}.${this.#mark}.old.tmp`);
  readonly #note = (head: string): string => join(this.#folder, `.${head}.${this.#mark}.note.tmp`);
  readonly #place = (name: string): string => join(this.#folder, name);

  /**
   * Puts everything in its place, or leaves all as it was and throws the file system's error, whose `place` is the path that
   * it is about. A folder may only replace an empty one.
   */
  async put(kinds: ReadonlyMap<string, "file" | "folder">, head: string): Promise<void> {
    if (kinds.size === 0) return;
    const tops: Placed[] = [];
    for (const [name, kind] of kinds)
      tops.push({ name, isFolder: kind === "folder", inode: (await inodeOf(this.beside(name))) ?? "" });
    if (tops.length === 1) return about(this.#place(head), () => this.#putIn(tops[0]!));
    const headFirst = tops.toSorted((a, b) => Number(b.name === head) - Number(a.name === head));
    const found: Note = { head, placed: tops };
    await about(this.#place(head), () => writeFile(this.#note(head), JSON.stringify(found), { flag: "wx" }));
    try {
      for (const top of headFirst) await about(this.#place(top.name), () => this.#moveAside(top));
      await syncFolder(this.#folder);
      for (const top of headFirst.toReversed()) await about(this.#place(top.name), () => this.#putIn(top));
      await syncFolder(this.#folder);
    } catch (error) {
      await this.#undo(found).catch(() => {});
      throw error;
    }
    await this.#keep(found);
  }

  /** Removes what was written and not put in its place. */
  async discard(names: Iterable<string>): Promise<void> {
    for (const name of names) await rm(this.beside(name), { recursive: true, force: true }).catch(() => {});
  }

  async #moveAside({ name, isFolder }: Placed): Promise<void> {
    const path = this.#place(name);
    const old = await lstat(path).catch(() => undefined);
    if (!old || isFolder) return;
    if (old.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    await rename(path, this.#aside(name));
  }

  async #putIn({ name, isFolder }: Placed): Promise<void> {
    if (isFolder) await rmdir(this.#place(name)).catch(() => {}); // anything but an empty folder makes the rename fail
    await rename(this.beside(name), this.#place(name));
  }

  /** Puts back what was there. What is in a place now is removed only if this exchange has put it there. */
  async #undo({ head, placed: tops }: Note): Promise<void> {
    for (const { name, inode } of tops) {
      const path = this.#place(name);
      if (inode !== "" && (await inodeOf(path)) === inode) await rm(path, { recursive: true, force: true });
      if (await inodeOf(this.#aside(name))) await rename(this.#aside(name), path);
    }
    await this.discard(tops.map(({ name }) => name));
    await rm(this.#note(head), { force: true });
  }

  /** Removes what was there, which does no harm where it is left. */
  async #keep({ head, placed: tops }: Note): Promise<void> {
    for (const { name } of tops) await rm(this.#aside(name), { force: true }).catch(() => {});
    await rm(this.#note(head), { force: true }).catch(() => {});
  }

  /** Ends the exchange of a process that was killed. */
  async recover(head: string): Promise<void> {
    const text = await readFile(this.#note(head), "utf8");
    const found = v.parse(note, parseJsonText(text));
    // With its head in place, all is.
    if (await inodeOf(this.beside(found.head))) await this.#undo(found);
    else await this.#keep(found);
  }
}

/** A hidden name beside a file, by which {@link removeRemains} finds what is left there. */
export const temporaryBeside = async (path: string): Promise<string> =>
  (await Exchange.begin(dirname(path))).beside(basename(path));

/** Notes the path that an error of the file system is about. */
async function about<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw Object.assign(cause as Error, { place });
  }
}

const REMAINS = new RegExp(`^\\.(.+)\\.(${MARK.source})(\\.note|\\.old)?\\.tmp$`, "s");

/**
 * Ends what processes that no longer exist began to write in a folder, under one of some names or under any: files that
 * were not put in their places together are removed, and what was there before is put back. Never throws: whoever writes
 * there next says why that is impossible.
 */
export async function removeRemains(folder: string, names?: ReadonlySet<string>): Promise<void> {
  const all: readonly string[] = await readdir(folder).catch(() => []);
  const remains = all.flatMap((file) => {
    const [, name = "", mark = "", , , kind] = REMAINS.exec(file) ?? [];
    return mark !== "" && (names?.has(name) ?? true) ? [{ file, name, mark, kind }] : [];
  });
  const ended = new Set<string>();
  for (const mark of new Set(remains.map(({ mark }) => mark)))
    if ((await stateOfMark(mark).catch(() => "elsewhere")) === "ended") ended.add(mark);
  const left = remains.filter(({ mark }) => ended.has(mark));
  for (const { name, mark, kind } of left)
    if (kind === ".note") await new Exchange(folder, mark).recover(name).catch(() => {});
  for (const { file } of left) await rm(join(folder, file), { recursive: true, force: true }).catch(() => {});
}
