import type { Update, Workbench, WorkbenchMethod } from "./workbench.ts";

/** A call of a method of a workbench that is elsewhere. */
export interface Call {
  readonly id: number;
  readonly method: WorkbenchMethod;
  readonly args: readonly unknown[];
}

/** An answer to a call, or news. */
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly update: Update };

/** A workbench whose methods are messages; `listen` is told every answer. */
function remoteWorkbench(
  post: (call: Call) => void,
  listen: (answer: (answer: Answer) => void) => void,
  report: (update: Update) => void,
): Workbench {
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let calls = 0;
  listen((answer) => {
    if ("update" in answer) return report(answer.update);
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) call?.reject(new Error(answer.error));
    else call?.resolve(answer.result as never);
  });
  const call = <M extends WorkbenchMethod>(method: M) =>
    ((...args: readonly unknown[]) =>
      new Promise((resolve, reject) => {
        const id = calls++;
        waiting.set(id, { resolve, reject });
        post({ id, method, args });
      })) as Workbench[M];
  return {
    begin: call("begin"),
    openLetters: call("openLetters"),
    openFiles: call("openFiles"),
    images: call("images"),
    plan: call("plan"),
    start: call("start"),
    pause: call("pause"),
    resume: call("resume"),
    step: call("step"),
    reset: call("reset"),
    look: call("look"),
    export: call("export"),
    saveRun: call("saveRun"),
    forget: call("forget"),
  };
}

/** The workbench in a worker of this page. */
export function workerWorkbench(report: (update: Update) => void): Workbench {
  const worker = new Worker(new URL("./studioWorker.js", import.meta.url), { type: "module" });
  worker.onerror = ({ message }) =>
    report({ type: "problem", message: `the worker has failed: ${message || "its script could not be loaded"}` });
  return remoteWorkbench(
    (call) => worker.postMessage(call),
    (answer) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => answer(data);
    },
    report,
  );
}
