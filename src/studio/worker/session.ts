import { InklingError } from "../../base/error.ts";
import { VERSION } from "../../base/formatVersion.ts";
import type { Dataset } from "../../datasets/index.ts";
import { availableThreads } from "../../engine/threads.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { decodePack, encodePack } from "../../formats/pack.ts";
import type { Image } from "../../image/image.ts";
import type { Picture } from "../../image/picture.ts";
import type { Model } from "../../model/index.ts";
import type { PreparedPicture } from "../../pictures/prepare.ts";
import { PortableRun } from "../../runs/portableRun.ts";
import { recipe, recipes, type TrainEvent, type TrainResult, train, trainingOptions } from "../../training/index.ts";
import { TrainingData } from "../../training/trainingData.ts";
import type { About, Activity, ExportForm, Plan, Settings, TakenFile, Update, Workbench } from "../workbench.ts";
import type { Host, KeptFiles } from "./host.ts";
import { Insight } from "./insideOf.ts";
import { LiveTraining, type Start } from "./liveTraining.ts";
import { networkSummary, OpenedData } from "./openedData.ts";
import { testedOn } from "./testedOn.ts";

/** The files of the storage. */
const files = { state: "state.json", data: "data.inkling", run: "training.run" } as const;

/** The part of a training's time that looking inside may take. */
const LOOK_SHARE = 0.03;

/** What is stored besides data and run. */
interface Stored {
  readonly source: string;
  readonly settings?: Settings | undefined;
}

/** A workbench in the thread that calls it: data, training, a look inside, exports, storage. */
export class Session implements Workbench {
  readonly #host: Host;
  readonly #report: (update: Update) => void;
  #storage!: KeptFiles;
  #opened!: OpenedData;
  #settings: Settings | undefined;
  #training: LiveTraining | undefined;
  /** A run that was opened, or stored by an earlier visit, and has not gone on yet. */
  #waiting: PortableRun | undefined;
  #trained: TrainedModel | undefined;
  #insight: Insight | undefined;
  #picture: Picture | undefined;
  #prepared: { readonly by: unknown; readonly picture: PreparedPicture } | undefined;
  /** When a training may be looked into again, in ms as by `performance.now()`. */
  #nextLook = 0;

  constructor(host: Host, report: (update: Update) => void) {
    this.#host = host;
    this.#report = report;
  }

  async begin(): Promise<About> {
    this.#storage = await this.#host.openStorage();
    const stored = await this.#stored();
    const data = stored && stored.source !== "letters" ? await this.#storage.read(files.data) : undefined;
    if (data) this.#open(await decodePack(data), stored!.source);
    else await this.#openLetters();
    const run = await this.#storage.read(files.run);
    if (run)
      await this.#wait(await PortableRun.open(run), stored?.settings).catch(() => this.#storage.remove(files.run));
    void this.#reportStorage();
    return {
      version: VERSION,
      recipes: recipes.map(({ name, description }) => ({ name, description })),
      settings: trainingOptions
        .filter(({ part }) => part === "overrides")
        .map(({ path, help, type, choices }) => ({ path, help, type, ...(choices && { choices }) })),
      threads: availableThreads(this.#host.backend),
    };
  }

  async #stored(): Promise<Stored | undefined> {
    const bytes = await this.#storage.read(files.state);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Stored);
  }

  async openLetters(): Promise<void> {
    await this.reset();
    await this.#openLetters();
    await this.#storage.remove(files.data);
    await this.#storeState();
  }

  async #openLetters(): Promise<void> {
    const dataset = await this.#host.letters();
    this.#open({ ...dataset, provenance: { ...dataset.provenance, source: "letters" } }, "letters");
  }

  async openFiles(given: ReadonlyMap<string, Blob>): Promise<void> {
    const { name, files: own } = withoutTop(given);
    if (own.has("run.json")) return this.#openRun(await PortableRun.open(own));
    const [only] = own.size === 1 ? [...own] : [];
    if (only && /\.run$/.test(only[0])) return this.#openRun(await PortableRun.open(only[1]));
    const options = { name: only?.[0] ?? name };
    const { openDataset } = await import("../../sources/openDataset.ts");
    const dataset = await openDataset(only ? only[1] : own, options);
    await this.reset();
    this.#open(dataset, options.name);
    await this.#storage.write(files.data, new Uint8Array(await encodePack(dataset)));
    await this.#storeState();
  }

  async #openRun(saved: PortableRun): Promise<void> {
    await this.reset();
    const { config } = saved.run!;
    await this.#wait(saved, {
      recipe: config.recipe ?? "lenet",
      overrides: { seed: config.seed, steps: config.steps },
    });
    await this.#storeRun(saved);
  }

  /** Shows the data of a data set, then how it is divided, which takes longer. */
  #open(dataset: Dataset, source: string): void {
    const opened = new OpenedData(dataset, source, (division) => this.#report({ type: "division", division }));
    this.#opened = opened;
    this.#report({ type: "data", data: opened.summary() });
    setTimeout(() => {
      if (this.#opened !== opened) return;
      try {
        opened.divide(this.#settings?.overrides);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  async plan(settings: Settings): Promise<Plan> {
    return this.#opened.plan(settings);
  }

  async images(label: number, first: number, count: number): Promise<readonly Image[]> {
    return this.#opened.images(label, first, count);
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
    const training = this.#training;
    if (!training) return;
    training.pause();
    this.#tell("paused");
    await training.recordCheckpoint();
    await this.#storeRun(training.saved);
  }

  async resume(): Promise<void> {
    if (this.#waiting) return this.#goOn(this.#waiting);
    if (!this.#training) return;
    await this.#training.resume();
    this.#tell("training");
  }

  async reset(): Promise<void> {
    await this.#stop();
    this.#waiting = undefined;
    this.#trained = undefined;
    this.#prepared = undefined;
    await this.#storage.remove(files.run);
    this.#tell("idle");
  }

  async #stop(): Promise<void> {
    const training = this.#training;
    this.#training = undefined;
    await training?.stop();
  }

  async #begin(settings: Settings, how: { readonly isPaused: boolean }): Promise<void> {
    await this.#stop();
    this.#waiting = undefined;
    this.#settings = settings;
    this.#tell("preparing");
    try {
      const data = this.#opened.divide(settings.overrides);
      const saved = new PortableRun({ source: this.#opened.source, recipe: settings.recipe });
      const { backend } = this.#host;
      const start: Start = (options) =>
        train(recipe(settings.recipe), data, { ...settings.overrides, ...options, backend });
      await this.#follow(new LiveTraining(saved, start), data, how);
      await this.#storeState();
    } catch (error) {
      this.#training = undefined;
      this.#tell("idle");
      throw error;
    }
  }

  /** Shows a run that may go on later. */
  async #wait(saved: PortableRun, settings: Settings | undefined): Promise<void> {
    const { config, result } = saved.run!;
    this.#settings = settings;
    this.#trained = saved.trained();
    this.#reportStart(saved.model, config.steps, settings ?? { recipe: config.recipe ?? "lenet", overrides: {} }, 1);
    for (const { step, loss, accuracy } of saved.validations)
      this.#report({ type: "validation", validation: { step, loss, accuracy } });
    if (result && saved.checkpoint)
      await this.#reportResult(result, this.#trained, this.#opened.divide(settings?.overrides));
    else this.#tell("paused");
    this.#waiting = saved;
    await this.#look();
  }

  /** Goes on with a run, to the weights that it would have had without the interruption. */
  async #goOn(saved: PortableRun): Promise<void> {
    this.#tell("preparing");
    const { seed, split } = saved.run!.config;
    const data = new TrainingData(this.#opened.dataset, { seed, split });
    const { backend } = this.#host;
    const start: Start = (options) => train(saved.model, data, { ...saved.options, ...options, backend });
    const training = new LiveTraining(saved, start);
    this.#waiting = undefined;
    await this.#follow(training, data, { isPaused: false });
  }

  /** Trains, and reports every event. */
  async #follow(training: LiveTraining, data: TrainingData, how: { readonly isPaused: boolean }): Promise<void> {
    this.#training = training;
    const onEvent = (event: TrainEvent) => this.#show(event, training, data);
    const onError = (error: unknown) => {
      this.#training = undefined;
      this.#tell("idle");
      this.#fail(error);
    };
    await training.begin({ ...how, onEvent, onError });
  }

  async #show(event: TrainEvent, { run, saved, isOpen }: LiveTraining, data: TrainingData): Promise<void> {
    switch (event.type) {
      case "start":
        this.#reportStart(event.spec.model, event.steps, this.#settings!, event.threads);
        this.#tell(isOpen ? "training" : "paused");
        return;
      case "progress": {
        const { type, step, steps, loss, imagesPerSecond, secondsLeft } = event;
        this.#report({ type, step, steps, loss, imagesPerSecond, secondsLeft });
        const now = performance.now();
        if (now < this.#nextLook) return;
        this.#trained = await run.current();
        await this.#look();
        const after = performance.now();
        this.#nextLook = after + (after - now) / LOOK_SHARE;
        return;
      }
      case "validation": {
        const { step, loss, accuracy, confusion, images } = event;
        if (images > 0) this.#report({ type: "validation", validation: { step, loss, accuracy }, confusion });
        return;
      }
      case "learning":
        return this.#report({
          type: "notLearning",
          isCertain: event.status === "guessing" || event.status === "memorizing",
        });
      case "checkpoint":
        return this.#storeRun(saved);
      case "end":
        this.#trained = await run.model();
        await this.#reportResult(event.result, this.#trained, data);
        await this.#look();
        return this.#storeRun(saved);
    }
  }

  /** Reports the result, and what the model answers for the test images, or the validation images where there are none. */
  async #reportResult(result: TrainResult, trained: TrainedModel, data: TrainingData): Promise<void> {
    const { test, validation } = data.division.split;
    const tested = await testedOn(trained, this.#opened.dataset, test.length > 0 ? test : validation);
    this.#report({ type: "result", result, tested });
    this.#tell("trained");
  }

  #reportStart(model: Model, steps: number, settings: Settings, threads: number): void {
    this.#report({ type: "started", settings, network: networkSummary(model), steps, threads, classes: model.classes });
  }

  async look(picture: Picture | Blob): Promise<void> {
    this.#picture = "arrayBuffer" in picture ? await decoded(new Uint8Array(await picture.arrayBuffer())) : picture;
    this.#prepared = undefined;
    await this.#look();
  }

  /** Reports what the network makes of the picture, if there are both. */
  async #look(): Promise<void> {
    const [trained, picture] = [this.#trained, this.#picture];
    if (!trained || !picture) return;
    if (this.#prepared?.by !== trained.preparation)
      this.#prepared = { by: trained.preparation, picture: trained.prepare(picture) };
    if (!this.#insight?.isFor(trained.model)) {
      void this.#insight?.close();
      this.#insight = new Insight(trained);
    }
    this.#report({ type: "inside", inside: await this.#insight.look(trained, this.#prepared.picture) });
  }

  async export(form: ExportForm): Promise<TakenFile> {
    const trained = this.#trained;
    if (!trained) throw new InklingError("NOT_FOUND", "there is no trained network yet; train one first");
    const { test, training } = this.#opened.divide(this.#settings?.overrides).division.split;
    const rows = test.length > 0 ? test : training;
    const { exported } = await import("./exported.ts");
    return exported(form, { trained, dataset: this.#opened.dataset, rows, name: this.#opened.fileName });
  }

  async saveRun(): Promise<TakenFile> {
    const saved = this.#training?.saved ?? this.#waiting;
    if (!saved) throw new InklingError("NOT_FOUND", "there is no training yet; start one first");
    if (this.#training?.isUnderWay) await this.#training.recordCheckpoint();
    return { name: `${this.#opened.fileName}.run`, bytes: await saved.encode() };
  }

  async forget(): Promise<void> {
    await this.reset();
    await this.#storage.clear();
    await this.#reportStorage();
  }

  async #storeState(): Promise<void> {
    const stored: Stored = { source: this.#opened.source, settings: this.#settings };
    await this.#keep(() => this.#storage.write(files.state, JSON.stringify(stored)));
  }

  async #storeRun(saved: PortableRun): Promise<void> {
    if (saved.checkpoint) await this.#keep(async () => this.#storage.write(files.run, await saved.encode()));
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
    this.#report({ type: "problem", message: error instanceof Error ? error.message : String(error) });
  }
}

/* What not every visit needs is loaded when it is: formats of data, the decoder, exports. */

async function decoded(file: Uint8Array): Promise<Picture> {
  const [{ decodePicture }, { loadDecoder }] = await Promise.all([
    import("../../image/decode.ts"),
    import("../../image/decoder.ts"),
  ]);
  return decodePicture(await loadDecoder(), file);
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
