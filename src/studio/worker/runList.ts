import type { PortableRun } from "../../runs/portableRun.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { RunSummary } from "../runSummary.ts";
import type { Settings } from "../settings.ts";
import type { Host, RunStore } from "./host.ts";
import type { Keeper } from "./keeper.ts";
import { networkSummary } from "./plannedTraining.ts";
import type { Reporter } from "./reporter.ts";
import { SavedRuns } from "./savedRuns.ts";

/** The run that is shown, with what it is kept as. */
export interface ShownRun {
  readonly id: string;
  readonly settings: Settings;
  /** Its data, which later edits do not change. */
  readonly data: TrainingData;
}

/** The runs that are kept, by the host or else in the storage, and which of them is shown. */
export class RunList {
  shown: ShownRun | undefined;
  readonly #open: () => Promise<RunStore>;
  readonly #keeper: Keeper;
  readonly #reporter: Reporter;
  #store!: RunStore;

  private constructor(host: Host, keeper: Keeper, reporter: Reporter) {
    this.#open = async () => host.runs ?? SavedRuns.open(keeper.files);
    this.#keeper = keeper;
    this.#reporter = reporter;
  }

  static async open(host: Host, keeper: Keeper, reporter: Reporter): Promise<RunList> {
    const list = new RunList(host, keeper, reporter);
    await list.reopen();
    return list;
  }

  /** Opens what is kept, again if all files have been deleted. */
  async reopen(): Promise<void> {
    this.#store = await this.#open();
  }

  /** An id that no run has. */
  nextId(): string {
    return this.#store.nextId();
  }

  /** What is known of a run, if it is kept. */
  find(id: string | undefined): RunSummary | undefined {
    return this.#store.all.find((one) => one.id === id);
  }

  /** Throws `NOT_FOUND` where a run is not kept, and as `PortableRun.open` does. */
  read(id: string): Promise<PortableRun> {
    return this.#store.read(id);
  }

  /** Keeps a run, if it has a checkpoint. */
  async store(saved: PortableRun, shown: ShownRun): Promise<void> {
    if (!saved.checkpoint) return;
    this.tell(saved, shown);
    await this.#keeper.keep(() => this.#store.store(shown.id, saved));
  }

  async delete(id: string): Promise<void> {
    await this.#store.delete(id);
    this.report();
    await this.#keeper.reportUse();
  }

  /** Reports how far a run has come. */
  tell(saved: PortableRun, { id, settings }: ShownRun, step = saved.checkpoint?.step ?? 0): void {
    const { config, result } = saved.run!;
    const { test, weightsSha256 } = result ?? {};
    this.#store.tell({
      ...{ id, settings, source: config.data.source },
      step: result?.steps ?? step,
      steps: config.steps,
      parameters: networkSummary(config.model).parameters,
      validations: saved.validations.flatMap(({ step, loss, accuracy, images }) =>
        images > 0 ? [{ step, loss, accuracy }] : [],
      ),
      ...(test && weightsSha256 !== undefined && { result: { ...pick(test), weightsSha256 } }),
    });
    this.report();
  }

  report(): void {
    this.#reporter.report({ type: "runs", runs: this.#store.all, shown: this.shown?.id });
  }
}

const pick = ({ accuracy, loss }: { readonly accuracy: number; readonly loss: number }) => ({ accuracy, loss });
