import { InklingError } from "../../base/error.ts";
import { VERSION } from "../../base/formatVersion.ts";
import { allRows, type Dataset } from "../../datasets/index.ts";
import { availableThreads } from "../../engine/threads.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import type { TrainingHistory } from "../../export/exportable.ts";
import type { ReadOptions } from "../../formats/format.ts";
import type { Picture } from "../../image/picture.ts";
import { layerFields } from "../../layers/fields.ts";
import { allLayerTypes } from "../../layers/registry.ts";
import type { Model } from "../../model/index.ts";
import type { MapPoints } from "../../report/pages/evaluate/mapPoints.ts";
import { PortableRun } from "../../runs/portableRun.ts";
import {
  type DataSpec,
  findLearningRate,
  fitSteps,
  type LearningRateSweep,
  recipes,
  type TrainEvent,
  type TrainingOrigin,
  type TrainOptions,
  type TrainResult,
  train,
  trainingOptions,
} from "../../training/index.ts";
import { originOf, sameData } from "../../training/spec.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { ImageFacts, ImageFilter, Tiles } from "../browsing.ts";
import type { Step } from "../edits.ts";
import type { About, Activity, ExportForm, Plan, Settings, TakenFile, Update, Workbench } from "../workbench.ts";
import { DataDesk } from "./dataDesk.ts";
import type { Host, KeptFiles, OpenedPath, RunStore } from "./host.ts";
import { LiveTraining, type Record, type Start } from "./liveTraining.ts";
import { Looking } from "./looking.ts";
import type { OpenedData } from "./openedData.ts";
import { networkSummary, plannedTraining, planOf, settingsOf } from "./plannedTraining.ts";
import { SavedRuns } from "./savedRuns.ts";
import { heldOutRows, type TestedRows, testedOn } from "./testedOn.ts";
import { watched } from "./watched.ts";

/** The file of what is stored besides data and runs. */
const STATE = "state.json";

/** The name of the built-in data set. */
const LETTERS = "letters";

/** What is stored besides data and runs. */
interface Stored {
  readonly source: string;
  readonly settings?: Settings | undefined;
  /** The run that is shown. */
  readonly run?: string | undefined;
  /** Whether it was being trained. */
  readonly isTraining?: boolean;
}

/** A run, with what it is kept as. */
interface Shown {
  readonly id: string;
  readonly settings: Settings;
}

/** Seconds between two reports of a sweep. */
const SWEEP_REPORT_SECONDS = 1 / 30;

/** A workbench in the thread that calls it: data, training, a look inside, exports, storage. */
export class Session implements Workbench {
  readonly #host: Host;
  readonly #report: (update: Update) => void;
  #storage!: KeptFiles;
  #desk!: DataDesk;
  #settings: Settings | undefined;
  #training: LiveTraining | undefined;
  /** A run that was opened, or stored by an earlier visit, and has not gone on yet. */
  #waiting: PortableRun | undefined;
  /** A run that was opened, and whose data are not open yet. */
  #wanted: PortableRun | undefined;
  #runs!: RunStore;
  /** What was opened by a path, by the run that was there. */
  readonly #opens = new WeakMap<PortableRun, OpenedPath>();
  /** The run of another process that is shown while it is trained. */
  #followed: AsyncIterable<PortableRun> | undefined;
  #shown: Shown | undefined;
  /** The data of the run, which later edits do not change. */
  #data: TrainingData | undefined;
  #trained: TrainedModel | undefined;
  #tested: TestedRows | undefined;
  #sweeping: AbortController | undefined;
  readonly #looking: Looking;
  /** Files that are to be opened with others. */
  readonly #handed = new Map<string, Blob>();

  constructor(host: Host, report: (update: Update) => void) {
    this.#host = host;
    this.#report = report;
    this.#looking = new Looking((inside) => report({ type: "inside", inside }));
  }

  async begin(): Promise<About> {
    this.#storage = await this.#host.openStorage();
    this.#desk = new DataDesk({
      backend: this.#host.backend,
      storage: this.#storage,
      report: this.#report,
      keep: (store) => this.#keep(store),
      overrides: () => this.#settings?.overrides,
    });
    const stored = await this.#stored();
    this.#settings = stored?.settings;
    const data = stored && stored.source !== LETTERS ? await this.#desk.kept() : undefined;
    if (data) this.#desk.show(data, stored!.source);
    else this.#desk.show(await this.#letters(), LETTERS);
    await this.#desk.restoreEdits();
    this.#runs = await this.#openRuns();
    if (stored) await this.#goOnFrom(stored).catch((error: unknown) => this.#fail(error));
    this.#tellRuns();
    void this.#reportStorage();
    return {
      version: VERSION,
      recipes: recipes.map(({ name, description }) => ({ name, description })),
      settings: trainingOptions
        .filter(({ part, path }) => part === "overrides" || besideOverrides.includes(path))
        .map(({ part, path, help, type, group, unit, otherwise, choices, default: value }) => ({
          ...{ path, help, type, group, isOverride: part === "overrides" },
          ...(unit !== undefined && { unit }),
          ...(otherwise !== undefined && { otherwise }),
          ...(choices && { choices }),
          ...(value !== undefined && { default: value }),
        })),
      layers: allLayerTypes().map((layer) => ({
        type: layer.type,
        fields: layerFields(layer),
        usual: layer.usual ?? {},
      })),
      threads: availableThreads(this.#host.backend),
    };
  }

  /** The runs that are kept: by the host, or else in the storage. */
  async #openRuns(): Promise<RunStore> {
    return this.#host.runs ?? SavedRuns.open(this.#storage);
  }

  async #stored(): Promise<Stored | undefined> {
    const bytes = await this.#storage.read(STATE);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Stored);
  }

  /** Shows the run of the last visit, and goes on if it was being trained; one without a checkpoint begins again. */
  async #goOnFrom({ run, isTraining, settings }: Stored): Promise<void> {
    const isKept = this.#runs.all.some(({ id }) => id === run);
    if (run !== undefined && isKept) await this.showRun(run);
    if (!isTraining) return;
    if (this.#waiting && !this.#waiting.run!.result) await this.resume();
    else if (!isKept && settings) await this.start(settings);
  }

  async openLetters(): Promise<void> {
    await this.reset();
    await this.#desk.openBuiltIn(await this.#letters(), LETTERS);
    await this.#storeState();
  }

  async #letters(): Promise<Dataset> {
    const dataset = await this.#host.letters();
    return { ...dataset, provenance: { ...dataset.provenance, source: LETTERS } };
  }

  async handOver(files: ReadonlyMap<string, Blob>): Promise<void> {
    for (const [path, file] of files) this.#handed.set(path, file);
  }

  async openFiles(given: ReadonlyMap<string, Blob>): Promise<void> {
    const { name, files: own } = withoutTop(new Map([...this.#handed, ...given]));
    this.#handed.clear();
    if (own.has("run.json")) return this.#openRun(await PortableRun.open(own));
    const [only] = own.size === 1 ? [...own] : [];
    if (only && /\.run$/.test(only[0])) return this.#openRun(await PortableRun.open(only[1]));
    const wanted = this.#wanted;
    const reading = wanted && readingOf(wanted.run!.config.data);
    await this.#desk.open(only?.[0] ?? name, only ? only[1] : own, { reset: () => this.reset(), reading });
    await this.#storeState();
    if (wanted) await this.#openRun(wanted);
  }

  async openPath(path: string): Promise<void> {
    if (!this.#host.openPath)
      throw new InklingError("UNSUPPORTED", "a page cannot open paths; choose files, or start: inkling studio");
    const found = await this.#host.openPath(path);
    const { name, dataset, run, following } = found;
    await this.reset();
    await this.#desk.openBuiltIn(dataset, name);
    if (run) {
      this.#opens.set(run.saved, found);
      const shown = { id: run.id, settings: settingsOf(run.saved.run!.config, run.data) };
      await this.#wait(run.saved, shown, run.data);
      if (following) void this.#followOther(following, found, shown);
      else await this.#storeRun(run.saved, shown);
    }
    await this.#storeState();
  }

  /** Shows a run while another process trains it; once that has stopped, it can go on here. */
  async #followOther(following: AsyncIterable<PortableRun>, found: OpenedPath, shown: Shown): Promise<void> {
    this.#followed = following;
    this.#tell("followed");
    const isOver = () => this.#followed !== following;
    try {
      for await (const { saved, updates } of watched(following, this.#waiting)) {
        if (isOver()) return;
        for (const update of updates) this.#report(update);
        this.#opens.set(saved, found);
        this.#waiting = saved;
        this.#tellOf(saved, shown);
        this.#trained = saved.checkpoint && saved.trained();
        await this.#look();
      }
      if (isOver()) return;
      await this.#wait(this.#waiting!, shown, found.run!.data);
      await this.#storeRun(this.#waiting!, shown);
    } catch (error) {
      if (isOver()) return;
      this.#tell("paused");
      this.#fail(error);
    } finally {
      if (!isOver()) this.#followed = undefined;
    }
  }

  /** Keeps a run that was opened, and shows it. */
  async #openRun(saved: PortableRun): Promise<void> {
    await this.reset();
    this.#wanted = saved;
    const data = await this.#openDataOf(saved);
    const shown = { id: this.#runs.nextId(), settings: settingsOf(saved.run!.config, data) };
    await this.#wait(saved, shown, data);
    await this.#storeRun(saved, shown);
    await this.#storeState();
  }

  /** Opens the letters, if a run was trained on them. Throws `NOT_FOUND` where the data of the run are not open. */
  async #openDataOf(saved: PortableRun): Promise<TrainingData> {
    const found = this.#opens.get(saved);
    if (found?.run) {
      if (this.#desk.opened.dataset !== found.dataset) await this.#desk.openBuiltIn(found.dataset, found.name);
      return found.run.data;
    }
    const { data: wanted, seed, split } = saved.run!.config;
    const fitting = async (opened: OpenedData): Promise<TrainingData | undefined> => {
      try {
        const data = opened.divide({ seed, split });
        return sameData(wanted, await data.spec) ? data : undefined;
      } catch (error) {
        if (error instanceof InklingError) return undefined; // they cannot be split in this way
        throw error;
      }
    };
    const { opened } = this.#desk;
    const fits = await fitting(opened);
    if (fits) return fits;
    if (opened.editing.canUndo)
      throw new InklingError(
        "NOT_FOUND",
        `this run was trained on ${wanted.source} as it was before you changed it, or on other data; undo the changes to show it, or train again`,
      );
    if (opened.name !== LETTERS && wanted.source === LETTERS) {
      await this.#desk.openBuiltIn(await this.#letters(), LETTERS);
      const letters = await fitting(this.#desk.opened);
      if (letters) return letters;
    }
    throw new InklingError("NOT_FOUND", whatIsMissing(wanted));
  }

  async plan(settings: Settings): Promise<Plan> {
    return planOf(settings, this.#desk.opened.divide(settings.overrides).shape);
  }

  async openNew(name: string, classNames: readonly string[]): Promise<void> {
    await this.reset();
    await this.#desk.openNew(name, classNames);
    await this.#storeState();
  }

  async stop(): Promise<void> {
    this.#desk.stop();
  }

  async rows(filter: ImageFilter): Promise<Uint32Array> {
    return this.#desk.opened.rows(filter);
  }

  async tiles(rows: Uint32Array, side: number): Promise<Tiles> {
    return this.#desk.opened.tiles(rows, side);
  }

  async facts(row: number): Promise<ImageFacts> {
    return this.#desk.opened.facts(row);
  }

  edit(step: Step): Promise<void> {
    return this.#desk.edit(step);
  }

  undo(): Promise<void> {
    return this.#desk.undo();
  }

  redo(): Promise<void> {
    return this.#desk.redo();
  }

  addPictures(label: number, pictures: ReadonlyMap<string, Picture | Blob>): Promise<void> {
    return this.#desk.add(label, pictures);
  }

  async addTried(label: number): Promise<void> {
    const { picture } = this.#looking;
    if (!picture) throw new InklingError("NOT_FOUND", "there is no picture yet; draw or choose one first");
    await this.#desk.add(label, new Map([["drawing", picture]]));
  }

  check(): Promise<void> {
    return this.#desk.check();
  }

  saveData(): Promise<TakenFile> {
    return this.#desk.save();
  }

  saveFixes(): Promise<TakenFile> {
    return this.#desk.saveFixes();
  }

  async start(settings: Settings): Promise<void> {
    await this.#begin(settings, { isPaused: false });
  }

  async step(settings: Settings): Promise<void> {
    if (!this.#training?.isUnderWay) await this.#begin(settings, { isPaused: true });
    await this.#training!.step();
    this.#tell("paused");
  }

  async pause(): Promise<void> {
    const [training, shown] = [this.#training, this.#shown];
    if (!training || !shown) return;
    training.pause();
    this.#tell("paused");
    await training.recordCheckpoint();
    await this.#storeRun(training.saved, shown);
    await this.#storeState();
  }

  async resume(): Promise<void> {
    if (this.#waiting && this.#shown) return this.#goOn(this.#waiting, this.#shown);
    if (!this.#training) return;
    // Told before it goes on, since it may pause by itself at once, where it can no longer be recorded.
    this.#tell("training");
    try {
      await this.#training.resume();
    } catch (error) {
      this.#tell("paused");
      throw error;
    }
    await this.#storeState();
  }

  async reset(): Promise<void> {
    await this.#stop();
    this.#waiting = undefined;
    this.#followed = undefined;
    this.#wanted = undefined;
    this.#shown = undefined;
    this.#trained = undefined;
    this.#tested = undefined;
    this.#data = undefined;
    this.#tell("idle");
    this.#tellRuns();
    await this.#storeState();
  }

  /** Whether a training has not come to its end, be it paused. */
  get isTraining(): boolean {
    return this.#training?.isUnderWay === true;
  }

  /** Ends the training, and keeps it as far as it has come. */
  close(): Promise<void> {
    return this.#stop();
  }

  async #stop(): Promise<void> {
    this.#sweeping?.abort();
    const [training, shown] = [this.#training, this.#shown];
    this.#training = undefined;
    if (!training) return;
    const isUnderWay = training.isUnderWay;
    await training.stop();
    if (isUnderWay && shown) await this.#storeRun(training.saved, shown);
  }

  async #begin(settings: Settings, how: { readonly isPaused: boolean }): Promise<void> {
    await this.#stop();
    this.#waiting = undefined;
    this.#followed = undefined;
    this.#tested = undefined;
    this.#settings = settings;
    this.#tell("preparing");
    try {
      const data = this.#desk.opened.divide(settings.overrides);
      const { model, ...options } = await this.#planned(settings, data);
      const { recipe, budget, initFrom, threads, checkpointEvery } = settings;
      const initial = initFrom === undefined ? undefined : (await this.#runs.read(initFrom)).trained();
      const origin: TrainingOrigin = {
        source: this.#desk.opened.origin,
        recipe,
        ...(budget !== undefined && { budget }),
        ...(initFrom !== undefined && { initFrom: `run ${initFrom}` }),
      };
      const saved = new PortableRun(origin);
      const start: Start = (more) =>
        train(model, data, {
          ...options,
          ...more,
          ...(initial && { initFrom: initial }),
          ...(threads !== undefined && { threads }),
          ...(checkpointEvery !== undefined && { checkpointEvery }),
          backend: this.#host.backend,
        });
      const shown = { id: this.#runs.nextId(), settings };
      const record: Record = async () => this.#host.record?.(saved, { origin, dataset: data.dataset });
      await this.#follow(new LiveTraining(saved, start, record, await record()), shown, data, how);
      await this.#storeState();
    } catch (error) {
      this.#training = undefined;
      this.#shown = undefined;
      this.#tell("idle");
      throw error;
    }
  }

  /** The training of settings; with a budget, with as many steps as fit into it. */
  async #planned(settings: Settings, data: TrainingData): Promise<TrainOptions & { readonly model: Model }> {
    const planned = plannedTraining(settings, data.shape);
    const { budget, threads } = settings;
    if (budget === undefined) return planned;
    const began = performance.now();
    const { model, ...options } = planned;
    const host = { backend: this.#host.backend, ...(threads !== undefined && { threads }) };
    const { steps } = await fitSteps(model, data, budget, { ...options, ...host });
    const { epochs: _, ...overrides } = settings.overrides;
    const fitted = plannedTraining({ ...settings, overrides: { ...overrides, steps } }, data.shape);
    return { ...fitted, budget: budget - (performance.now() - began) / 1000 };
  }

  async sweep(settings: Settings): Promise<void> {
    if (this.#training?.isOpen) await this.pause();
    this.#sweeping?.abort();
    const sweeping = new AbortController();
    this.#sweeping = sweeping;
    const data = this.#desk.opened.divide(settings.overrides);
    const { model, batchSize, optimizer } = plannedTraining(settings, data.shape);
    let reported = 0;
    const onProgress = (soFar: LearningRateSweep) => {
      const now = performance.now();
      if (now - reported < 1000 * SWEEP_REPORT_SECONDS) return;
      reported = now;
      this.#report({ type: "sweep", sweep: { ...soFar, isDone: false } });
    };
    const { backend } = this.#host;
    findLearningRate(model, data, { batchSize, optimizer, backend, signal: sweeping.signal, onProgress }).then(
      (sweep) => this.#report({ type: "sweep", sweep: { ...sweep, isDone: true } }),
      (error: unknown) => {
        this.#report({ type: "sweep" });
        if (!sweeping.signal.aborted) this.#fail(error);
      },
    );
  }

  async stopSweep(): Promise<void> {
    this.#sweeping?.abort();
  }

  async showRun(id: string): Promise<void> {
    const summary = this.#runs.all.find((one) => one.id === id);
    if (!summary) throw new InklingError("NOT_FOUND", `there is no run ${id}`);
    if (this.#shown?.id === id) return;
    await this.#stop();
    this.#followed = undefined;
    const saved = await this.#runs.read(id);
    const data = await this.#openDataOf(saved);
    await this.#wait(saved, summary, data);
    await this.#storeState();
  }

  async deleteRun(id: string): Promise<void> {
    if (this.#shown?.id === id) await this.reset();
    await this.#runs.delete(id);
    this.#tellRuns();
    await this.#reportStorage();
  }

  /** Shows a run that may go on later. */
  async #wait(saved: PortableRun, shown: Shown, data: TrainingData): Promise<void> {
    const { config, result } = saved.run!;
    this.#wanted = undefined;
    this.#tested = undefined;
    this.#shown = { id: shown.id, settings: shown.settings };
    this.#settings = shown.settings;
    this.#trained = saved.checkpoint && saved.trained();
    const threads = saved.run!.sessions.at(-1)?.threads ?? availableThreads(this.#host.backend);
    this.#reportStart(saved.model, config.steps, shown.settings, threads);
    for (const { step, loss, accuracy } of saved.validations)
      this.#report({ type: "validation", validation: { step, loss, accuracy } });
    if (result && this.#trained) await this.#reportResult(result, this.#trained, data);
    else this.#tell("paused");
    this.#waiting = saved;
    this.#tellOf(saved, this.#shown);
    await this.#look();
  }

  /** Goes on with a run, to the weights that it would have had without the interruption. */
  async #goOn(saved: PortableRun, shown: Shown): Promise<void> {
    this.#tell("preparing");
    try {
      const data = await this.#openDataOf(saved);
      const { backend } = this.#host;
      const start: Start = (options) => train(saved.model, data, { ...saved.options, ...options, backend });
      const subject = { origin: originOf(saved.run!.config), dataset: data.dataset };
      const record: Record = async () => this.#host.record?.(saved, subject);
      await this.#follow(new LiveTraining(saved, start, record, await record()), shown, data, { isPaused: false });
      this.#waiting = undefined;
      await this.#storeState();
    } catch (error) {
      this.#training = undefined;
      this.#tell("paused");
      throw error;
    }
  }

  /** Trains, and reports every event. */
  async #follow(
    training: LiveTraining,
    shown: Shown,
    data: TrainingData,
    how: { readonly isPaused: boolean },
  ): Promise<void> {
    this.#training = training;
    this.#shown = shown;
    this.#data = data;
    const onEvent = (event: TrainEvent) => this.#show(event, training, shown, data);
    const onError = (error: unknown) => {
      this.#training = undefined;
      this.#tell("idle");
      this.#fail(error);
    };
    const onUnrecorded = (error: unknown) => {
      this.#tell("paused");
      this.#fail(error);
    };
    await training.begin({ ...how, onEvent, onError, onUnrecorded });
  }

  async #show(event: TrainEvent, training: LiveTraining, shown: Shown, data: TrainingData): Promise<void> {
    const { run, saved, isOpen } = training;
    switch (event.type) {
      case "start":
        this.#reportStart(event.spec.model, event.steps, shown.settings, event.threads);
        this.#tell(isOpen ? "training" : "paused");
        this.#tellOf(saved, shown, event.step);
        return;
      case "progress": {
        const { type, step, steps, loss, imagesPerSecond, secondsLeft } = event;
        this.#report({ type, step, steps, loss, imagesPerSecond, secondsLeft });
        return this.#looking.lookInPassing(async () => {
          this.#trained = await run.current();
          return this.#trained;
        });
      }
      case "validation": {
        const { step, loss, accuracy, confusion, images } = event;
        if (images > 0) this.#report({ type: "validation", validation: { step, loss, accuracy }, confusion });
        this.#tellOf(saved, shown, step);
        return;
      }
      case "learning":
        return this.#report({
          type: "notLearning",
          isCertain: event.status === "guessing" || event.status === "memorizing",
        });
      case "checkpoint":
        void this.#storeRun(saved, shown); // which the training does not wait for
        return;
      case "end":
        this.#trained = await run.model();
        await this.#reportResult(event.result, this.#trained, data);
        await this.#look();
        await this.#storeRun(saved, shown);
        return this.#storeState();
    }
  }

  /** Reports the result, and what the model answers for images that it was not trained on. */
  async #reportResult(result: TrainResult, trained: TrainedModel, data: TrainingData): Promise<void> {
    this.#data = data;
    this.#tested = data.test
      ? await testedOn(trained, data.test, allRows(data.test))
      : await testedOn(trained, data.dataset, heldOutRows(data.division.split));
    this.#report({ type: "result", result, tested: this.#tested.tested });
    this.#tell("trained");
  }

  #reportStart(model: Model, steps: number, settings: Settings, threads: number): void {
    this.#report({ type: "started", settings, network: networkSummary(model), steps, threads, classes: model.classes });
  }

  async look(picture: Picture | Blob): Promise<void> {
    await this.#looking.take(picture);
    await this.#look();
  }

  async explain(isOn: boolean): Promise<void> {
    this.#looking.explains = isOn;
    await this.#look();
  }

  /** Reports what the network makes of the picture, if there are both. */
  async #look(): Promise<void> {
    if (this.#trained) await this.#looking.look(this.#trained);
  }

  async map(): Promise<MapPoints> {
    const [trained, tested] = [this.#trained, this.#tested];
    if (!trained || !tested) throw new InklingError("NOT_FOUND", "there is no finished training to draw a map of");
    const [{ embeddingMap }, { mapPoints }] = await Promise.all([
      import("../../evaluation/embedding.ts"),
      import("../../report/pages/evaluate/mapPoints.ts"),
    ]);
    const map = await embeddingMap(trained, tested.dataset, { rows: tested.rows });
    return mapPoints(map, tested, tested.placeOf);
  }

  async export(form: ExportForm): Promise<TakenFile> {
    const trained = this.#trained;
    if (!trained) throw new InklingError("NOT_FOUND", "there is no trained network yet; train one first");
    const { opened } = this.#desk;
    const { dataset, division } = this.#data ?? opened.divide(this.#settings?.overrides);
    const held = heldOutRows(division.split);
    const rows = held.length > 0 ? held : division.split.training;
    const { exported } = await import("./exported.ts");
    const saved = (this.#training?.saved ?? this.#waiting)!;
    const { config, sessions, result } = saved.run!;
    const step = saved.checkpoint?.step ?? 0;
    const history: TrainingHistory = {
      ...{ config, weights: "last", steps: result?.steps ?? step, arithmetic: sessions.at(-1)!.arithmetic },
      ...(result && { test: result.test }),
    };
    return exported(form, { trained, dataset, rows, history, name: opened.fileName });
  }

  async saveRun(): Promise<TakenFile> {
    const saved = this.#training?.saved ?? this.#waiting;
    if (!saved) throw new InklingError("NOT_FOUND", "there is no training yet; start one first");
    if (this.#training?.isUnderWay) await this.#training.recordCheckpoint();
    return { name: `${this.#desk.opened.fileName}.run`, bytes: await saved.encode() };
  }

  async forget(): Promise<void> {
    await this.reset();
    await this.#storage.clear();
    this.#runs = await this.#openRuns();
    this.#tellRuns();
    await this.#reportStorage();
  }

  async #storeState(): Promise<void> {
    // What a host has recorded can be opened again.
    const isTraining = !this.#host.record && this.#training?.isUnderWay === true && this.#training.isOpen;
    const { name: source } = this.#desk.opened;
    const stored: Stored = { source, settings: this.#settings, run: this.#shown?.id, isTraining };
    await this.#keep(() => this.#storage.write(STATE, JSON.stringify(stored)));
  }

  async #storeRun(saved: PortableRun, shown: Shown): Promise<void> {
    if (!saved.checkpoint) return;
    this.#tellOf(saved, shown);
    await this.#keep(() => this.#runs.store(shown.id, saved));
  }

  /** Reports how far a run has come. */
  #tellOf(saved: PortableRun, { id, settings }: Shown, step = saved.checkpoint?.step ?? 0): void {
    const { config, result } = saved.run!;
    const { test, weightsSha256 } = result ?? {};
    this.#runs.tell({
      ...{ id, settings, source: config.data.source },
      step: result?.steps ?? step,
      steps: config.steps,
      parameters: networkSummary(config.model).parameters,
      validations: saved.validations.flatMap(({ step, loss, accuracy, images }) =>
        images > 0 ? [{ step, loss, accuracy }] : [],
      ),
      ...(test && weightsSha256 !== undefined && { result: { ...pick(test), weightsSha256 } }),
    });
    this.#tellRuns();
  }

  #tellRuns(): void {
    this.#report({ type: "runs", runs: this.#runs.all, shown: this.#shown?.id });
  }

  /** Stores something; a full storage does not stop a training. */
  async #keep(store: () => Promise<void>): Promise<void> {
    await store().catch((error: unknown) => this.#fail(error));
    await this.#reportStorage();
  }

  async #reportStorage(): Promise<void> {
    this.#report({ type: "storage", ...(await this.#storage.estimate()) });
  }

  #tell(activity: Activity): void {
    this.#report({ type: "activity", activity });
  }

  #fail(error: unknown): void {
    const isStorage = error instanceof InklingError && error.code === "FILE_SYSTEM";
    const message = error instanceof Error ? error.message : String(error);
    this.#report({ type: "problem", message, ...(isStorage && { isStorage }) });
  }
}

/** Settings that are no overrides of a recipe. */
const besideOverrides: readonly string[] = ["budget", "initFrom", "threads", "checkpointEvery"];

const pick = ({ accuracy, loss }: { readonly accuracy: number; readonly loss: number }) => ({ accuracy, loss });

/** How the images of a run's data were read. */
function readingOf({ resize, fit, channels, valueRange, keepDamaged, classPattern }: DataSpec): ReadOptions {
  const given = { resize, fit, channels, valueRange, keepDamaged, classPattern };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Asks for the data of a run. */
function whatIsMissing({ source, fixes = [], test, validation }: DataSpec): string {
  const separate = test ?? validation;
  if (separate !== undefined)
    return `this run has separate images for validation or test, ${separate}; go on with it in a terminal: inkling train --resume`;
  const fixed = fixes.length > 0 ? ` with the corrections in ${fixes.join(", ")}` : "";
  return `this run was trained on ${source}${fixed}, which is not open here; drop or choose these data, and the run is shown`;
}

/** Files relative to the one folder that they are in, if there is one, and its name. */
function withoutTop(given: ReadonlyMap<string, Blob>): {
  readonly name: string;
  readonly files: ReadonlyMap<string, Blob>;
} {
  const paths = [...given.keys()];
  const top = paths[0]?.split("/")[0] ?? "";
  const isFolder = paths.every((path) => path.startsWith(`${top}/`));
  if (!isFolder) return { name: "files", files: given };
  return { name: top, files: new Map([...given].map(([path, file]) => [path.slice(top.length + 1), file])) };
}
