import { computed, signal } from "@preact/signals";
import type { MapPoints } from "../report/pages/evaluate/mapPoints.ts";
import type { TrainResult } from "../training/index.ts";
import type { Check, ImageFilter } from "./browsing.ts";
import type { DataSummary, Division } from "./dataSummary.ts";
import type { Inside, Tested, Validation } from "./inside.ts";
import type { Link } from "./link.ts";
import type { Machine, RunSummary } from "./runSummary.ts";
import type { About, Plan, Settings } from "./settings.ts";
import type { Activity, Sweep, Update } from "./updates.ts";
import type { TakenFile } from "./workbench.ts";

/** A point of a curve: a step and a value. */
export type Point = readonly [step: number, value: number];

/** Files that are being read. */
export interface Opening {
  readonly images: number;
  readonly bytes: number;
  readonly totalBytes?: number;
  readonly seconds: number;
}

/** The recipe before there are data: that of the built-in letters. */
export const DEFAULT_RECIPE = "lenet";

/** What the page shows, each part as a signal that the workbench's reports change. */
export const state = {
  about: signal<About | undefined>(undefined),
  data: signal<DataSummary | undefined>(undefined),
  division: signal<Division | undefined>(undefined),
  /** Why the data cannot be divided. */
  undivided: signal<string | undefined>(undefined),
  /** A number that changes with the data and with what is known of them. */
  dataVersion: signal(0),
  /** When files were last opened, in ms as by `performance.now()`. */
  openedAt: signal(0),
  /** How many files have been read of those that are being opened, and in how many seconds. */
  opening: signal<Opening | undefined>(undefined),
  check: signal<Check | undefined>(undefined),
  /** The images that are listed, if the user looks at them. */
  browsing: signal<ImageFilter | undefined>(undefined),
  activity: signal<Activity>("idle"),
  settings: signal<Settings>({ recipe: DEFAULT_RECIPE, overrides: {} }),
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
  /** Whether the page can use several threads once it is loaded again. */
  canIsolate: signal(false),
};

/** Whether the network has weights that are not its first. */
export const hasWeights = computed(() => state.progress.value !== undefined || state.result.value !== undefined);

/** Whether the network is being trained, or could go on. */
export const isUnderWay = computed(() => ["preparing", "training", "paused"].includes(state.activity.value));
