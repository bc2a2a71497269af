import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, lstat, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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

/** A lock that this process has taken. */
export interface Lock {
  /** Throws `FILE_SYSTEM` if the lock has been removed together with its folder, or another process has taken it since. */
  readonly check: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** How often a lock is tried that changes hands meanwhile. */
const ATTEMPTS = 100;

/**
 * Creates a lock file for this process. A lock left behind by a process that no longer exists, or copied with its folder, is
 * taken over. Throws `FILE_SYSTEM` if another process, or another call in this one, holds the lock; the message says how to
 * free it where its owner cannot be seen from here.
 */
export async function takeLock(path: string, subject: LockSubject): Promise<Lock> {
  const id = randomUUID();
  const folder = await inodeOf(dirname(path));
  const text = `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...(await ownProcess()), folder, id })}\n`;
  for (let attempt = 0; !(await create(path, text)); attempt++) {
    const held = await heldBy(path);
    if (held === undefined && attempt < ATTEMPTS) continue; // it has just been released
    const state = await stateOfLock(held, path);
    if (state !== "ended") throw busy(parse(held!)!, path, subject, state);
    if (attempt >= ATTEMPTS)
      throw new InklingError("FILE_SYSTEM", `another process is ${subject.doing}; ${waitOr(subject)}`);
    await removeStale(path, held, text);
  }
  const claim = claimOf(path);
  if ((await heldBy(claim)) !== undefined && !(await isHeld(claim))) await rm(claim, { force: true }).catch(() => {});
  await removeRemains(dirname(path), new Set([basename(path)]));
  return {
    async check() {
      const held = await heldBy(path);
      if (held === text || (held === undefined && folder === (await inodeOf(dirname(path))))) return;
      const by = parse(held ?? "");
      throw new InklingError(
        "FILE_SYSTEM",
        by
          ? `process ${by.pid} is ${subject.doing} by now: its lock was removed; ${waitOr(subject)}`
          : `${dirname(path)} cannot be written: it was removed, moved or replaced while it was in use; move it back, or ${subject.otherwise}`,
      );
    },
    async release() {
      const held = await heldBy(path);
      // One that cannot be read is still this one.
      if (held === text || held === "") await rm(path, { force: true }).catch(() => abandoned.add(id));
    },
  };
}

/** Whether a process that may still exist holds the lock. */
export const isHeld = async (path: string): Promise<boolean> =>
  (await stateOfLock(await heldBy(path), path)) !== "ended";

/** The text of a lock; undefined if there is none, empty if it cannot be read. */
const heldBy = (path: string): Promise<string | undefined> =>
  contentsOf(path).then(
    (bytes) => new TextDecoder().decode(bytes),
    ({ code }: NodeJS.ErrnoException) => (code === "ENOENT" ? undefined : ""),
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
async function stateOfLock(held: string | undefined, path: string): Promise<ProcessState> {
  const owner = parse(held ?? "");
  if (!owner || abandoned.has(owner.id)) return "ended";
  const state = await stateOf(owner);
  if (state !== "running" || owner.folder === "") return state;
  return owner.folder === (await inodeOf(dirname(path))) ? "running" : "ended";
}

/** The lock of whoever removes a stale lock, hidden beside it. */
const claimOf = (path: string): string => join(dirname(path), `.${basename(path)}.claim`);

/**
 * Removes the stale lock that was read. Only the owner of the claim does so, so that nobody removes what another process has
 * put in its place since.
 */
async function removeStale(path: string, held: string | undefined, text: string): Promise<void> {
  const claim = claimOf(path);
  if (!(await create(claim, text))) {
    if (await isHeld(claim)) await new Promise((resolve) => setTimeout(resolve, 10));
    else await rm(claim, { force: true }).catch(() => {});
    return;
  }
  try {
    if ((await heldBy(path)) === held) await rm(path, { force: true });
  } catch (cause) {
    throw fileSystemError(path, "removed", cause);
  } finally {
    await rm(claim, { force: true }).catch(() => {});
  }
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
