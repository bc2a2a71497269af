import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { InklingError } from "../error.ts";
import { mebibytes } from "../memory.ts";

/** The address space that a thread of Node needs: 850 MB were measured with Node 20 on x64. */
const FOR_THREAD = 2 ** 30;

/** Starts a worker thread with a module. Throws as {@link requireAddressSpace} does. */
export function startThread(module: URL): Worker {
  requireAddressSpace(FOR_THREAD, "a thread");
  return new Worker(module, { execArgv: [] });
}

/**
 * Throws `UNSUPPORTED` if a limit leaves this process fewer bytes of address space than `what` needs:
 * V8 would end the process instead, without an error that could be caught. Only Linux tells; elsewhere nothing is checked.
 */
export function requireAddressSpace(bytes: number, what: string): void {
  if (process.platform !== "linux") return;
  const [, limit] = /^Max address space +(\d+)/m.exec(readText("/proc/self/limits")) ?? [];
  const [, used] = /^VmSize:\s+(\d+) kB/m.exec(readText("/proc/self/status")) ?? [];
  if (limit === undefined || used === undefined) return;
  const left = Math.max(0, Number(limit) - 1024 * Number(used));
  if (left < bytes)
    throw new InklingError(
      "UNSUPPORTED",
      `${what} needs ${mebibytes(bytes)} of address space, but a limit leaves only ${mebibytes(left)} to this process; raise it, as with ulimit -v unlimited`,
    );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // a machine without /proc
  }
}
