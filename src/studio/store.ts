import { batch, computed, effect, signal } from "@preact/signals";
import type { Picture } from "../image/picture.ts";
import type { MapPoints } from "../report/pages/evaluate/mapPoints.ts";
import { entriesOf, filesOf } from "../sources/files.ts";
import type { Overrides, TrainResult } from "../training/index.ts";
import type { Check, ImageFilter } from "./browsing.ts";
import { connect, isServed } from "./connect.ts";
import { formatLink, type Link, parseLink } from "./link.ts";
import { keepOffline, useNewVersion } from "./offline.ts";
import type {
  About,
  Activity,
  DataSummary,
  Division,
  ExportForm,
  Inside,
  Machine,
  Plan,
  RunSummary,
  Settings,
  Sweep,
  TakenFile,
  Tested,
  Update,
  Validation,
} from "./workbench.ts";

/** A point of a curve: a step and a value. */
type Point = readonly [step: number, value: number];

/** Files that are being read. */
export interface Opening {
  readonly images: number;
  readonly bytes: number;
  readonly totalBytes?: number;
  readonly seconds: number;
}

/** Points of the batch's loss that are kept; then every second one is left out. */
const MOST_POINTS = 120;

/** What the page shows, each part as a signal that the workbench's reports change. */
export const state = {
  about: signal<About | undefined>(undefined),
  data: signal<DataSummary | undefined>(undefined),
  division: signal<Division | undefined>(undefined),
  /** Why the data cannot be divided. */
  undivided: signal<string | undefined>(undefined),
  /** A number that changes with the data and with what is known of them. */
  dataVersion: signal(0),
  /** How many files have been read of those that are being opened, and since when. */
  opening: signal<Opening | undefined>(undefined),
  check: signal<Check | undefined>(undefined),
  /** The images that are listed, if the user looks at them. */
  browsing: signal<ImageFilter | undefined>(undefined),
  activity: signal<Activity>("idle"),
  settings: signal<Settings>({ recipe: "lenet", overrides: {} }),
  plan: signal<Plan | undefined>(undefined),
  network: signal<(Update & { readonly type: "started" }) | undefined>(undefined),
  progress: signal<(Update & { readonly type: "progress" }) | undefined>(undefined),
  losses: signal<readonly Point[]>([]),
  validations: signal<readonly Validation[]>([]),
  confusion: signal<readonly (readonly number[])[] | undefined>(undefined),
  inside: signal<Inside | undefined>(undefined),
  isLearning: signal(true),
  result: signal<TrainResult | undefined>(undefined),
  tested: signal<Tested | undefined>(undefined),
  runs: signal<readonly RunSummary[]>([]),
  shownRun: signal<string | undefined>(undefined),
  /** Runs whose curves are drawn beside those of the one that is shown. */
  compared: signal<readonly string[]>([]),
  sweep: signal<Sweep | undefined>(undefined),
  map: signal<MapPoints | undefined>(undefined),
  explains: signal(false),
  /** The part of answers that are to be right; below it the answer is "don't know". */
  target: signal<number | undefined>(undefined),
  storage: signal<(Update & { readonly type: "storage" }) | undefined>(undefined),
  problem: signal<string | undefined>(undefined),
  /** Whether the problem is that nothing more can be stored. */
  isStorageFull: signal(false),
  /** Whether the browser keeps what is stored until the user deletes it. */
  isPersistent: signal<boolean | undefined>(undefined),
  /** What is being done that takes a while, such as opening files. */
  busy: signal<string | undefined>(undefined),
  /** How the last exported file was checked. */
  taken: signal<TakenFile | undefined>(undefined),
  link: signal<Link | undefined>(undefined),
  /** The server that the page is connected to; undefined where a worker of the page does the work. */
  connection: signal<(Update & { readonly type: "connection" })["to"] | undefined>(undefined),
  machine: signal<Machine | undefined>(undefined),
  hasNewVersion: signal(false),
};

/** Whether the network has weights that are not its first. */
export const hasWeights = computed(() => state.progress.value !== undefined || state.result.value !== undefined);

/** Whether the network is being trained, or could go on. */
export const isUnderWay = computed(() => ["preparing", "training", "paused"].includes(state.activity.value));

export const workbench = connect(receive);

/** Batch losses come thirty times a second; every `spacing`-th is kept, and the curve is drawn again four times a second. */
let spacing = 1;
let reports = 0;
let losses: readonly Point[] = [];
let drawn = 0;
/** When files were last opened. */
let openedAt = 0;
const DRAWN_EVERY = 250;

/** What comes many times a second, the latest of each, until it is shown with the next frame. */
let latest: { progress?: Update & { readonly type: "progress" }; inside?: Inside } = {};
let frame = 0;

/** Who wants less motion gets the latest now and then instead. */
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const CALM_MILLISECONDS = 500;

/** Shows the latest with the next frame; everything else at once, after what came before it. */
function receive(update: Update): void {
  if (update.type === "progress") addLoss(update.step, update.loss);
  if (update.type === "progress") latest.progress = update;
  else if (update.type === "inside") latest.inside = update.inside;
  else {
    showLatest();
    apply(update);
    return;
  }
  frame ||= isCalm.matches
    ? window.setTimeout(() => requestAnimationFrame(showLatest), CALM_MILLISECONDS)
    : requestAnimationFrame(showLatest);
}

function showLatest(): void {
  if (isCalm.matches) clearTimeout(frame);
  else cancelAnimationFrame(frame);
  const { progress, inside } = latest;
  [frame, latest] = [0, {}];
  batch(() => {
    if (progress) state.progress.value = progress;
    if (inside) state.inside.value = inside;
  });
}

function apply(update: Exclude<Update, { readonly type: "progress" | "inside" }>): void {
  batch(() => {
    switch (update.type) {
      case "data":
        state.data.value = update.data;
        state.division.value = undefined;
        state.undivided.value = undefined;
        state.browsing.value = undefined;
        state.dataVersion.value++;
        forgetTraining();
        break;
      case "edited":
        state.data.value = update.data;
        state.dataVersion.value++;
        break;
      case "division":
        state.division.value = update.division;
        state.undivided.value = undefined;
        state.dataVersion.value++;
        break;
      case "undivided":
        state.division.value = undefined;
        state.undivided.value = update.reason;
        break;
      case "opening":
        state.opening.value = { ...update, seconds: (performance.now() - openedAt) / 1000 };
        break;
      case "check":
        state.check.value = update.check;
        state.dataVersion.value++;
        break;
      case "activity":
        state.activity.value = update.activity;
        if (update.activity === "idle") forgetTraining();
        break;
      case "started":
        forgetTraining();
        state.network.value = update;
        state.settings.value = update.settings;
        break;
      case "validation":
        state.validations.value = [...state.validations.value, update.validation];
        if (update.confusion) state.confusion.value = update.confusion;
        break;
      case "notLearning":
        state.isLearning.value = !update.isCertain;
        break;
      case "result":
        state.losses.value = losses;
        state.result.value = update.result;
        state.tested.value = update.tested;
        state.confusion.value = update.tested.confusion;
        break;
      case "runs":
        state.runs.value = update.runs;
        state.shownRun.value = update.shown;
        break;
      case "sweep":
        state.sweep.value = update.sweep;
        break;
      case "problem":
        state.problem.value = update.message;
        state.isStorageFull.value = update.isStorage === true;
        break;
      case "connection":
        state.connection.value = update.to;
        break;
      case "newVersion":
        state.hasNewVersion.value = true;
        break;
      case "machine":
        state.machine.value = update.machine;
        break;
      case "storage":
        state.storage.value = update;
    }
  });
}

function forgetTraining(): void {
  spacing = 1;
  reports = 0;
  losses = [];
  state.network.value = undefined;
  state.progress.value = undefined;
  state.losses.value = [];
  state.validations.value = [];
  state.confusion.value = undefined;
  state.inside.value = undefined;
  state.isLearning.value = true;
  state.result.value = undefined;
  state.tested.value = undefined;
  state.taken.value = undefined;
  state.map.value = undefined;
}

function addLoss(step: number, loss: number): void {
  if (reports++ % spacing !== 0) return;
  losses = [...losses, [step, loss] as const];
  if (losses.length > MOST_POINTS) {
    losses = losses.filter((_, i) => i % 2 === 0);
    spacing *= 2;
  }
  const now = performance.now();
  if (now - drawn < DRAWN_EVERY) return;
  drawn = now;
  state.losses.value = losses;
}

/** Does something, and shows what went wrong. */
export async function attempt<T>(work: Promise<T>, busy?: string): Promise<T | undefined> {
  state.busy.value = busy;
  state.problem.value = undefined;
  state.isStorageFull.value = false;
  try {
    return await work;
  } catch (error) {
    state.problem.value = (error as Error).message;
    return undefined;
  } finally {
    state.busy.value = undefined;
  }
}

/** Opens files, and shows how far that is. */
async function open(files: Promise<ReadonlyMap<string, File>>, busy: string): Promise<void> {
  openedAt = performance.now();
  void keepForGood();
  await attempt(files.then(openAll), busy);
  state.opening.value = undefined;
}

/** Files that are handed over at once, which takes a few milliseconds. */
const FILES_AT_ONCE = 250;

async function openAll(files: ReadonlyMap<string, File>): Promise<void> {
  const all = [...files];
  while (all.length > FILES_AT_ONCE) await workbench.handOver(new Map(all.splice(-FILES_AT_ONCE)));
  await workbench.openFiles(new Map(all));
}

/** The files of an `<input>`, by their paths. */
export const chosenFiles = (files: FileList): ReadonlyMap<string, File> =>
  new Map(Array.from(files, (file) => [file.webkitRelativePath || file.name, file]));

/** Asks the browser not to delete what is stored when space is short. Some ask the user, so only when there is something to keep. */
export async function keepForGood(): Promise<void> {
  if (state.isPersistent.value) return;
  state.isPersistent.value = await navigator.storage?.persist?.().catch(() => false);
}

/** Says what the settings come to whenever they or the data change. */
effect(() => {
  const [settings, division] = [state.settings.value, state.division.value];
  if (!division) return;
  workbench.plan(settings).then(
    (plan) => {
      state.plan.value = plan;
    },
    (error: Error) => {
      state.problem.value = error.message;
    },
  );
});

/** Whether the network that is shown has been trained with these settings. */
const isTrainedWith = (settings: Settings): boolean =>
  JSON.stringify(state.network.value?.settings) === JSON.stringify(settings);

const given = (record: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** What the user can do. */
export const actions = {
  /** Opens what there is, and trains if the page was opened by a link. */
  async begin(): Promise<void> {
    const link = parseLink(location.hash);
    state.link.value = link;
    if (link) state.settings.value = link.settings;
    const about = await attempt(workbench.begin());
    state.about.value = about;
    if (about && !isServed()) void keepOffline(receive);
    // A server may be training for another page.
    if (link && about && !(isServed() && isUnderWay.value))
      await attempt(workbench.openLetters().then(() => workbench.start(link.settings)));
  },
  update: useNewVersion,
  openLetters: (busy: string) => attempt(workbench.openLetters(), busy),
  openDropped: (dropped: DataTransfer, busy: string) => open(filesOf(entriesOf(dropped)), busy),
  openChosen: (files: FileList, busy: string) => open(Promise.resolve(chosenFiles(files)), busy),
  openPath: (path: string, busy: string) => attempt(workbench.openPath(path), busy),
  start(): Promise<void> {
    void keepForGood();
    return attempt(workbench.start(state.settings.value));
  },
  pause: () => attempt(workbench.pause()),
  resume: () => attempt(workbench.resume()),
  step: () => attempt(workbench.step(state.settings.value)),
  reset: () => attempt(workbench.reset()),
  /** Changes settings; what is undefined is as the recipe has it. */
  set(change: { readonly [K in keyof Settings]?: Settings[K] | undefined }): void {
    state.settings.value = given({ ...state.settings.value, ...change }) as unknown as Settings;
  },
  override(change: Overrides): void {
    actions.set({ overrides: given({ ...state.settings.value.overrides, ...change }) });
  },
  /** Another recipe, with its own network. */
  setRecipe: (recipe: string) => actions.set({ recipe, layers: undefined, optimizer: undefined }),
  sweep: () => attempt(workbench.sweep(state.settings.value)),
  stopSweep: () => attempt(workbench.stopSweep()),
  closeSweep(): void {
    state.sweep.value = undefined;
  },
  showRun: (id: string, busy: string) => attempt(workbench.showRun(id), busy),
  async deleteRun(id: string): Promise<void> {
    state.compared.value = state.compared.value.filter((one) => one !== id);
    await attempt(workbench.deleteRun(id));
  },
  compare(id: string, isOn: boolean): void {
    const others = state.compared.value.filter((one) => one !== id);
    state.compared.value = isOn ? [...others, id] : others;
  },
  explain(isOn: boolean): Promise<unknown> {
    state.explains.value = isOn;
    return attempt(workbench.explain(isOn));
  },
  async drawMap(busy: string): Promise<void> {
    state.map.value = await attempt(workbench.map(), busy);
  },
  look: (picture: Picture | Blob) => attempt(workbench.look(picture)),
  async take(file: Promise<TakenFile>, busy: string): Promise<void> {
    const taken = await attempt(file, busy);
    if (!taken) return;
    state.taken.value = taken;
    const address = URL.createObjectURL(new Blob([taken.bytes]));
    Object.assign(document.createElement("a"), { href: address, download: taken.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  },
  export: (form: ExportForm) => workbench.export(form),
  saveRun: () => workbench.saveRun(),
  forget: () => attempt(workbench.forget().then(() => workbench.openLetters())),
  /** The address of this page with the settings in it. */
  linkHere(): string {
    const settings = state.settings.value;
    const { budget, initFrom } = settings;
    // Where others would come to other weights, the link does not say to which.
    const isRepeatable = budget === undefined && initFrom === undefined && isTrainedWith(settings);
    const weights = isRepeatable ? state.result.value?.weightsSha256 : undefined;
    const fragment = formatLink({ settings, ...(weights !== undefined && { weights }) });
    return `${location.origin}${location.pathname}#${fragment}`;
  },
};
