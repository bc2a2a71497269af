import { type ChildProcess, fork } from "node:child_process";
import { backend, backendNames } from "../../backends/index.ts";
import { VERSION } from "../../base/formatVersion.ts";
import { printable } from "../../base/printable.ts";
import { processors } from "../../engine/threads.ts";
import { describeTrialScore } from "../../report/studyTable.ts";
import { openRedis } from "../../search/node/queue/connect.ts";
import { type Errand, serveQueue, Unfit } from "../../search/node/queue/serveQueue.ts";
import { runTrial } from "../../search/node/trial.ts";
import type { QueuedTask, TaskResult } from "../../search/queueMessage.ts";
import { interruptible } from "../interrupt.ts";
import { queueAddress } from "../search/queueAddress.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { WorkerData } from "./workerData.ts";
import "../../setUp.node.ts";

/** The options of `inkling worker`. */
export interface WorkerOptions {
  readonly data?: readonly string[];
  readonly fetch?: boolean;
  readonly concurrency?: number;
  readonly threads?: number;
  readonly stalledAfter?: number;
}

/** Trains what a queue has until the process is stopped: in this process, or in several that are started again when they end. */
export async function workerCommand(given: string | undefined, options: WorkerOptions): Promise<void> {
  const queue = queueAddress(given);
  const { concurrency = processors() } = options;
  const threads = options.threads ?? Math.max(1, Math.floor(processors() / concurrency));
  if (concurrency === 1) await serve(queue, { ...options, threads }, createTerminal());
  else {
    await (await openRedis(queue)).close(); // throws here once, not in each process
    await interruptible((signal) => serveInProcesses(concurrency, threads, signal));
  }
}

/** Trains in this process, one trial at a time. */
async function serve(queue: string, options: WorkerOptions & { readonly threads: number }, terminal: Terminal) {
  const { data: sources = [], fetch, threads, stalledAfter } = options;
  const data = new WorkerData(sources, terminal, fetch);
  const stop = () => process.kill(process.pid, "SIGTERM");
  process.once("disconnect", stop); // the process that started this one has ended
  await interruptible((signal) =>
    serveQueue(queue, {
      train: (errand) => train(errand, data, threads),
      signal,
      ...(stalledAfter !== undefined && { stalledAfter }),
      onReady: (address) => terminal.note(terminal.dim(`Waiting for trials from ${address}`)),
      onStart: (task) => terminal.note(terminal.dim(`${nameOf(task)}: training`)),
      onEnd: (task, result) => terminal.out(`${nameOf(task)}: ${describeResult(task, result)}`),
      onNote: (line) => terminal.note(line),
    }),
  ).finally(() => process.off("disconnect", stop)); // which would keep this process alive
}

/** The study and the trial: lenet-letters-1 trial 12. */
function nameOf({ name }: QueuedTask): string {
  const parts = name.split(/[/\\]/);
  return printable(
    parts
      .filter((part) => part !== "trials")
      .slice(-2)
      .join(" trial "),
  );
}

const describeResult = ({ spec }: QueuedTask, result: TaskResult): string =>
  "score" in result ? describeTrialScore(result.score, spec.monitor === "accuracy") : printable(result.problem);

/** Trains a task. Throws {@link Unfit} if the numbers of this machine would be others than those of the search. */
async function train(errand: Errand, data: WorkerData, threads: number): Promise<TaskResult> {
  const { task, folder, signal, onStep, onCheckpoint } = errand;
  const { inkling, arithmetic, spec, steps } = task;
  if (inkling !== VERSION)
    throw new Unfit(
      "UNSUPPORTED",
      `the search uses Inkling ${printable(inkling)}, and this is ${VERSION}; install the same version on both machines`,
    );
  const able = [backend(), ...backendNames().map(backend)].find((made) => made.arithmetic === arithmetic);
  if (!able)
    throw new Unfit(
      "UNSUPPORTED",
      `the search computes with ${arithmetic}, which no back end has here, so weights would differ; see: inkling info`,
    );
  const trainingData = await data.of(errand);
  return runTrial({ spec: { ...spec, backend: able.name }, steps, folder }, trainingData, {
    threads,
    signal,
    onStep,
    onCheckpoint,
  });
}

/** Milliseconds before a process that has ended is replaced. */
const PAUSE = 1000;

/** Runs the same command in several processes, with one trial at a time each, until the signal aborts or one of them gives up. */
async function serveInProcesses(count: number, threads: number, signal: AbortSignal): Promise<void> {
  const args = [...process.argv.slice(2), "--concurrency", "1", "--threads", String(threads)];
  const children = new Set<ChildProcess>();
  let failure: number | undefined;
  const stop = () => {
    for (const child of children) child.kill("SIGTERM");
  };
  const run = () =>
    new Promise<void>((resolve) => {
      const child = fork(process.argv[1]!, args, { stdio: ["ignore", "inherit", "inherit", "ipc"], detached: true });
      children.add(child);
      child.once("exit", (code) => {
        children.delete(child);
        // What it could not do at all, such as reach the queue, its successor cannot do either.
        if (code === 1) failure = code;
        if (failure !== undefined) stop();
        resolve();
      });
    });
  const keepOne = async () => {
    while (!signal.aborted && failure === undefined) {
      await run();
      if (!signal.aborted && failure === undefined) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  };
  signal.addEventListener("abort", stop);
  await Promise.all(Array.from({ length: count }, keepOne));
  if (failure !== undefined) process.exitCode = failure;
}
