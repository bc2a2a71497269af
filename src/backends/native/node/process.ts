import { spawn } from "node:child_process";

/** What a program printed, and how it ended. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not end by itself. */
  readonly failure?: string;
}

/** Messages of compilers are read in English, and colors are of no use. */
const environment = () => ({ ...process.env, LC_ALL: "C", TERM: "dumb" });
const MAX_OUTPUT = 1 << 20;

/**
 * Runs a program without a shell, with nothing on its standard input. After `seconds` it is ended with all that it
 * started, and so it is when this process ends.
 */
export function runProgram([program, ...first]: readonly string[], args: readonly string[], seconds: number) {
  return new Promise<Finished>((resolve) => {
    const child = spawn(program!, [...first, ...args], {
      detached: true, // a group of its own, so that it can be ended as a whole
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // it has ended
      }
    };
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (output[name].length < MAX_OUTPUT) output[name] += text;
      });
    let failure: string | undefined;
    const timer = setTimeout(() => {
      failure = `took more than ${seconds} s`;
      end();
      // What it has started elsewhere may still hold these open, and would be waited for.
      child.stdout.destroy();
      child.stderr.destroy();
    }, seconds * 1000);
    process.once("exit", end);
    const finish = (status: number | null, why = failure) => {
      clearTimeout(timer);
      process.removeListener("exit", end);
      resolve({ status, ...output, ...(why !== undefined && { failure: why }) });
    };
    child.once("error", (error: NodeJS.ErrnoException) =>
      finish(null, error.code === "ENOENT" ? "is not there" : error.message),
    );
    child.once("close", (status, signal) => finish(status, failure ?? (signal ? `was ended by ${signal}` : undefined)));
  });
}
