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

/** A workbench that is elsewhere: `send` calls a method of it, and resolves to its result. */
export function remoteWorkbench(
  send: (method: WorkbenchMethod, args: readonly unknown[]) => Promise<unknown>,
): Workbench {
  const call = <M extends WorkbenchMethod>(method: M) =>
    ((...args: readonly unknown[]) => send(method, args)) as Workbench[M];
  return {
    begin: call("begin"),
    openLetters: call("openLetters"),
    openFiles: call("openFiles"),
    openNew: call("openNew"),
    stop: call("stop"),
    rows: call("rows"),
    tiles: call("tiles"),
    facts: call("facts"),
    edit: call("edit"),
    undo: call("undo"),
    redo: call("redo"),
    addPictures: call("addPictures"),
    addTried: call("addTried"),
    check: call("check"),
    saveData: call("saveData"),
    saveFixes: call("saveFixes"),
    plan: call("plan"),
    start: call("start"),
    pause: call("pause"),
    resume: call("resume"),
    step: call("step"),
    reset: call("reset"),
    sweep: call("sweep"),
    stopSweep: call("stopSweep"),
    showRun: call("showRun"),
    deleteRun: call("deleteRun"),
    look: call("look"),
    explain: call("explain"),
    map: call("map"),
    export: call("export"),
    saveRun: call("saveRun"),
    forget: call("forget"),
  };
}

/** The workbench in a worker of this page. */
export function workerWorkbench(report: (update: Update) => void): Workbench {
  const worker = new Worker(new URL("./studioWorker.js", import.meta.url), { type: "module" });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  worker.onerror = ({ message }) =>
    report({ type: "problem", message: `the worker has failed: ${message || "its script could not be loaded"}` });
  worker.onmessage = ({ data: answer }: MessageEvent<Answer>) => {
    if ("update" in answer) return report(answer.update);
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) call?.reject(new Error(answer.error));
    else call?.resolve(answer.result);
  };
  return remoteWorkbench(
    (method, args) =>
      new Promise((resolve, reject) => {
        const call: Call = { id: calls++, method, args };
        waiting.set(call.id, { resolve, reject });
        worker.postMessage(call);
      }),
  );
}
