import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { InklingError } from "../error.ts";
import { FORMAT_VERSION } from "../formatVersion.ts";
import { parseJsonText } from "../json.ts";
import { fileSystemError } from "./readFile.ts";

/** The process that holds a lock. Process IDs are reused, so its start time is recorded as well, where available. */
interface Owner {
  readonly pid: number;
  readonly processStart: string;
  readonly host: string;
  readonly id: string;
}

/** What a lock is for, as used in messages. */
export interface LockSubject {
  /** What its owner is doing: "fetching data/a.tar". */
  readonly doing: string;
  /** The alternative to waiting: "use another folder". */
  readonly otherwise: string;
}

/**
 * Creates a lock file for this process and returns a function that releases it. A lock left behind by a process that no
 * longer exists is taken over. Throws `FILE_SYSTEM` if another process, or another call in this one, holds the lock.
 */
export async function takeLock(path: string, subject: LockSubject): Promise<() => Promise<void>> {
  const id = randomUUID();
  const owner: Owner = { pid: process.pid, processStart: await startOf(process.pid), host: hostname(), id };
  const text = `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...owner })}\n`;
  if (!(await create(path, text, id))) {
    const held = await readFile(path, "utf8").catch(() => "");
    await refuseLiving(held, path, subject);
    await removeStale(path, held, id);
    if (!(await create(path, text, id))) throw busy("another process", subject);
  }
  return async () => {
    if ((await readFile(path, "utf8").catch(() => "")) === text) await rm(path, { force: true });
  };
}

/** Whether a process that still exists holds the lock. */
export async function isHeld(path: string): Promise<boolean> {
  const held = await readFile(path, "utf8").catch(() => "");
  return refuseLiving(held, path, { doing: "using it", otherwise: "" }).then(
    () => false,
    () => true,
  );
}

/** Creates the lock file and its contents atomically. Returns false if there already is one. */
async function create(path: string, text: string, id: string): Promise<boolean> {
  const beside = `${path}.${id}.tmp`;
  try {
    await writeFile(beside, text, { flag: "wx" });
    // Some file systems do not support hard links.
    await link(beside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") throw error;
      return copyFile(beside, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw fileSystemError(`${path} cannot be written`, cause);
  } finally {
    await rm(beside, { force: true });
  }
}

async function refuseLiving(held: string, path: string, subject: LockSubject): Promise<void> {
  const owner = parse(held);
  if (!owner) return;
  if (owner.host !== hostname())
    throw busy(
      `process ${owner.pid} of ${owner.host}`,
      subject,
      `, or remove ${path} if that process no longer exists`,
    );
  if (isAlive(owner.pid) && (await startOf(owner.pid)) === owner.processStart)
    throw busy(`process ${owner.pid}`, subject);
}

/** Removes the stale lock that was read. If another process has replaced it in the meantime, the new lock is put back. */
async function removeStale(path: string, held: string, id: string): Promise<void> {
  const aside = `${path}.${id}.stale.tmp`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) !== held) await link(aside, path);
  } catch {
    // It is already gone, or another process has created its own.
  }
  await rm(aside, { force: true });
}

function parse(text: string): Owner | undefined {
  try {
    const { pid, processStart, host, id } = parseJsonText(text) as Owner;
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, processStart, host, id } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in clock ticks since boot (Linux); empty where that is not available. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

const busy = (who: string, { doing, otherwise }: LockSubject, more = ""): InklingError =>
  new InklingError("FILE_SYSTEM", `${who} is ${doing}; wait until it finishes, or ${otherwise}${more}`);
