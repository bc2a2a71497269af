import { EventEmitter } from "node:events";
import process from "node:process";

/** Streams that can no longer be written to. */
const dropped = new Set<NodeJS.WriteStream>();
let failed = false;

/** Emits `unread` when the reader of standard output has closed it. */
export const unreadOutput = new EventEmitter();

/**
 * Keeps a command going when its output can no longer be written, so that a run is still saved and its lock removed;
 * otherwise Node would end the process in the middle of its work.
 *
 * A reader that closes the pipe early, such as `head`, is not an error: the rest of the output is dropped, and work that
 * only makes output stops. Any other reason, such as a full disk, is reported once on stderr, and the process exits with 1.
 */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", ({ code, message }: NodeJS.ErrnoException) => {
      if (dropped.has(stream)) return;
      dropped.add(stream);
      stream.write = dropWrite;
      if (code === "EPIPE") {
        if (stream === process.stdout) unreadOutput.emit("unread");
        return;
      }
      failed = true;
      const name = stream === process.stdout ? "standard output" : "standard error";
      process.stderr.write(`inkling: ${name} cannot be written: ${code === "ENOSPC" ? "the disk is full" : message}\n`);
    });
  process.on("exit", () => {
    if (failed && !process.exitCode) process.exitCode = 1;
  });
}

/** Replaces `write` of a stream that can no longer be written to. */
function dropWrite(...args: readonly unknown[]): boolean {
  const done = args.at(-1);
  if (typeof done === "function") queueMicrotask(() => done());
  return true;
}
