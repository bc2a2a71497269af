import { InklingError } from "../../base/error.ts";
import { availableThreads } from "../../engine/threads.ts";
import type { PortableRun } from "../../runs/portableRun.ts";
import type { Settings } from "../settings.ts";
import type { ExportForm, TakenFile } from "../workbench.ts";
import type { DataDesk } from "./dataDesk.ts";
import type { Host, OpenedPath } from "./host.ts";
import type { ModelDesk } from "./modelDesk.ts";
import { networkSummary } from "./plannedTraining.ts";
import type { Reporter } from "./reporter.ts";
import { RunData } from "./runData.ts";
import type { RunList, ShownRun } from "./runList.ts";
import { settingsOf } from "./settingsOf.ts";
import { Sweeping } from "./sweeping.ts";
import { TrainingDesk } from "./trainingDesk.ts";
import { watched } from "./watched.ts";

interface RunDeskOptions {
  readonly host: Host;
  readonly reporter: Reporter;
  readonly data: DataDesk;
  readonly list: RunList;
  readonly model: ModelDesk;
  /** Stores what is shown, for the next visit, and whether that trains; by default, whether this one does. */
  readonly remember: (isTraining?: boolean) => Promise<void>;
}

/** The run that is shown: one that is trained, one that was opened or kept and may go on, or one of another process. */
export class RunDesk {
  readonly training: TrainingDesk;
  /** The settings of the last run, or of the one that is next. */
  settings: Settings | undefined;
  readonly #options: RunDeskOptions;
  readonly #runData: RunData;
  readonly #sweeping: Sweeping;
  /** A run that was opened, or stored by an earlier visit, and has not gone on yet. */
  #waiting: PortableRun | undefined;
  /** The run of another process that is shown while it is trained. */
  #followed: AsyncIterable<PortableRun> | undefined;

  constructor(options: RunDeskOptions) {
    this.#options = options;
    this.#runData = new RunData(options.data);
    this.#sweeping = new Sweeping(options.host.backend, options.reporter);
    this.training = new TrainingDesk(options);
  }

  /** Whether the run that is shown waits to go on, and has not come to its end. */
  get canGoOn(): boolean {
    return this.#waiting !== undefined && !this.#waiting.run!.result;
  }

  async start(settings: Settings): Promise<void> {
    await this.#begin(settings, { isPaused: false });
  }

  /** One step; starts a training that has not started. */
  async step(settings: Settings): Promise<void> {
    if (!this.training.isUnderWay) await this.#begin(settings, { isPaused: true });
    await this.training.step();
  }

  async resume(): Promise<void> {
    const [waiting, { shown }] = [this.#waiting, this.#options.list];
    if (!waiting || !shown) return this.training.resume();
    const { reporter, remember } = this.#options;
    reporter.activity("preparing");
    try {
      await this.training.goOn(waiting, { ...shown, data: await this.#runData.open(waiting) });
      this.#waiting = undefined;
    } catch (error) {
      reporter.activity("paused");
      await remember();
      throw error;
    }
  }

  /** Ends the training, and shows no run. */
  async reset(): Promise<void> {
    const { list, model, reporter, remember } = this.#options;
    await this.stop();
    this.#leave();
    list.shown = undefined;
    model.set(undefined);
    reporter.activity("idle");
    list.report();
    await remember();
  }

  /** Ends the training, and keeps what has been trained. */
  async stop(): Promise<void> {
    this.#sweeping.stop();
    await this.training.stop();
  }

  /** Trains at growing learning rates, while the training pauses. */
  async sweep(settings: Settings): Promise<void> {
    if (this.training.isGoingOn) await this.training.pause();
    this.#sweeping.start(settings, this.#options.data.opened.divide(settings.overrides));
  }

  stopSweep(): void {
    this.#sweeping.stop();
  }

  async #begin(settings: Settings, how: { readonly isPaused: boolean }): Promise<void> {
    const { list, model, data: desk, reporter, remember } = this.#options;
    await this.stop();
    this.#leave();
    model.set(undefined);
    this.settings = settings;
    reporter.activity("preparing");
    try {
      const data = desk.opened.divide(settings.overrides);
      await this.training.begin({ id: list.nextId(), settings, data }, desk.opened.origin, how);
    } catch (error) {
      list.shown = undefined;
      reporter.activity("idle");
      await remember();
      throw error;
    }
  }

  /** Leaves a run that waits or is followed. */
  #leave(): void {
    this.#waiting = undefined;
    this.#followed = undefined;
  }

  /** Keeps a run that was opened from files, and shows it. Throws `NOT_FOUND` where its data are not open. */
  async open(saved: PortableRun): Promise<void> {
    const { list } = this.#options;
    const data = await this.#runData.open(saved);
    const shown = { id: list.nextId(), settings: settingsOf(saved.run!.config, data), data };
    await this.#wait(saved, shown);
    await list.store(saved, shown);
  }

  /** Shows a run that was opened by its path, and follows it if another process trains it. */
  async openFound(found: OpenedPath & { readonly run: NonNullable<OpenedPath["run"]> }): Promise<void> {
    const { id, saved, data } = found.run;
    this.#runData.note(saved, found);
    const shown = { id, settings: settingsOf(saved.run!.config, data), data };
    await this.#wait(saved, shown);
    if (found.following) void this.#follow(found.following, found, shown);
    else await this.#options.list.store(saved, shown);
  }

  /** Shows a run that is kept. Throws `NOT_FOUND`. */
  async show(id: string): Promise<void> {
    const { list, remember } = this.#options;
    const summary = list.find(id);
    if (!summary) throw new InklingError("NOT_FOUND", `there is no run ${id}`);
    if (list.shown?.id === id) return;
    await this.stop();
    this.#followed = undefined;
    const saved = await list.read(id);
    await this.#wait(saved, { id, settings: summary.settings, data: await this.#runData.open(saved) });
    await remember();
  }

  /** Shows a run that may go on later. */
  async #wait(saved: PortableRun, shown: ShownRun): Promise<void> {
    const { host, list, model, reporter } = this.#options;
    const { config, result, sessions } = saved.run!;
    const { settings, data } = shown;
    list.shown = shown;
    this.settings = settings;
    const trained = saved.checkpoint && saved.trained();
    model.set(trained);
    reporter.report({
      type: "started",
      settings,
      network: networkSummary(saved.model),
      steps: config.steps,
      threads: sessions.at(-1)?.threads ?? availableThreads(host.backend),
      classes: saved.model.classes,
    });
    for (const { step, loss, accuracy } of saved.validations)
      reporter.report({ type: "validation", validation: { step, loss, accuracy } });
    if (result && trained) await model.reportResult(result, trained, data);
    else reporter.activity("paused");
    this.#waiting = saved;
    list.tell(saved, shown);
    await model.look();
  }

  /** Shows a run while another process trains it; once that has stopped, it can go on here. */
  async #follow(following: AsyncIterable<PortableRun>, found: OpenedPath, shown: ShownRun): Promise<void> {
    const { list, model, reporter } = this.#options;
    this.#followed = following;
    reporter.activity("followed");
    const isOver = () => this.#followed !== following;
    try {
      for await (const { saved, updates } of watched(following, this.#waiting)) {
        if (isOver()) return;
        for (const update of updates) reporter.report(update);
        this.#runData.note(saved, found);
        this.#waiting = saved;
        list.tell(saved, shown);
        model.set(saved.checkpoint && saved.trained());
        await model.look();
      }
      if (isOver()) return;
      const saved = this.#waiting!;
      await this.#wait(saved, shown);
      await list.store(saved, shown);
    } catch (error) {
      if (isOver()) return;
      reporter.activity("paused");
      reporter.problem(error);
    } finally {
      if (!isOver()) this.#followed = undefined;
    }
  }

  /** The network of the run that is shown, in a form. */
  export(form: ExportForm): Promise<TakenFile> {
    const { data, list, model } = this.#options;
    const [saved, { shown }] = [this.#saved, list];
    return model.export(form, saved && shown && { saved, data: shown.data, name: data.opened.fileName });
  }

  /** The run that is shown, as a file. */
  async save(): Promise<TakenFile> {
    const saved = this.#saved;
    if (!saved) throw new InklingError("NOT_FOUND", "there is no training yet; start one first");
    await this.training.recordCheckpoint();
    return { name: `${this.#options.data.opened.fileName}.run`, bytes: await saved.encode() };
  }

  get #saved(): PortableRun | undefined {
    return this.training.saved ?? this.#waiting;
  }
}
