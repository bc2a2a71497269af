import { InklingError } from "../../base/error.ts";
import type { Picture } from "../../image/picture.ts";
import type { MapPoints } from "../../report/pages/evaluate/mapPoints.ts";
import { PortableRun } from "../../runs/portableRun.ts";
import type { ImageFacts, ImageFilter, Tiles } from "../browsing.ts";
import type { Step } from "../edits.ts";
import type { About, Plan, Settings } from "../settings.ts";
import type { Update } from "../updates.ts";
import type { ExportForm, TakenFile, Workbench } from "../workbench.ts";
import { aboutStudio } from "./about.ts";
import { DataDesk } from "./dataDesk.ts";
import { HandedFiles } from "./handedFiles.ts";
import type { Host } from "./host.ts";
import { Keeper } from "./keeper.ts";
import { ModelDesk } from "./modelDesk.ts";
import { planOf } from "./plannedTraining.ts";
import { Reporter } from "./reporter.ts";
import { readingOf } from "./runData.ts";
import { RunDesk } from "./runDesk.ts";
import { RunList } from "./runList.ts";

/** The file of what is stored besides data and runs. */
const STATE = "state.json";

/** What is stored besides data and runs. */
interface Stored {
  readonly source: string;
  readonly settings?: Settings | undefined;
  /** The run that is shown. */
  readonly run?: string | undefined;
  /** Whether it was being trained. */
  readonly isTraining?: boolean;
}

/** A workbench in the thread that calls it. What it does is at its desks; here is what opens, and what the next visit goes on from. */
export class Session implements Workbench {
  readonly #host: Host;
  readonly #reporter: Reporter;
  readonly #model: ModelDesk;
  readonly #handed = new HandedFiles();
  #keeper!: Keeper;
  #data!: DataDesk;
  #list!: RunList;
  #runs!: RunDesk;
  /** A run that was opened, and whose data are not open yet. */
  #wanted: PortableRun | undefined;

  constructor(host: Host, report: (update: Update) => void) {
    this.#host = host;
    this.#reporter = new Reporter(report);
    this.#model = new ModelDesk(this.#reporter);
  }

  async begin(): Promise<About> {
    const [host, reporter, model] = [this.#host, this.#reporter, this.#model];
    const keeper = new Keeper(await host.openStorage(), reporter);
    const overrides = () => this.#runs.settings?.overrides;
    const data = new DataDesk({ host, keeper, reporter, overrides });
    const list = await RunList.open(host, keeper, reporter);
    const runs = new RunDesk({
      host,
      reporter,
      data,
      list,
      model,
      remember: (isTraining) => this.#remember(isTraining),
    });
    [this.#keeper, this.#data, this.#list, this.#runs] = [keeper, data, list, runs];
    const stored = await this.#stored();
    runs.settings = stored?.settings;
    await data.begin(stored?.source);
    if (stored) await this.#goOnFrom(stored).catch((error: unknown) => reporter.problem(error));
    list.report();
    void keeper.reportUse();
    return aboutStudio(host.backend);
  }

  async #stored(): Promise<Stored | undefined> {
    const bytes = await this.#keeper.files.read(STATE);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Stored);
  }

  /** Stores what the next visit goes on from, and whether it trains. */
  async #remember(isTraining = this.#runs.training.isGoingOn): Promise<void> {
    const { settings } = this.#runs;
    const { name: source } = this.#data.opened;
    const run = this.#list.shown?.id;
    // What a host has recorded can be opened again.
    const stored: Stored = { source, settings, run, isTraining: isTraining && !this.#host.record };
    await this.#keeper.keep(() => this.#keeper.files.write(STATE, JSON.stringify(stored)));
  }

  /** Shows the run of the last visit, and goes on if it was being trained; one without a checkpoint begins again. */
  async #goOnFrom({ run, isTraining, settings }: Stored): Promise<void> {
    const isKept = this.#list.find(run) !== undefined;
    if (run !== undefined && isKept) await this.showRun(run);
    if (!isTraining) return;
    if (this.#runs.canGoOn) await this.resume();
    else if (!isKept && settings) await this.start(settings);
  }

  async openLetters(): Promise<void> {
    await this.reset();
    await this.#data.openLetters();
    await this.#remember();
  }

  async handOver(files: ReadonlyMap<string, Blob>): Promise<void> {
    this.#handed.add(files);
  }

  async openFiles(given: ReadonlyMap<string, Blob>): Promise<void> {
    const { name, files } = this.#handed.take(given);
    if (files.has("run.json")) return this.#openRun(await PortableRun.open(files));
    const [only] = files.size === 1 ? [...files] : [];
    if (only && /\.run$/.test(only[0])) return this.#openRun(await PortableRun.open(only[1]));
    const wanted = this.#wanted;
    const reading = wanted && readingOf(wanted);
    await this.#data.open(only?.[0] ?? name, only?.[1] ?? files, { reset: () => this.reset(), reading });
    await this.#remember();
    if (wanted) await this.#openRun(wanted);
  }

  async #openRun(saved: PortableRun): Promise<void> {
    await this.reset();
    this.#wanted = saved;
    await this.#runs.open(saved);
    this.#wanted = undefined;
    await this.#remember();
  }

  async openTest(given: ReadonlyMap<string, Blob>): Promise<void> {
    const { name, files } = this.#handed.take(given);
    const [only] = files.size === 1 ? [...files] : [];
    await this.#data.addTest(only?.[0] ?? name, only?.[1] ?? files, () => this.reset());
    await this.#remember();
  }

  async openPath(path: string): Promise<void> {
    if (!this.#host.openPath)
      throw new InklingError("UNSUPPORTED", "a page cannot open paths; choose files, or start: inkling studio");
    const found = await this.#host.openPath(path);
    const { name, dataset, run } = found;
    await this.reset();
    await this.#data.openBuiltIn(dataset, name);
    if (run) await this.#runs.openFound({ ...found, run });
    await this.#remember();
  }

  async openNew(name: string, classNames: readonly string[]): Promise<void> {
    await this.reset();
    await this.#data.openNew(name, classNames);
    await this.#remember();
  }

  async stop(): Promise<void> {
    this.#data.stop();
  }

  async rows(filter: ImageFilter): Promise<Uint32Array> {
    return this.#data.opened.rows(filter);
  }

  async tiles(rows: Uint32Array, side: number): Promise<Tiles> {
    return this.#data.opened.tiles(rows, side);
  }

  async facts(row: number): Promise<ImageFacts> {
    return this.#data.opened.facts(row);
  }

  edit(step: Step): Promise<void> {
    return this.#data.edit(step);
  }

  undo(): Promise<void> {
    return this.#data.undo();
  }

  redo(): Promise<void> {
    return this.#data.redo();
  }

  addPictures(label: number, pictures: ReadonlyMap<string, Picture | Blob>): Promise<void> {
    return this.#data.add(label, pictures);
  }

  async addTried(label: number): Promise<void> {
    const { picture } = this.#model;
    if (!picture) throw new InklingError("NOT_FOUND", "there is no picture yet; draw or choose one first");
    await this.#data.add(label, new Map([["drawing", picture]]));
  }

  check(settings?: Settings): Promise<void> {
    return this.#data.check(settings);
  }

  saveData(): Promise<TakenFile> {
    return this.#data.save();
  }

  saveFixes(): Promise<TakenFile> {
    return this.#data.saveFixes();
  }

  async plan(settings: Settings): Promise<Plan> {
    return planOf(settings, this.#data.opened.divide(settings.overrides).shape);
  }

  start(settings: Settings): Promise<void> {
    return this.#runs.start(settings);
  }

  step(settings: Settings): Promise<void> {
    return this.#runs.step(settings);
  }

  pause(): Promise<void> {
    return this.#runs.training.pause();
  }

  resume(): Promise<void> {
    return this.#runs.resume();
  }

  async reset(): Promise<void> {
    this.#wanted = undefined;
    await this.#runs.reset();
  }

  /** Whether a training has not ended, even if it is paused. */
  get isTraining(): boolean {
    return this.#runs.training.isUnderWay;
  }

  /** Ends the training, and keeps what has been trained. */
  close(): Promise<void> {
    return this.#runs.stop();
  }

  sweep(settings: Settings): Promise<void> {
    return this.#runs.sweep(settings);
  }

  async stopSweep(): Promise<void> {
    this.#runs.stopSweep();
  }

  async showRun(id: string): Promise<void> {
    await this.#runs.show(id);
    this.#wanted = undefined;
  }

  async deleteRun(id: string): Promise<void> {
    if (this.#list.shown?.id === id) await this.reset();
    await this.#list.delete(id);
  }

  look(picture: Picture | Blob): Promise<void> {
    return this.#model.try(picture);
  }

  explain(isOn: boolean): Promise<void> {
    return this.#model.explain(isOn);
  }

  map(): Promise<MapPoints> {
    return this.#model.map();
  }

  export(form: ExportForm): Promise<TakenFile> {
    return this.#runs.export(form);
  }

  saveRun(): Promise<TakenFile> {
    return this.#runs.save();
  }

  async forget(): Promise<void> {
    await this.reset();
    await this.#keeper.files.clear();
    await this.#list.reopen();
    this.#list.report();
    await this.#keeper.reportUse();
  }
}
