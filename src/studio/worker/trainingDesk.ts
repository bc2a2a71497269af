import { PortableRun } from "../../runs/portableRun.ts";
import { type TrainEvent, type TrainingOrigin, train } from "../../training/index.ts";
import { originOf, type SourceSpec } from "../../training/spec.ts";
import type { Host } from "./host.ts";
import { LiveTraining, type Record, type Start } from "./liveTraining.ts";
import type { ModelDesk } from "./modelDesk.ts";
import { networkSummary, plannedWithin, withRate } from "./plannedTraining.ts";
import type { Reporter } from "./reporter.ts";
import type { RunList, ShownRun } from "./runList.ts";

interface TrainingDeskOptions {
  readonly host: Host;
  readonly reporter: Reporter;
  readonly list: RunList;
  readonly model: ModelDesk;
  /** Stores what is shown, for the next visit, and whether that trains; by default, whether this one does. */
  readonly remember: (isTraining?: boolean) => Promise<void>;
}

/** The training of a session, one at a time: it is begun, paused, gone on with, and ended; all its events are reported. */
export class TrainingDesk {
  readonly #options: TrainingDeskOptions;
  #training: LiveTraining | undefined;

  constructor(options: TrainingDeskOptions) {
    this.#options = options;
  }

  /** The run of the training that is in progress or has come to its end. */
  get saved(): PortableRun | undefined {
    return this.#training?.saved;
  }

  /** Whether a training has not ended, even if it is paused. */
  get isUnderWay(): boolean {
    return this.#training?.isUnderWay === true;
  }

  /** Whether a training is under way, and not paused. */
  get isGoingOn(): boolean {
    return this.isUnderWay && this.#training!.isOpen;
  }

  /** Begins a run. `source` is where it says that its data come from, and how they were read. */
  async begin(given: ShownRun, source: SourceSpec, how: { readonly isPaused: boolean }): Promise<void> {
    const { host, list } = this.#options;
    const { data } = given;
    const settings = await withRate(given.settings, data, host.backend);
    const shown = { ...given, settings };
    const { recipe, budget, initFrom, threads, checkpointEvery } = settings;
    const { backend } = host;
    const { model, ...options } = await plannedWithin(settings, data, backend);
    const initial = initFrom === undefined ? undefined : (await list.read(initFrom)).trained();
    const origin: TrainingOrigin = {
      ...source,
      recipe,
      ...(budget !== undefined && { budget }),
      ...(given.settings.chosenRate && { chosenRate: true }),
      ...(initFrom !== undefined && { initFrom: `run ${initFrom}` }),
    };
    const start: Start = (more) =>
      train(model, data, {
        ...options,
        ...more,
        ...(initial && { initFrom: initial }),
        ...(threads !== undefined && { threads }),
        ...(checkpointEvery !== undefined && { checkpointEvery }),
        backend,
      });
    await this.#follow(new PortableRun(origin), start, shown, origin, how);
  }

  /** Goes on with a run, to the weights that it would have had without the interruption. */
  async goOn(saved: PortableRun, shown: ShownRun): Promise<void> {
    const { backend } = this.#options.host;
    const start: Start = (more) => train(saved.model, shown.data, { ...saved.options, ...more, backend });
    await this.#follow(saved, start, shown, originOf(saved.run!.config), { isPaused: false });
  }

  /** Makes a single step of the training that is under way. */
  async step(): Promise<void> {
    await this.#training!.step();
    this.#options.reporter.activity("paused");
  }

  async pause(): Promise<void> {
    const { reporter, list, remember } = this.#options;
    const [training, { shown }] = [this.#training, list];
    if (!training?.isUnderWay || !shown) return;
    training.pause();
    reporter.activity("paused");
    await training.recordCheckpoint();
    await list.store(training.saved, shown);
    await remember();
  }

  /** Goes on after a pause. */
  async resume(): Promise<void> {
    const { reporter, remember } = this.#options;
    if (!this.#training) return;
    // Stored and told before it goes on, since it may pause by itself at once, where it can no longer be recorded.
    await remember(true);
    reporter.activity("training");
    try {
      await this.#training.resume();
    } catch (error) {
      reporter.activity("paused");
      await remember();
      throw error;
    }
  }

  /** Ends the training, and keeps what has been trained. */
  async stop(): Promise<void> {
    const { list } = this.#options;
    const [training, { shown }] = [this.#training, list];
    this.#training = undefined;
    if (!training) return;
    const { isUnderWay } = training;
    await training.stop();
    if (isUnderWay && shown) await list.store(training.saved, shown);
  }

  /** Brings what is recorded of the training up to its last step. */
  async recordCheckpoint(): Promise<void> {
    if (this.isUnderWay) await this.#training!.recordCheckpoint();
  }

  /** Trains, and reports every event. */
  async #follow(
    saved: PortableRun,
    start: Start,
    shown: ShownRun,
    origin: TrainingOrigin,
    how: { readonly isPaused: boolean },
  ): Promise<void> {
    const { host, reporter, list, remember } = this.#options;
    const record: Record = async () => host.record?.(saved, { origin, dataset: shown.data.dataset });
    const training = new LiveTraining(saved, start, record, await record());
    this.#training = training;
    list.shown = shown;
    const onEvent = (event: TrainEvent) => this.#show(event, training, shown);
    const onError = (error: unknown) => {
      this.#training = undefined;
      reporter.activity("idle");
      reporter.problem(error);
    };
    const onUnrecorded = (error: unknown) => {
      reporter.activity("paused");
      reporter.problem(error);
    };
    await remember(!how.isPaused); // before anything is told, so that a tab that is killed then goes on
    try {
      await training.begin({ ...how, onEvent, onError, onUnrecorded });
    } catch (error) {
      this.#training = undefined;
      throw error;
    }
  }

  async #show(event: TrainEvent, { run, saved, isOpen }: LiveTraining, shown: ShownRun): Promise<void> {
    const { reporter, list, model, remember } = this.#options;
    const { report } = reporter;
    switch (event.type) {
      case "start": {
        const { spec, steps, threads, step } = event;
        const { settings } = shown;
        const network = networkSummary(spec.model);
        report({ type: "started", settings, network, steps, threads, classes: spec.model.classes });
        reporter.activity(isOpen ? "training" : "paused");
        return list.tell(saved, shown, step);
      }
      case "progress": {
        const { type, step, steps, loss, imagesPerSecond, secondsLeft } = event;
        // Both at once, so that the page draws them in one frame.
        await model.lookInPassing(() => run.current());
        return report({ type, step, steps, loss, imagesPerSecond, secondsLeft });
      }
      case "validation": {
        const { step, loss, accuracy, confusion, images } = event;
        if (images > 0) report({ type: "validation", validation: { step, loss, accuracy }, confusion });
        return list.tell(saved, shown, step);
      }
      case "learning":
        return report({ type: "notLearning", isCertain: event.status === "guessing" || event.status === "memorizing" });
      case "checkpoint":
        void list.store(saved, shown); // which the training does not wait for
        return;
      case "end":
        await model.reportResult(event.result, await run.model(), shown.data);
        await model.look();
        await list.store(saved, shown);
        return remember();
    }
  }
}
