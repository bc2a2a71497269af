import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";
import process from "node:process";

/** The signals that ask a command to stop: Ctrl-C, `kill`, and a terminal that is closed. */
const stopping = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

let received: NodeJS.Signals | undefined;

/** The exit code of a command that was stopped: 128 and the number of the signal, as shells count. */
export const stoppedExitCode = (): number => 128 + constants.signals[received ?? "SIGINT"];

/** Runs work with a signal that aborts at the first Ctrl-C, SIGTERM or SIGHUP; a second one ends the process immediately. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const goesOn = isNohup();
  const stop = (name: NodeJS.Signals) => {
    if (name === "SIGHUP" && goesOn) return;
    release();
    received = name;
    abort.abort();
  };
  const release = () => {
    for (const name of stopping) process.off(name, stop);
  };
  for (const name of stopping) process.on(name, stop);
  try {
    return await work(abort.signal);
  } finally {
    release();
  }
}

/**
 * Whether the process was started by `nohup`, and goes on when its terminal is closed. Node undoes that `nohup` makes a
 * process ignore SIGHUP. What is left of it is the command's name, which shells pass on, and an input that cannot be read
 * (https://www.gnu.org/software/coreutils/nohup).
 */
function isNohup(): boolean {
  if (basename(process.env["_"] ?? "") === "nohup") return true;
  try {
    // The last octal digit is how a file is opened: 1 is for writing only.
    return /^flags:\s*\d*1$/m.test(readFileSync("/proc/self/fdinfo/0", "utf8"));
  } catch {
    return false; // not Linux
  }
}
