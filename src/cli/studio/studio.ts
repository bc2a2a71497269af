import { existsSync } from "node:fs";
import { join } from "node:path";
import { backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { RUN_FILE } from "../../runs/result.ts";
import { listen } from "../../serve/node/listen.ts";
import type { Opening } from "../../studio/server/node/nodeHost.ts";
import { StudioServer } from "../../studio/server/node/studioServer.ts";
import { interruptible } from "../interrupt.ts";
import { checkFetching, openRunData } from "../openRunData.ts";
import { openSource } from "../openSource.ts";
import { createTerminal, silentTerminal, type Terminal } from "../terminal.ts";
import { openBrowser } from "./openBrowser.ts";
import { pageFile } from "./pageFiles.ts";
import { runReport } from "./runReport.ts";
import "../../setUp.node.ts";

/** The options of `inkling studio`, as commander gives them. */
export interface StudioCommandOptions {
  readonly runs: string;
  readonly port: number;
  readonly open: boolean;
  readonly backend?: string;
}

/** Data are opened as other commands open them. */
const opening: Opening = {
  data: (source, reading) => openSource(source, silentTerminal, reading),
  async runData(config) {
    await checkFetching(config.data);
    return openRunData(config, {}, silentTerminal);
  },
};

/**
 * Serves the studio on this machine until it is stopped, then throws `ABORTED`, as every command that is stopped does. A
 * training that is in progress is saved as a run that can be resumed.
 */
export async function studioCommand(paths: readonly string[], options: StudioCommandOptions): Promise<void> {
  const { runs: folder, port, open, backend: on } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InklingError("INVALID_ARGUMENT", `--port is ${port}, expected a whole number from 0 to 65535`);
  const terminal = createTerminal();
  const isRun = (path: string) => existsSync(join(path, RUN_FILE));
  const serving = async (stopping: AbortSignal) => {
    const studio = await StudioServer.start({
      ...{ files: pageFile, folder, opening, report: runReport },
      backend: backend(on).name,
      sources: paths.filter((path) => !isRun(path)),
      runs: paths.filter(isRun),
      first: paths[0],
      onError: (error) => terminal.note(error instanceof Error ? (error.stack ?? "") : String(error)),
    });
    try {
      const server = await listen({ fetch: studio.app.fetch, host: "127.0.0.1", port, seconds: 30 });
      terminal.out(`The studio is at ${server.url}#token=${studio.token}`);
      if (open) await openPage(`${server.url}#code=${studio.code}`, terminal);
      terminal.note("Stop it with Ctrl-C; a training is then saved");
      if (!stopping.aborted) await new Promise((wake) => stopping.addEventListener("abort", wake, { once: true }));
      const isTraining = studio.isTraining;
      await studio.close();
      await server.stop();
      return isTraining ? studio.recorded : undefined;
    } catch (error) {
      await studio.close();
      throw error;
    }
  };
  const recorded = await interruptible(serving, { unread: "ignore" });
  const saved = recorded === undefined ? "" : `; resume its training with: inkling train --resume ${recorded}`;
  throw new InklingError("ABORTED", `the studio was stopped${saved}`);
}

async function openPage(address: string, terminal: Terminal): Promise<void> {
  if (!(await openBrowser(address)))
    terminal.note("There is no program here that opens a browser; open the link yourself");
}
