import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";
import process from "node:process";
import { unreadOutput } from "./output.ts";

/** The signals that ask a command to stop: Ctrl-C, `kill`, and a terminal that is closed. */
const stopping = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Windows has no SIGPIPE. */
const { SIGPIPE = 13, ...signals } = constants.signals;

let received: NodeJS.Signals | undefined;

/** The exit code of a command that was stopped: 128 and the number of the signal, as shells count. */
export const stoppedExitCode = (): number => 128 + { ...signals, SIGPIPE }[received ?? "SIGINT"];

/**
 * Runs work with a signal that aborts at the first Ctrl-C, SIGTERM or SIGHUP; a second one ends the process immediately. It
 * aborts as well when the reader of standard output ends, as `head` does after some lines, unless `unread` is "ignore":
 * that is how a pipeline says that no more is wanted.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { unread = "stop" }: { readonly unread?: "stop" | "ignore" } = {},
): Promise<T> {
  const abort = new AbortController();
  const goesOn = isNohup();
  const stop = (name: NodeJS.Signals) => {
    if (name === "SIGHUP" && goesOn) return;
    release();
    received = name;
    abort.abort();
  };
  const stopUnread = () => {
    process.stderr.write("The output is no longer read, so the command is stopped, as by Ctrl-C\n");
    stop("SIGPIPE");
  };
  const release = () => {
    for (const name of stopping) process.off(name, stop);
    unreadOutput.off("unread", stopUnread);
  };
  if (unread === "stop") unreadOutput.once("unread", stopUnread);
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
