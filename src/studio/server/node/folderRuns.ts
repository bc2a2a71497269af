import { InklingError } from "../../../base/error.ts";
import type { PortableRun } from "../../../runs/portableRun.ts";
import type { RunSummary } from "../../runSummary.ts";
import type { RunStore } from "../../worker/host.ts";

/**
 * The runs that a server has trained or opened since it was started. Their folders keep them, so here is only what shows them
 * again; one that is deleted here stays in its folder.
 */
export class FolderRuns implements RunStore {
  #all: readonly RunSummary[] = [];
  readonly #runs = new Map<string, PortableRun>();
  readonly #ids = new Map<string, string>();
  #count = 0;

  get all(): readonly RunSummary[] {
    return this.#all;
  }

  nextId(): string {
    return String(++this.#count);
  }

  /** The id of the run in a folder. */
  idOf(folder: string): string {
    const id = this.#ids.get(folder) ?? this.nextId();
    this.#ids.set(folder, id);
    return id;
  }

  tell(summary: RunSummary): void {
    const isKnown = this.#all.some(({ id }) => id === summary.id);
    this.#all = isKnown ? this.#all.map((one) => (one.id === summary.id ? summary : one)) : [...this.#all, summary];
  }

  async store(id: string, run: PortableRun): Promise<void> {
    this.#runs.set(id, run);
  }

  /** Throws `NOT_FOUND`. */
  async read(id: string): Promise<PortableRun> {
    const run = this.#runs.get(id);
    if (run) return run;
    throw new InklingError("NOT_FOUND", `run ${id} has no checkpoint yet; train it again`);
  }

  async delete(id: string): Promise<void> {
    this.#all = this.#all.filter((one) => one.id !== id);
    this.#runs.delete(id);
  }
}
