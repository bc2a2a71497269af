import { remoteWorkbench, startWorker } from "./calls.ts";
import { connectToServer } from "./server/connection.ts";
import type { Update } from "./updates.ts";
import type { Workbench } from "./workbench.ts";

/** Whether `inkling studio` serves this page. */
export const isServed = (): boolean => document.documentElement.dataset["server"] !== undefined;

/**
 * The workbench of this page: that of `inkling studio`, if it serves the page and the page has its token, or else a worker.
 * Calls wait until it is there.
 */
export function connect(report: (update: Update) => void): Workbench {
  const sending = (async () => {
    if (!isServed()) return startWorker(report);
    const server = await connectToServer(report);
    if (!server) report({ type: "connection", to: "worker" });
    return server ?? startWorker(report);
  })();
  return remoteWorkbench(async (method, args) => (await sending)(method, args));
}
