import { dirname } from "node:path";
import { InklingError } from "../error.ts";
import { MORE_MEMORY, ranOutOfMemory } from "../memory.ts";

/** What was to be done to a file or folder, as messages say it. */
export type FileUse = "read" | "written" | "created" | "removed";

/**
 * The `FILE_SYSTEM` error for a file or folder: its path, the cause in words, and a remedy; `NOT_FOUND` if it was to be read
 * but does not exist. An `InklingError` is returned unchanged, since it says all of that itself.
 */
export function fileSystemError(path: string, use: FileUse, cause: unknown): InklingError {
  if (cause instanceof InklingError) return cause;
  const { code, syscall, message } = cause as NodeJS.ErrnoException;
  const isMissing = use === "read" && code === "ENOENT";
  const why = pathReasons(path, use, syscall)[code ?? ""] ?? reasons[code ?? ""] ?? message;
  return new InklingError(isMissing ? "NOT_FOUND" : "FILE_SYSTEM", `${path} cannot be ${use}: ${why}`, { cause });
}

/** Causes that lie in a path. Files are written beside their place, so that a folder must allow new ones. */
function pathReasons(path: string, use: FileUse, syscall?: string): Readonly<Record<string, string>> {
  const folder = dirname(path);
  const denied =
    use === "read"
      ? "there is no permission to read it; change its permissions"
      : `there is no permission to write to ${folder}; choose another place`;
  return {
    ENOENT:
      use === "read"
        ? "it does not exist"
        : `the folder ${folder} does not exist or cannot be written to; create it, or choose another place`,
    ENOTDIR: lists(syscall) ? "it is not a folder; specify one" : `${folder} is not a folder; choose another place`,
    EISDIR: "it is a folder; specify a file",
    ERR_FS_EISDIR: "it is a folder; remove it", // of rm
    EEXIST: "something else is in its place; remove that, or choose another place",
    ENOTEMPTY: "a folder that is not empty is in its place; remove that, or choose another place",
    EACCES: denied,
    EPERM: denied,
    EROFS: `${folder} is on a file system that is read-only; choose another place`,
    ENAMETOOLONG: "its name is too long; choose a shorter one",
    ELOOP: "its links lead in a circle; remove them",
  };
}

/** Whether a call lists a folder, so that its path itself has to be one. */
const lists = (syscall: string | undefined): boolean => syscall === "scandir" || syscall === "opendir";

const memory = `there is not enough memory; ${MORE_MEMORY}`;

/** Causes that lie in the machine, or in limits of the process. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "this user's share of the disk is used up; remove other files",
  EFBIG: "it would be larger than files may be here; raise the limit, as with ulimit -f",
  EIO: "the disk reports an error (EIO); check it, or choose a place on another one",
  EMFILE: "this process has too many files open; raise the limit, as with ulimit -n 4096",
  ENFILE: "the machine has too many files open; close other programs",
  EBUSY: "another program uses it; close that program",
  ETXTBSY: "another program uses it; close that program",
  EAGAIN: "no further process or thread may be started; close other programs, or raise the limit, as with ulimit -u",
  ENOMEM: memory,
  ESTALE: "the network drive that it was on has changed; open it again",
};

/** Node's own codes for a thread that cannot be started, or that ran out of memory. */
const THREAD = /^ERR_WORKER_(INIT_FAILED|OUT_OF_MEMORY)$/;

/**
 * The error for what a machine could not do, wherever it happened, such as loading one of Inkling's own files where the
 * process has too many open; undefined for any other error, which is a bug.
 */
export function machineError(cause: unknown): InklingError | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code = "", path, syscall, message } = cause as NodeJS.ErrnoException;
  if (path !== undefined && code in pathReasons(path, "read"))
    return fileSystemError(path, syscall === "open" || syscall === "stat" ? "read" : "written", cause);
  const found = reasons[code] ?? (THREAD.test(code) ? reasons["EAGAIN"] : ranOutOfMemory(cause) ? memory : undefined);
  return found === undefined
    ? undefined
    : new InklingError("UNSUPPORTED", `the machine reached a limit: ${found} (${message})`, { cause });
}
