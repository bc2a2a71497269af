import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { InklingError } from "../../../base/error.ts";
import { cacheDirectory } from "../../../base/node/cacheDirectory.ts";
import { ownFolder } from "../../../base/node/ownFolder.ts";

/** The default directory for compiled code, inside the cache directory. */
export const codeDirectory = (): string => join(cacheDirectory(), "code");

/** The largest total size of the compiled code that is kept, in bytes. */
const MAX_BYTES = 128 * 2 ** 20;
/** Abandoned builds are removed after this time, in milliseconds. */
const STALE = 3_600_000;
const EXTENSION = ".node";
const BUILD = "build-";

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
/** The name of a file contains the digest of its contents, so that a damaged file is detected before it is loaded. */
const fileName = (key: string, digest: string) => `${key}-${digest.slice(0, 32)}${EXTENSION}`;

/**
 * A folder of compiled libraries, keyed by a hash of everything that they are made from. Only this user may have access
 * to it, since whoever can write to it can make this program execute anything.
 */
export class CodeCache {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Opens or creates the folder. Throws `FILE_SYSTEM` if others have access to it, or may exchange it. */
  static async open(directory = codeDirectory()): Promise<CodeCache> {
    const real = await ownFolder(directory);
    if (process.getuid && ((await stat(real)).mode & 0o077) !== 0)
      throw new InklingError(
        "FILE_SYSTEM",
        `the cache ${directory} cannot be used: it is not private to this user; remove it, and it is created again`,
      );
    return new CodeCache(real);
  }

  /** The hash of what a library is made from. */
  static readonly key = (...parts: readonly string[]): string => sha256(JSON.stringify(parts)).slice(0, 32);

  /** The path of the library of a key, if it exists and is undamaged. */
  async find(key: string): Promise<string | undefined> {
    for (const name of await readdir(this.directory)) {
      if (!name.startsWith(`${key}-`)) continue;
      const path = join(this.directory, name);
      if (fileName(key, sha256(await readFile(path).catch(() => ""))) === name) {
        const now = new Date();
        await utimes(path, now, now).catch(() => {});
        return path;
      }
      await rm(path, { force: true });
    }
    return undefined;
  }

  /** Adds a library made by `build`, which writes it to an empty temporary folder and returns its path. Returns its path in the cache. */
  async add(key: string, build: (folder: string) => Promise<string>): Promise<string> {
    const folder = join(this.directory, BUILD + randomUUID());
    await mkdir(folder, { mode: 0o700 });
    try {
      const built = await build(folder);
      const path = join(this.directory, fileName(key, sha256(await readFile(built))));
      await rename(built, path); // atomic, since another process may add the same library
      await this.#prune(path);
      return path;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Removes the least recently used libraries until the rest fit, and abandoned builds. */
  async #prune(keep: string): Promise<void> {
    const libraries: { readonly path: string; readonly bytes: number; readonly used: number }[] = [];
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      const found = await stat(path).catch(() => undefined);
      if (!found) continue;
      if (name.endsWith(EXTENSION)) libraries.push({ path, bytes: found.size, used: found.mtimeMs });
      else if (name.startsWith(BUILD) && Date.now() - found.mtimeMs > STALE)
        await rm(path, { recursive: true, force: true });
    }
    let bytes = libraries.reduce((n, library) => n + library.bytes, 0);
    for (const library of libraries.toSorted((a, b) => a.used - b.used)) {
      if (bytes <= MAX_BYTES) return;
      if (library.path === keep) continue;
      await rm(library.path, { force: true });
      bytes -= library.bytes;
    }
  }
}
