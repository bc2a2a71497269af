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

/** The listeners of programs that are running. */
const ours = new Set<unknown>();

/** Calls `stop` for the signals that ask this process to stop, which it then does unless others listen to them. */
function onStop(stop: (signal: string) => void): () => void {
  const heard = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
    const isAlone = process.listeners(signal as "SIGINT").every((listener) => ours.has(listener));
    const listen = () => {
      stop(signal);
      release();
      if (isAlone) process.kill(process.pid, signal); // a listener has kept it from ending
    };
    return { signal, isAlone, listen };
  });
  // Nobody listens to SIGHUP in a process that nohup started, and listening would make it end.
  const listening = heard.filter(({ signal, isAlone }) => signal !== "SIGHUP" || !isAlone);
  const release = () => {
    for (const { signal, listen } of listening) {
      process.off(signal, listen);
      ours.delete(listen);
    }
  };
  for (const { signal, listen } of listening) {
    ours.add(listen);
    process.on(signal, listen);
  }
  return release;
}

/**
 * Runs a program without a shell and without standard input. It is killed, along with all processes that it started,
 * after `seconds`, when this process exits, or when a signal asks this process to stop.
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
    const kill = (why: string) => {
      failure = why;
      end();
      // Processes outside the group may keep these open, and "close" would wait for them.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => kill(`took more than ${seconds} s`), seconds * 1000);
    // It is in a group of its own, which a terminal's Ctrl-C does not reach.
    const release = onStop((signal) => kill(`was stopped by ${signal}`));
    process.once("exit", end);
    const finish = (status: number | null, why = failure) => {
      clearTimeout(timer);
      process.off("exit", end);
      release();
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
