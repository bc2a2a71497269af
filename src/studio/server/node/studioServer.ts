import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Hono } from "hono";
import type { SiteFile } from "../../../serve/staticSite.ts";
import type { About } from "../../settings.ts";
import { Session } from "../../worker/session.ts";
import { createStudioApp } from "../app.ts";
import { Feed } from "../feed.ts";
import { FolderStorage } from "./folderStorage.ts";
import { Machine } from "./machine.ts";
import { NodeHost, type Opening } from "./nodeHost.ts";

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Milliseconds between two looks at the folder of runs, while a page is connected. */
const LOOK_AGAIN = 1000;

export interface StudioServerOptions {
  /** The files of the page, by name. */
  readonly files: (name: string) => Promise<SiteFile | undefined>;
  readonly backend: string;
  /** The folder of runs, in which trainings are recorded. */
  readonly folder: string;
  /** What was named when the server was started; the first of all is opened. */
  readonly sources: readonly string[];
  readonly runs: readonly string[];
  readonly first?: string | undefined;
  readonly opening: Opening;
  /** Makes the page of the report of a run. */
  readonly report: (run: string) => Promise<string>;
  /** Is told of errors that are not the user's. */
  readonly onError: (error: unknown) => void;
}

/** The studio of a machine: a session in this process, and the server for its pages. */
export class StudioServer {
  readonly app: Hono;
  /** What calls must be authorized with: 256 random bits. */
  readonly token: string;
  /** What the token is given for, once. */
  readonly code: string;
  /** The folder in which the last training is recorded. */
  recorded: string | undefined;
  readonly #feed: Feed;
  readonly #machine: Machine;
  readonly #session: Session;
  readonly #storage: FolderStorage;
  readonly #abort = new AbortController();

  private constructor(
    storage: FolderStorage,
    { files, backend, folder, sources, runs, opening, report, onError }: StudioServerOptions,
  ) {
    this.token = randomBytes(32).toString("hex");
    this.code = randomBytes(32).toString("hex");
    this.#storage = storage;
    this.#feed = new Feed();
    this.#machine = new Machine(folder, { sources, runs }, this.token);
    const onRecord = (path: string) => {
      this.recorded = path;
    };
    const host = new NodeHost({ backend, machine: this.#machine, storage, opening, onRecord });
    this.#session = new Session(host, (update) => this.#feed.report(update));
    this.app = createStudioApp({
      files,
      call: async (method, args) =>
        method === "begin" ? this.#about : (this.#session[method] as Method).call(this.#session, ...args),
      feed: this.#feed,
      token: this.token,
      code: this.code,
      report: async (name) => {
        const run = await this.#machine.reported(name);
        return run === undefined ? undefined : report(run);
      },
      onError,
    });
  }

  /**
   * Opens what was named first, or else what an earlier server had open. Throws `FILE_SYSTEM` if another server uses the
   * folder of runs, and what opening throws.
   */
  static async start(options: StudioServerOptions): Promise<StudioServer> {
    const storage = await FolderStorage.open(join(options.folder, ".studio"));
    const server = new StudioServer(storage, options);
    try {
      server.#about = await server.#session.begin();
      if (options.first !== undefined) await server.#session.openPath(options.first);
    } catch (error) {
      await server.close();
      throw error;
    }
    void server.#watchMachine();
    return server;
  }

  #about: About | undefined;

  /** Whether a training is in progress, which `close` then saves. */
  get isTraining(): boolean {
    return this.#session.isTraining;
  }

  /** Tells pages what there is on this machine, whenever that changes. */
  async #watchMachine(): Promise<void> {
    const { signal } = this.#abort;
    for (let told = ""; !signal.aborted; ) {
      const machine = await this.#machine.list();
      const found = JSON.stringify(machine);
      if (found !== told) this.#feed.report({ type: "machine", machine });
      told = found;
      do await setTimeout(LOOK_AGAIN, undefined, { ref: false, signal }).catch(() => {});
      while (this.#feed.followers === 0 && !signal.aborted);
    }
  }

  /** Ends the connections to pages, and a training, which is saved up to its last step. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#feed.end();
    await this.#session.close();
    await this.#storage.close();
  }
}
