import { InklingError } from "../../base/error.ts";
import { parseJsonObject } from "../../base/json.ts";
import { PortableRun } from "../../runs/portableRun.ts";
import type { RunSummary } from "../runSummary.ts";
import type { KeptFiles, RunStore } from "./host.ts";

/** What is known of all runs, and the file of one. */
const INDEX = "runs.json";
const fileOf = (id: string): string => `run-${id}.run`;

/** The runs that are kept: each is a file, and one more has what is known of all of them. */
export class SavedRuns implements RunStore {
  readonly #files: KeptFiles;
  #all: readonly RunSummary[] = [];
  /** Runs of which there is a file. */
  readonly #kept = new Set<string>();
  /** Settles when nothing is being written. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(files: KeptFiles) {
    this.#files = files;
  }

  /** Opens the runs that earlier visits have left. */
  static async open(files: KeptFiles): Promise<SavedRuns> {
    const runs = new SavedRuns(files);
    const bytes = await files.read(INDEX);
    const index = bytes && parseJsonObject(new TextDecoder().decode(bytes));
    runs.#all = (index?.["runs"] as readonly RunSummary[] | undefined) ?? [];
    for (const { id } of runs.#all) runs.#kept.add(id);
    return runs;
  }

  /** What is known of all runs, the oldest first. */
  get all(): readonly RunSummary[] {
    return this.#all;
  }

  /** An id that no run has. */
  nextId(): string {
    return String(1 + Math.max(0, ...this.#all.map(({ id }) => Number(id))));
  }

  /** Says what is known of a run now, which is stored with the next file. */
  tell(summary: RunSummary): void {
    const isKnown = this.#all.some(({ id }) => id === summary.id);
    this.#all = isKnown ? this.#all.map((one) => (one.id === summary.id ? summary : one)) : [...this.#all, summary];
  }

  /** Stores a run that has a checkpoint. Throws `FILE_SYSTEM` where that fails. */
  store(id: string, run: PortableRun): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#all.some((one) => one.id === id)) return; // it has been deleted
      await this.#files.write(fileOf(id), await run.encode());
      this.#kept.add(id);
      await this.#writeIndex();
    });
  }

  /** A run, read from its file. Throws `NOT_FOUND` where it is not kept, and as `PortableRun.open` does. */
  async read(id: string): Promise<PortableRun> {
    await this.#last;
    const bytes = await this.#files.read(fileOf(id));
    if (bytes) return PortableRun.open(bytes);
    throw new InklingError("NOT_FOUND", `run ${id} is no longer stored here; train it again`);
  }

  /** Deletes a run. */
  delete(id: string): Promise<void> {
    this.#all = this.#all.filter((one) => one.id !== id);
    this.#kept.delete(id);
    return this.#inTurn(async () => {
      await this.#files.remove(fileOf(id));
      await this.#writeIndex();
    });
  }

  #writeIndex(): Promise<void> {
    const runs = this.#all.filter(({ id }) => this.#kept.has(id));
    return this.#files.write(INDEX, JSON.stringify({ runs }));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {}); // whoever waits for it is told
    return done;
  }
}
