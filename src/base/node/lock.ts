import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, lstat, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { commandLine } from "../commandLine.ts";
import { InklingError } from "../error.ts";
import { FORMAT_VERSION } from "../formatVersion.ts";
import { parseJsonObject } from "../json.ts";
import { quotation } from "../printable.ts";
import { removeRemains, temporaryBeside } from "./exchange.ts";
import { ownProcess, type ProcessId, type ProcessState, stateOf } from "./processId.ts";
import { contentsOf } from "./readFile.ts";
import { fileSystemError } from "./systemError.ts";

/** Who holds a lock. */
interface Owner extends ProcessId {
  /** The inode of the folder that the lock is in: a folder that is copied with its lock is another one. Empty if unknown. */
  readonly folder: string;
  readonly id: string;
}

/** The locks that this process has released but could not remove. */
const abandoned = new Set<string>();

/** What a lock is for, as used in messages. */
export interface LockSubject {
  /** What its owner is doing: "fetching data/a.tar". */
  readonly doing: string;
  /** The alternative to waiting: "use another folder". */
  readonly otherwise: string;
}

/**
 * Creates a lock file for this process and returns a function that releases it. A lock left behind by a process that no
 * longer exists, or copied with its folder, is taken over. Throws `FILE_SYSTEM` if another process, or another call in this
 * one, holds the lock; the message says how to free it where its owner cannot be seen from here.
 */
export async function takeLock(path: string, subject: LockSubject): Promise<() => Promise<void>> {
  const id = randomUUID();
  const owner: Owner = { ...(await ownProcess()), folder: await inodeOf(dirname(path)), id };
  const text = `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...owner })}\n`;
  if (!(await create(path, text))) {
    const held = await heldBy(path);
    const state = await stateOfLock(held, path);
    if (state !== "ended") throw busy(parse(held)!, path, subject, state);
    await removeStale(path, held);
    if (!(await create(path, text)))
      throw new InklingError("FILE_SYSTEM", `another process is ${subject.doing}; ${waitOr(subject)}`);
  }
  await removeRemains(dirname(path), new Set([basename(path)]));
  return async () => {
    const held = await heldBy(path);
    // One that cannot be read is still this one.
    if (held === text || held === "") await rm(path, { force: true }).catch(() => abandoned.add(id));
  };
}

/** Whether a process that may still exist holds the lock. */
export const isHeld = async (path: string): Promise<boolean> =>
  (await stateOfLock(await heldBy(path), path)) !== "ended";

/** The text of a lock; empty if there is none. */
const heldBy = (path: string): Promise<string> =>
  contentsOf(path).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => "",
  );

const isFileOrGone = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isFile(),
    () => true,
  );

const inodeOf = (path: string): Promise<string> =>
  stat(path, { bigint: true }).then(
    ({ ino }) => String(ino),
    () => "",
  );

/** Creates the lock file and its contents atomically. Returns false if there already is one. */
async function create(path: string, text: string): Promise<boolean> {
  const beside = await temporaryBeside(path);
  try {
    await writeFile(beside, text, { flag: "wx" });
    // Some file systems do not support hard links.
    await link(beside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") throw error;
      return copyFile(beside, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST" && (await isFileOrGone(path))) return false;
    throw fileSystemError(path, "written", cause);
  } finally {
    await rm(beside, { force: true }).catch(() => {});
  }
}

/** Whether the owner of a lock runs. A lock without a readable owner was cut off as its process ended. */
async function stateOfLock(held: string, path: string): Promise<ProcessState> {
  const owner = parse(held);
  if (!owner || abandoned.has(owner.id)) return "ended";
  const state = await stateOf(owner);
  if (state !== "running" || owner.folder === "") return state;
  return owner.folder === (await inodeOf(dirname(path))) ? "running" : "ended";
}

/** Removes the stale lock that was read. If another process has replaced it in the meantime, the new lock is put back. */
async function removeStale(path: string, held: string): Promise<void> {
  const aside = await temporaryBeside(path);
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) !== held) await link(aside, path);
  } catch {
    // It is already gone, or another process has created its own.
  }
  await rm(aside, { force: true }).catch(() => {});
}

/** The owner, some of which is not in locks of earlier versions. */
function parse(text: string): Owner | undefined {
  const { pid, ...texts } = parseJsonObject(text) ?? {};
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined;
  const textOf = (key: string) => (typeof texts[key] === "string" ? texts[key] : "");
  return {
    pid: pid as number,
    processStart: textOf("processStart"),
    host: textOf("host"),
    boot: textOf("boot"),
    space: textOf("space"),
    folder: textOf("folder"),
    id: textOf("id"),
  };
}

const waitOr = ({ otherwise }: LockSubject): string => `wait until it finishes, or ${otherwise}`;

function busy(owner: Owner, path: string, subject: LockSubject, state: ProcessState): InklingError {
  const { pid, host, processStart } = owner;
  // Without its start, a process that runs may be another one that has got the same number.
  const isCertain = state === "running" && processStart !== "";
  const who = state === "running" ? `process ${pid}` : `process ${pid} of ${quotation(host)}`;
  const ended = state === "running" ? "is not one of Inkling's" : "no longer exists";
  const more = isCertain ? "" : `; if that process ${ended}, free it with: ${commandLine(["rm", path])}`;
  return new InklingError("FILE_SYSTEM", `${who} is ${subject.doing}; ${waitOr(subject)}${more}`);
}
