import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/**
 * A process, told apart from any other that has or had the same id: here, on another machine, in another container, or
 * before the machine started again. What is unknown is empty.
 */
export interface ProcessId {
  readonly pid: number;
  /** When it started: on Linux in ticks since the machine did, elsewhere as `ps` says it. */
  readonly processStart: string;
  readonly host: string;
  /** The start of the machine (Linux). */
  readonly boot: string;
  /** Within what process ids are unique, such as a container (Linux). */
  readonly space: string;
}

/** Whether a process runs; `elsewhere` if that cannot be known here. */
export type ProcessState = "running" | "ended" | "elsewhere";

let own: Promise<ProcessId> | undefined;

/** This process. */
export function ownProcess(): Promise<ProcessId> {
  own ??= (async () => ({
    pid: process.pid,
    processStart: (await statusOf(process.pid)).start,
    host: hostname(),
    boot: (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim(),
    space: await readlink("/proc/self/ns/pid").catch(() => ""),
  }))();
  return own;
}

/**
 * Whether a process runs. One that was killed, but whose parent has not noticed, does not. `form`: what `other` has in place
 * of each text that is known of it.
 */
export async function stateOf(
  other: ProcessId,
  form: (text: string) => string = (text) => text,
): Promise<ProcessState> {
  const here = await ownProcess();
  const isOther = (theirs: string, ours: string) => theirs !== "" && ours !== "" && theirs !== form(ours);
  const differs = (key: "host" | "boot" | "space") => isOther(other[key], here[key]);
  if (differs("boot")) return differs("host") ? "elsewhere" : "ended";
  // The same start of the same machine makes it the same machine, whatever it is called.
  if (differs("space") || (differs("host") && other.boot === "")) return "elsewhere";
  if (!exists(other.pid)) return "ended";
  const { start, isZombie } = await statusOf(other.pid);
  return isZombie || isOther(other.processStart, start) ? "ended" : "running";
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function statusOf(pid: number): Promise<{ readonly start: string; readonly isZombie: boolean }> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  if (stat === "") return statusByPs(pid);
  // The fields after the name, which may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { start: fields[19] ?? "", isZombie: fields[0] === "Z" || fields[0] === "X" };
}

/** The same without /proc, such as on macOS; unknown on Windows. */
function statusByPs(pid: number): Promise<{ readonly start: string; readonly isZombie: boolean }> {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC0" };
  return new Promise((resolve) =>
    execFile("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { env }, (error, stdout) => {
      const [, state = "", start = ""] = /^\s*(\S+)\s+(.*?)\s*$/.exec(error ? "" : stdout) ?? [];
      resolve({ start, isZombie: state.startsWith("Z") });
    }),
  );
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 6);

/** A mark for names of temporary files, by which {@link stateOfMark} finds whether the process that made them runs. */
export async function ownMark(): Promise<string> {
  const { pid, processStart, host, boot, space } = await ownProcess();
  return `${pid}-${[processStart, host, boot, space].map(digest).join("")}-${randomBytes(4).toString("hex")}`;
}

/** What marks look like. */
export const MARK = /(\d+)-((?:[0-9a-f]{6}){4})-[0-9a-f]{8}/;

/** Whether the process that made a mark runs. */
export async function stateOfMark(mark: string): Promise<ProcessState> {
  const [, pid, digests = ""] = MARK.exec(mark) ?? [];
  const known = (digests.match(/.{6}/g) ?? []).map((text) => (text === digest("") ? "" : text));
  const [processStart = "", host = "", boot = "", space = ""] = known;
  return stateOf({ pid: Number(pid), processStart, host, boot, space }, digest);
}
