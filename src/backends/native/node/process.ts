import { spawn } from "node:child_process";

/** The output of a program, and how it ended. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not end on its own. */
  readonly failure?: string;
}

/** Makes compilers print their messages in English and without colors. */
const environment = () => ({ ...process.env, LC_ALL: "C", TERM: "dumb" });
const MAX_OUTPUT = 1 << 20;

/**
 * Runs a program without a shell and without standard input. It is killed, along with all processes that it started,
 * after `seconds` or when this process exits.
 */
export function runProgram([program, ...first]: readonly string[], args: readonly string[], seconds: number) {
  return new Promise<Finished>((resolve) => {
    const child = spawn(program!, [...first, ...args], {
      detached: true, // its own process group, so that it can be killed as a whole
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // it has already exited
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
      // Processes outside the group may keep these open, and "close" would wait for them.
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
      finish(null, error.code === "ENOENT" ? "was not found" : error.message),
    );
    child.once("close", (status, signal) =>
      finish(status, failure ?? (signal ? `was killed by ${signal}` : undefined)),
    );
  });
}
