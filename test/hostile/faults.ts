import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join, resolve } from "node:path";

/** What happens at an operation of the file system: an error of its, or the end of the process. */
export type Fault = "kill" | "ENOSPC" | "EIO" | "EACCES" | "EMFILE" | "EROFS";

/** How many faults of each kind have happened so far. */
export const happened = new Map<Fault, number>();

type Operation = (...args: readonly unknown[]) => Promise<unknown>;
const mutable = fs as unknown as Record<string, Operation>;

/** The functions whose first argument is a path. */
const OF_PATHS = [
  ...["open", "writeFile", "rename", "rm", "rmdir", "mkdir", "link", "copyFile"],
  ...["readFile", "readdir", "stat", "lstat", "realpath"],
] as const;
/** The methods of an open file. */
const OF_FILES = ["write", "writeFile", "sync", "truncate", "read", "readFile", "stat"] as const;

/**
 * Runs work while the n-th operation on files below a folder fails. As from a process that is killed, none happens after a
 * kill, and a file that is being written is cut short; other faults happen once. Returns how many operations there were.
 */
export async function withFault(below: string, at: number, fault: Fault, work: () => Promise<unknown>) {
  const original = new Map(OF_PATHS.map((name) => [name, mutable[name]!]));
  const handles: FileHandle[] = [];
  let count = 0;
  const strike = async (name: string, run: (cut?: boolean) => Promise<unknown>): Promise<unknown> => {
    const now = ++count;
    if (now < at || (fault !== "kill" && now > at)) return run();
    if (now === at) happened.set(fault, (happened.get(fault) ?? 0) + 1);
    if (fault === "kill" && now === at && name === "write") await run(true);
    throw Object.assign(new Error(`${fault}: injected, ${name}`), { code: fault, syscall: name });
  };
  for (const [name, call] of original)
    mutable[name] = (path, ...rest) => {
      if (typeof path !== "string" || !resolve(path).startsWith(resolve(below))) return call(path, ...rest);
      const cut = name === "writeFile" && (typeof rest[0] === "string" || rest[0] instanceof Uint8Array);
      return strike(cut ? "write" : name, async (short) => {
        const made = await call(path, ...(short ? [half(rest[0]), ...rest.slice(1)] : rest));
        if (name === "open") handles.push(watched(made as FileHandle, strike));
        return made;
      });
    };
  syncBuiltinESMExports();
  const error = await thrownBy(work);
  for (const [name, call] of original) mutable[name] = call;
  syncBuiltinESMExports();
  for (const handle of handles) await handle.close().catch(() => {});
  return { operations: count, error };
}

/** What work throws; undefined if it ends well. */
export const thrownBy = (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => undefined,
    (error: unknown) => error,
  );

const half = (contents: unknown): unknown =>
  typeof contents === "string"
    ? contents.slice(0, contents.length >> 1)
    : (contents as Uint8Array).subarray(0, (contents as Uint8Array).length >> 1);

function watched(handle: FileHandle, strike: (name: string, run: (cut?: boolean) => Promise<unknown>) => unknown) {
  const own = handle as unknown as Record<string, unknown>;
  for (const name of OF_FILES) {
    const call = (handle[name] as unknown as Operation).bind(handle);
    const isWrite = name === "writeFile" || name === "write";
    own[name] = (...args: readonly unknown[]) =>
      strike(isWrite ? "write" : name, (short) =>
        name === "writeFile" && short ? call(half(args[0]), ...args.slice(1)) : call(...args),
      );
  }
  return handle;
}

/**
 * After a kill in this process, makes files and locks look as those of one that has ended, whose id is `pid`: names of
 * temporary files and locks have the id of this process.
 */
export async function bury(folder: string, pid: number): Promise<void> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await bury(path, pid);
    else if (/lock$/.test(entry.name)) {
      const text = await fs.readFile(path, "utf8");
      await fs.writeFile(path, text.replace(`"pid":${process.pid},`, `"pid":${pid},`));
    }
    const name = entry.name.replace(`.${process.pid}-`, `.${pid}-`);
    if (name !== entry.name) await fs.rename(path, join(folder, name));
  }
}
