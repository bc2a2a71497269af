import type { KeptFiles } from "./host.ts";
import type { Reporter } from "./reporter.ts";

/** The files that a session keeps for the next visit. */
export class Keeper {
  readonly files: KeptFiles;
  readonly #reporter: Reporter;

  constructor(files: KeptFiles, reporter: Reporter) {
    this.files = files;
    this.#reporter = reporter;
  }

  /** Stores something, and reports if that fails: a full storage does not stop a training. */
  async keep(store: () => Promise<void>): Promise<void> {
    await store().catch((error: unknown) => this.#reporter.problem(error));
    await this.reportUse();
  }

  /** Reports how much is stored. */
  async reportUse(): Promise<void> {
    this.#reporter.report({ type: "storage", ...(await this.files.estimate()) });
  }
}
