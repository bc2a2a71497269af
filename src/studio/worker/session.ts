import { InklingError } from "../../base/error.ts";
import { VERSION } from "../../base/formatVersion.ts";
import { Gate } from "../../browser/gate.ts";
import type { Dataset } from "../../datasets/index.ts";
import { countLabels } from "../../datasets/statistics.ts";
import { availableThreads } from "../../engine/threads.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { encodePack } from "../../formats/pack.ts";
import { decodePicture } from "../../image/decode.ts";
import { loadDecoder } from "../../image/decoder.ts";
import { type Image, imageAt } from "../../image/image.ts";
import type { Picture } from "../../image/picture.ts";
import { type Model, summarize } from "../../model/index.ts";
import { learningRateAt } from "../../optimizers/schedules/registry.ts";
import type { PreparedPicture } from "../../pictures/prepare.ts";
import { PortableRun } from "../../runs/portableRun.ts";
import { openDataset } from "../../sources/openDataset.ts";
import {
  type Overrides,
  recipe,
  recipes,
  recipeTraining,
  type TrainEvent,
  type TrainingRun,
  train,
  trainingOptions,
} from "../../training/index.ts";
import { TrainingData } from "../../training/trainingData.ts";
import type {
  About,
  Activity,
  ExportForm,
  NetworkSummary,
  Plan,
  Settings,
  TakenFile,
  Update,
  Workbench,
} from "../workbench.ts";
import { exported } from "./exported.ts";
import { Insight } from "./insideOf.ts";
import { Storage } from "./storage.ts";
import { testedOn } from "./testedOn.ts";

/** Seconds between two reports of a training: thirty a second. */
const REPORT_SECONDS = 1 / 30;
/** Steps at which the learning rate is looked at, to find the highest. */
const RATES = 200;
/** Samples of each class that are shown next to its name. */
const SAMPLES = 12;
/** Seconds between two states that are stored. */
const STORE_SECONDS = 5;

/** The files of the storage. */
const files = { state: "state.json", data: "data.inkling", run: "training.run" } as const;

/** What is stored besides data and run. */
interface Stored {
  readonly source: string;
  readonly settings?: Settings | undefined;
}

/** A training in progress, or at its end. */
interface Current {
  readonly run: TrainingRun;
  readonly saved: PortableRun;
  readonly gate: Gate;
  readonly abort: AbortController;
  readonly data: TrainingData;
  /** Resolves when it has ended, in whatever way. */
  ended: Promise<void>;
}

/** A workbench in the thread that calls it: data, training, a look inside, exports, storage. */
export class Session implements Workbench {
  readonly #report: (update: Update) => void;
  #storage!: Storage;
  #dataset: Dataset | undefined;
  #source = "letters";
  #settings: Settings | undefined;
  #divided: { readonly key: string; readonly data: TrainingData } | undefined;
  #current: Current | undefined;
  /** A run that was opened, or stored by an earlier visit, and has not gone on yet. */
  #waiting: PortableRun | undefined;
  #trained: TrainedModel | undefined;
  #insight: Insight | undefined;
  #picture: Picture | undefined;
  #prepared: { readonly by: unknown; readonly picture: PreparedPicture } | undefined;

  constructor(report: (update: Update) => void) {
    this.#report = report;
  }

  async begin(lettersAddress: string): Promise<About> {
    this.#storage = await Storage.open("studio");
    const stored = await this.#stored();
    const data = stored && stored.source !== "letters" ? await this.#storage.read(files.data) : undefined;
    if (data) this.#use(await openDataset(data), stored!.source);
    else await this.#openLetters(lettersAddress);
    const run = await this.#storage.read(files.run);
    if (run)
      await this.#wait(await PortableRun.open(run), stored?.settings).catch(() => this.#storage.remove(files.run));
    void this.#reportStorage();
    return {
      version: VERSION,
      recipes: recipes.map(({ name, description }) => ({ name, description })),
      settings: trainingOptions
        .filter(({ part }) => part === "overrides")
        .map(({ path, help, type, unit, choices }) => ({
          path,
          help,
          type,
          ...(unit && { unit }),
          ...(choices && { choices }),
        })),
      threads: availableThreads("wasm"),
    };
  }

  async #stored(): Promise<Stored | undefined> {
    const bytes = await this.#storage.read(files.state);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Stored);
  }

  async openLetters(address: string): Promise<void> {
    await this.reset();
    await this.#openLetters(address);
    await this.#storage.remove(files.data);
    await this.#storeState();
  }

  async #openLetters(address: string): Promise<void> {
    const dataset = await openDataset(new URL(address));
    this.#use({ ...dataset, provenance: { ...dataset.provenance, source: "letters" } }, "letters");
  }

  async openFiles(given: ReadonlyMap<string, Blob>): Promise<void> {
    const { name, files: own } = withoutTop(given);
    if (own.has("run.json")) return this.#openRun(await PortableRun.open(own));
    const [only] = own.size === 1 ? [...own] : [];
    if (only && /\.run$/.test(only[0])) return this.#openRun(await PortableRun.open(only[1]));
    const options = { name: only?.[0] ?? name };
    const dataset = await openDataset(only ? only[1] : own, options);
    await this.reset();
    this.#use(dataset, options.name);
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
  #use(dataset: Dataset, source: string): void {
    this.#dataset = dataset;
    this.#source = source;
    this.#divided = undefined;
    const { labels, classNames, imageShape, skipped, provenance } = dataset;
    const counts = countLabels(labels, classNames.length);
    const samples = classNames.map((): Image[] => []);
    const seen = new Uint32Array(classNames.length);
    const canShow = imageShape[2] === 1 || imageShape[2] === 3;
    for (let row = 0; canShow && row < labels.length; row++) {
      const label = labels[row]!;
      // Spread over the class, since neighbors are often alike.
      if (seen[label]!++ % Math.ceil(counts[label]! / SAMPLES) === 0)
        samples[label]!.push(copied(imageAt(dataset, row)));
    }
    const classes = classNames.map((name, k) => ({ name, images: counts[k]!, samples: samples[k]! }));
    const reading = provenance.reading;
    const told = {
      source,
      images: labels.length,
      imageShape,
      classes,
      skipped,
      ...(reading !== undefined && { reading }),
    };
    this.#report({ type: "data", data: told });
    setTimeout(() => {
      if (this.#dataset !== dataset) return;
      try {
        this.#divide(this.#settings?.overrides);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** The data as the settings divide them, and reports that. */
  #divide({ seed, split }: Overrides = {}): TrainingData {
    const key = JSON.stringify([seed, split]);
    if (this.#divided?.key === key) return this.#divided.data;
    const data = new TrainingData(this.#dataset!, { ...(seed !== undefined && { seed }), ...(split && { split }) });
    this.#divided = { key, data };
    const { training, validation, test } = data.division.split;
    const sizes = { training: training.length, validation: validation.length, test: test.length };
    this.#report({ type: "division", division: { ...sizes, warnings: data.warnings() } });
    return data;
  }

  async plan({ recipe: name, overrides }: Settings): Promise<Plan> {
    const { training } = this.#divide(overrides).division.split;
    const { imageShape: input, classNames: classes } = this.#dataset!;
    const shape = { images: { input, classes }, trainingImages: training.length };
    const { model, steps, batchSize, optimizer } = recipeTraining(recipe(name), shape, overrides);
    const rates = Array.from({ length: RATES }, (_, k) =>
      learningRateAt(optimizer.learningRate, Math.floor((k * steps) / RATES)),
    );
    const learningRate = Number(Math.max(...rates).toPrecision(3));
    return { ...sizeOf(model), steps, batchSize, seed: overrides.seed ?? 1, learningRate };
  }

  async images(label: number, first: number, count: number): Promise<readonly Image[]> {
    const dataset = this.#dataset!;
    const found: Image[] = [];
    let place = 0;
    for (let row = 0; row < dataset.labels.length && found.length < count; row++)
      if (dataset.labels[row] === label && place++ >= first) found.push(copied(imageAt(dataset, row)));
    return found;
  }

  async start(settings: Settings): Promise<void> {
    await this.#begin(settings, {});
  }

  async step(settings: Settings): Promise<void> {
    if (!this.#isUnderWay) await this.#begin(settings, { isPaused: true });
    const { run, gate } = this.#current!;
    await run.setCallSize({ steps: 1 });
    gate.open = 1;
    this.#tell("paused");
  }

  async pause(): Promise<void> {
    if (!this.#current) return;
    this.#current.gate.open = 0;
    this.#tell("paused");
    const { run, saved } = this.#current;
    saved.record({ type: "checkpoint", checkpoint: await run.checkpoint() });
    await this.#storeRun(saved);
  }

  async resume(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting) return this.#goOn(waiting);
    if (!this.#current) return;
    await this.#current.run.setCallSize({ seconds: REPORT_SECONDS });
    this.#current.gate.open = Number.POSITIVE_INFINITY;
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
    const current = this.#current;
    if (!current) return;
    this.#current = undefined;
    current.abort.abort();
    current.gate.open = Number.POSITIVE_INFINITY;
    await current.ended;
  }

  get #isUnderWay(): boolean {
    return this.#current !== undefined && this.#current.saved.run?.result === undefined;
  }

  async #begin(settings: Settings, how: { readonly isPaused?: boolean }): Promise<void> {
    await this.#stop();
    this.#waiting = undefined;
    this.#settings = settings;
    this.#tell("preparing");
    try {
      const data = this.#divide(settings.overrides);
      const abort = new AbortController();
      const options = { ...settings.overrides, backend: "wasm", checkpointEvery: STORE_SECONDS, signal: abort.signal };
      const run = train(recipe(settings.recipe), data, options);
      const saved = new PortableRun({ source: this.#source, recipe: settings.recipe });
      await this.#follow({ run, saved, abort, data }, how.isPaused ? 0 : Number.POSITIVE_INFINITY);
      await this.#storeState();
    } catch (error) {
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
    if (result && saved.checkpoint) {
      const rows = this.#divide(settings?.overrides).division.split.test;
      this.#report({ type: "result", result, tested: await testedOn(this.#trained, this.#dataset!, rows) });
      this.#tell("trained");
    } else this.#tell("paused");
    this.#waiting = saved;
    await this.#look();
  }

  /** Goes on with a run, to the weights that it would have had without the interruption. */
  async #goOn(saved: PortableRun): Promise<void> {
    this.#tell("preparing");
    const { seed, split } = saved.run!.config;
    const data = new TrainingData(this.#dataset!, { seed, split });
    const abort = new AbortController();
    const options = { ...saved.options, backend: "wasm", checkpointEvery: STORE_SECONDS, signal: abort.signal };
    const run = train(saved.model, data, options);
    this.#waiting = undefined;
    await this.#follow({ run, saved, abort, data }, Number.POSITIVE_INFINITY);
  }

  async #follow(given: Omit<Current, "gate" | "ended">, open: number): Promise<void> {
    const gate = new Gate();
    gate.open = open;
    const current: Current = { ...given, gate, ended: Promise.resolve() };
    this.#current = current;
    await given.run.setCallSize({ seconds: REPORT_SECONDS });
    current.ended = this.#run(current);
  }

  /** Trains, and reports every event. */
  async #run(current: Current): Promise<void> {
    const { run, gate, saved } = current;
    const events = run[Symbol.asyncIterator]();
    try {
      for (;;) {
        await gate.pass();
        const { done, value } = await events.next();
        if (done) return;
        gate.sent(value.type === "progress");
        gate.taken();
        saved.record(value);
        if (current === this.#current) await this.#show(value, current);
      }
    } catch (error) {
      if (current !== this.#current) return; // it was stopped
      this.#current = undefined;
      this.#tell("idle");
      this.#fail(error);
    }
  }

  async #show(event: TrainEvent, { run, saved, data, gate }: Current): Promise<void> {
    switch (event.type) {
      case "start":
        this.#reportStart(event.spec.model, event.steps, this.#settings!, event.threads);
        this.#tell(gate.isOpen ? "training" : "paused");
        return;
      case "progress": {
        const { type, step, steps, loss, imagesPerSecond, secondsLeft } = event;
        this.#report({ type, step, steps, loss, imagesPerSecond, secondsLeft });
        this.#trained = await run.current();
        return this.#look();
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
      case "end": {
        this.#trained = await run.model();
        const { test, validation } = data.division.split;
        const tested = await testedOn(this.#trained, this.#dataset!, test.length > 0 ? test : validation);
        this.#report({ type: "result", result: event.result, tested });
        this.#tell("trained");
        await this.#look();
        return this.#storeRun(saved);
      }
    }
  }

  #reportStart(model: Model, steps: number, settings: Settings, threads: number): void {
    this.#report({ type: "started", settings, network: sizeOf(model), steps, threads, classes: model.classes });
  }

  async look(picture: Picture | Blob): Promise<void> {
    this.#picture =
      "arrayBuffer" in picture
        ? decodePicture(await loadDecoder(), new Uint8Array(await picture.arrayBuffer()))
        : picture;
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
    const { test, training } = this.#divide(this.#settings?.overrides).division.split;
    const rows = test.length > 0 ? test : training;
    return exported(form, { trained, dataset: this.#dataset!, rows, name: this.#name });
  }

  async saveRun(): Promise<TakenFile> {
    const current = this.#current;
    const saved = current?.saved ?? this.#waiting;
    if (!saved) throw new InklingError("NOT_FOUND", "there is no training yet; start one first");
    if (current && this.#isUnderWay) saved.record({ type: "checkpoint", checkpoint: await current.run.checkpoint() });
    return { name: `${this.#name}.run`, bytes: await saved.encode() };
  }

  /** What files are named after. */
  get #name(): string {
    const stem = this.#source.replace(/\.\w+$/, "").toLowerCase();
    return stem.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "model";
  }

  async forget(): Promise<void> {
    await this.reset();
    await this.#storage.clear();
    await this.#reportStorage();
  }

  async #storeState(): Promise<void> {
    const stored: Stored = { source: this.#source, settings: this.#settings };
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

function sizeOf(model: Model): NetworkSummary {
  const sum = (of: "parameters" | "multiplyAdds") => summarize(model).reduce((all, layer) => all + layer[of], 0);
  return { parameters: sum("parameters"), multiplyAdds: sum("multiplyAdds") };
}

/** An image with pixels of its own, which can be sent. */
const copied = (image: Image): Image => ({ ...image, pixels: image.pixels.slice() });

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
