import { createHmac } from "node:crypto";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { InklingError } from "../../../base/error.ts";
import { type ListedRun, listRuns } from "../../../runs/node/listRuns.ts";
import { RUN_FILE } from "../../../runs/result.ts";
import type { MachineRun, Machine as MachineState } from "../../runSummary.ts";
import { stampOf } from "./savedRun.ts";

/** Runs that are listed: those that changed last. */
const MOST_RUNS = 200;

/** What the page may open of this machine: what was named when the server was started, and the runs of a folder. */
export class Machine {
  readonly folder: string;
  readonly #sources: readonly string[];
  readonly #named: readonly string[];
  readonly #secret: string;
  readonly #listed = new Map<string, { readonly stamp: string; readonly run: ListedRun }>();

  /** `folder` has the runs; `secret` makes the addresses of reports unguessable. */
  constructor(
    folder: string,
    given: { readonly sources: readonly string[]; readonly runs: readonly string[] },
    secret: string,
  ) {
    this.folder = folder;
    this.#sources = given.sources;
    this.#named = given.runs;
    this.#secret = secret;
  }

  /** What there is at present. */
  async list(): Promise<MachineState> {
    const found = await this.#runs();
    const runs: MachineRun[] = [];
    for (const path of [...this.#named, ...found]) {
      const run = await this.#look(path);
      if (run) runs.push(this.#describe(run));
    }
    for (const path of this.#listed.keys()) if (!runs.some((run) => run.path === path)) this.#listed.delete(path);
    return { sources: this.#sources, folder: this.folder, runs };
  }

  /** The folders of runs, those that changed last first. What is a link is none, since it may lead elsewhere. */
  async #runs(): Promise<readonly string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true }).catch(() => []);
    const found = entries.flatMap((entry) => (entry.isDirectory() ? [join(this.folder, entry.name)] : []));
    const isNamed = new Set(this.#named.map((path) => resolve(path)));
    const stamped = await Promise.all(
      found
        .filter((path) => !isNamed.has(resolve(path)))
        .map(async (path) => ({ path, at: (await stat(join(path, RUN_FILE)).catch(() => undefined))?.mtimeMs })),
    );
    return stamped
      .filter(({ at }) => at !== undefined)
      .sort((a, b) => b.at! - a.at!)
      .slice(0, MOST_RUNS)
      .map(({ path }) => path);
  }

  /** A run, read again only if it may have changed; a process that is gone changes nothing. */
  async #look(path: string): Promise<ListedRun | undefined> {
    const stamp = await stampOf(path);
    const before = this.#listed.get(path);
    if (before?.stamp === stamp && before.run.status !== "running") return before.run;
    const [run] = await listRuns(path).catch(() => []);
    if (run) this.#listed.set(path, { stamp, run });
    return run;
  }

  #describe({ path, status, step, run }: ListedRun): MachineRun {
    const test = run?.result?.test;
    return {
      path,
      status: status === "damaged" || status === "needs an extension" ? "unreadable" : status,
      recipe: run?.config.recipe ?? "",
      source: run ? basename(run.config.data.source) : "",
      step,
      steps: run?.config.steps ?? 0,
      ...(test && test.count > 0 && { accuracy: test.accuracy }),
      ...(status === "finished" && { report: `reports/${this.#nameOf(path)}` }),
    };
  }

  /**
   * Checks that a path may be opened: it was named when the server was started, or is a run directly in the folder of runs,
   * where links lead nowhere else. Throws `NOT_FOUND`.
   */
  async check(path: string): Promise<void> {
    if (this.#sources.includes(path) || this.#named.includes(path)) return;
    const refused = new InklingError(
      "NOT_FOUND",
      `${path} is neither a run in ${this.folder} nor was it named when the studio was started: inkling studio ${path}`,
    );
    if (path.includes("\0")) throw refused;
    const [real, folder] = await Promise.all([realpath(path), realpath(this.folder)]).catch(() => {
      throw refused;
    });
    if (dirname(real) !== folder) throw refused;
  }

  /** The run whose report has a name; undefined if there is none. */
  async reported(name: string): Promise<string | undefined> {
    const { runs } = await this.list();
    return runs.find(({ report }) => report === `reports/${name}`)?.path;
  }

  #nameOf(path: string): string {
    return createHmac("sha256", this.#secret).update(resolve(path)).digest("hex").slice(0, 32);
  }
}
