import type { ChildProcess } from "node:child_process";
import { type ErrorCode, InklingError } from "../../base/error.ts";
import type { TrainingSpec } from "../../training/spec.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { TaskResult } from "../queueMessage.ts";
import type { Workers } from "./runStudy.ts";
import { runTrial, type TrialTask } from "./trial.ts";

/** The data of a training, split as it says. */
export type DataOf = (spec: Pick<TrainingSpec, "seed" | "split">) => TrainingData;

/** What the searching process sends to one that trains. The first message says what the data are. */
type ToWorker<Setup> =
  | { readonly type: "open"; readonly setup: Setup; readonly threads: number }
  | { readonly type: "task"; readonly task: TrialTask }
  | { readonly type: "stop" };

/** What it sends back. */
type FromWorker =
  | { readonly type: "progress"; readonly step: number }
  | { readonly type: "done"; readonly result: TaskResult }
  | { readonly type: "failed"; readonly code?: ErrorCode; readonly message: string };

/** Trains in this process, one trial at a time. */
export class OwnProcess implements Workers {
  readonly count = 1;
  readonly #dataOf: DataOf;
  readonly #threads: number | undefined;
  readonly #abort = new AbortController();

  constructor(dataOf: DataOf, threads?: number) {
    this.#dataOf = dataOf;
    this.#threads = threads;
  }

  run(task: TrialTask, onStep?: (step: number) => void): Promise<TaskResult> {
    return runTrial(task, this.#dataOf(task.spec), { threads: this.#threads, signal: this.#abort.signal, onStep });
  }

  stop(): void {
    this.#abort.abort();
  }

  close(): void {}
}

/** How to train in other processes. */
export interface ProcessOptions<Setup> {
  readonly count: number;
  /** Starts a process that calls {@link serveTasks}. */
  readonly start: () => ChildProcess;
  /** What the data are. */
  readonly setup: Setup;
  /** Threads of each process. */
  readonly threads: number;
}

/** How often a trial is begun whose process ends without an answer. */
const ATTEMPTS = 3;

/** Trains in processes of their own, each of which opens the data once. One that ends unexpectedly is replaced. */
export class OtherProcesses<Setup> implements Workers {
  readonly count: number;
  readonly #options: ProcessOptions<Setup>;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  #isStopped = false;

  constructor(options: ProcessOptions<Setup>) {
    this.count = options.count;
    this.#options = options;
  }

  async run(task: TrialTask, onStep?: (step: number) => void): Promise<TaskResult> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (this.#isStopped) throw new InklingError("ABORTED", "the search was stopped");
      const result = await this.#ask(task, onStep);
      if (result) return result;
    }
    throw new InklingError(
      "UNSUPPORTED",
      `the process that trains ${task.folder} has ended ${ATTEMPTS} times without an answer; it may need more memory than there is: try fewer --workers`,
    );
  }

  stop(): void {
    this.#isStopped = true;
    for (const child of this.#all) send(child, { type: "stop" });
  }

  close(): void {
    for (const child of this.#all) if (child.connected) child.disconnect();
    this.#all.clear();
  }

  /** Has a task done; undefined if the process ended before it answered. */
  #ask(task: TrialTask, onStep?: (step: number) => void): Promise<TaskResult | undefined> {
    const child = this.#idle.pop() ?? this.#start();
    return new Promise((resolve, reject) => {
      const settle = () => {
        child.off("message", listen);
        child.off("exit", ended);
      };
      const ended = () => {
        settle();
        resolve(undefined);
      };
      const listen = (message: FromWorker) => {
        if (message.type === "progress") return onStep?.(message.step);
        settle();
        this.#idle.push(child);
        if (message.type === "done") return resolve(message.result);
        reject(message.code ? new InklingError(message.code, message.message) : new Error(message.message));
      };
      child.on("message", listen);
      child.on("exit", ended);
      send(child, { type: "task", task });
    });
  }

  #start(): ChildProcess {
    const { start, setup, threads } = this.#options;
    const child = start();
    child.on("error", () => {}); // its end is what counts
    child.on("exit", () => {
      this.#all.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#all.add(child);
    send(child, { type: "open", setup, threads });
    return child;
  }
}

/** Sends a message to a process that may have ended; its end is reported by itself. */
function send<Setup>(child: ChildProcess, message: ToWorker<Setup>): void {
  if (child.connected) child.send(message as object, () => {});
}

/** Milliseconds between reports of progress. */
const PAUSE = 500;

/**
 * Trains what the process that has started this one sends, until that ends. `open` opens the data that the first message
 * describes.
 */
export function serveTasks<Setup>(open: (setup: Setup) => Promise<DataOf>): void {
  const abort = new AbortController();
  let opened: Promise<DataOf> | undefined;
  let threads = 1;
  const answer = (message: FromWorker) => process.send?.(message);
  const train = async (task: TrialTask) => {
    let shown = performance.now();
    const onStep = (step: number) => {
      if (performance.now() - shown < PAUSE) return;
      shown = performance.now();
      answer({ type: "progress", step });
    };
    try {
      const dataOf = await opened!;
      const result = await runTrial(task, dataOf(task.spec), { threads, signal: abort.signal, onStep });
      answer({ type: "done", result });
    } catch (error) {
      const { message } = error as Error;
      answer({ type: "failed", message, ...(error instanceof InklingError && { code: error.code }) });
    }
  };
  process.on("SIGINT", () => {}); // Ctrl-C reaches all processes of a terminal; the one that searches decides
  process.on("disconnect", () => process.exit());
  process.on("message", (message: ToWorker<Setup>) => {
    if (message.type === "stop") abort.abort();
    else if (message.type === "task") void train(message.task);
    else {
      ({ threads } = message);
      opened = open(message.setup);
      opened.catch(() => {}); // reported by the first task
    }
  });
}
