import type { Update } from "./updates.ts";
import type { Workbench, WorkbenchMethod } from "./workbench.ts";

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

/** Calls a method of a workbench that is elsewhere, and resolves to its result. */
export type Send = (method: WorkbenchMethod, args: readonly unknown[]) => Promise<unknown>;

/** A workbench that is elsewhere. */
export function remoteWorkbench(send: Send): Workbench {
  const call = <M extends WorkbenchMethod>(method: M) =>
    ((...args: readonly unknown[]) => send(method, args)) as Workbench[M];
  return {
    begin: call("begin"),
    openLetters: call("openLetters"),
    handOver: call("handOver"),
    openFiles: call("openFiles"),
    openTest: call("openTest"),
    openPath: call("openPath"),
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

/** Calls that only look at what is there, or end what others wait for. */
const atOnce: ReadonlySet<WorkbenchMethod> = new Set(["stop", "rows", "tiles", "facts"]);

/** Lets one call at a time be done, in order: what is opened must be there before something else is done with it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** How many calls are in progress, or wait for those before them. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Does the work of a call when it is its turn. */
  take<T>(method: WorkbenchMethod, work: () => Promise<T>): Promise<T> {
    if (atOnce.has(method)) return work();
    this.#waiting++;
    const done = this.#last.then(work).finally(() => this.#waiting--);
    this.#last = done.catch(() => {}); // whoever called is told
    return done;
  }
}

/** Starts the workbench in a worker of this page. */
export function startWorker(report: (update: Update) => void): Send {
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
  return (method, args) =>
    new Promise((resolve, reject) => {
      const call: Call = { id: calls++, method, args };
      waiting.set(call.id, { resolve, reject });
      worker.postMessage(call);
    });
}
