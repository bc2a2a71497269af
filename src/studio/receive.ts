import { batch } from "@preact/signals";
import type { DataSummary } from "./dataSummary.ts";
import { Frames } from "./frames.ts";
import type { Inside } from "./inside.ts";
import { DEFAULT_RECIPE, type Point, state } from "./state.ts";
import type { Update } from "./updates.ts";

/** The part of the page's time that drawing may take while a network is trained, which has the same processors. */
const DRAW_SHARE = 0.02;

/** Points of the batch's loss that are kept; then every second one is left out. */
const MOST_POINTS = 120;

type Progress = Update & { readonly type: "progress" };

/** Batch losses come twenty times a second; every `spacing`-th is kept. */
let spacing = 1;
let reports = 0;
let losses: readonly Point[] = [];

/** What comes many times a second, the latest of each, until it is shown with a later frame. */
const latest: { progress?: Progress; inside?: Inside } = {};
const frames = new Frames(() => {
  batch(() => {
    showInside();
    if (areNumbersDue()) showNumbers();
  });
});

/** Milliseconds from one time that numbers and the curve are drawn to the next: nobody reads them faster. */
const NUMBERS_EVERY = 250;
let numbersAt = 0;

const isTraining = (): boolean => state.activity.value === "training";

/** Whether numbers may be drawn; what is not part of a training that goes on is drawn at once. */
const areNumbersDue = (): boolean => !isTraining() || performance.now() - numbersAt >= NUMBERS_EVERY;

/** Shows the latest with a later frame; everything else at once, after what came before it. */
export function receive(update: Update): void {
  if (update.type === "progress") {
    addLoss(update.step, update.loss);
    latest.progress = update;
  } else if (update.type === "inside") latest.inside = update.inside;
  else {
    showInside();
    showNumbers();
    apply(update);
    return;
  }
  if (latest.inside || areNumbersDue()) frames.request(isTraining() ? DRAW_SHARE : 1);
}

function showInside(): void {
  const { inside } = latest;
  delete latest.inside;
  if (inside) state.inside.value = inside;
}

function showNumbers(): void {
  const { progress } = latest;
  delete latest.progress;
  if (!progress) return;
  numbersAt = performance.now();
  batch(() => {
    state.progress.value = progress;
    state.losses.value = losses;
  });
}

function apply(update: Exclude<Update, { readonly type: "progress" | "inside" }>): void {
  batch(() => {
    switch (update.type) {
      case "data":
        followDefault(update.data);
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
        state.opening.value = { ...update, seconds: (performance.now() - state.openedAt.value) / 1000 };
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
      case "canIsolate":
        state.canIsolate.value = true;
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

/** Takes over the recipe of other data, unless another one or a network of its own was chosen. */
function followDefault(data: DataSummary): void {
  const { recipe, layers } = state.settings.value;
  const before = state.data.value?.recipe ?? DEFAULT_RECIPE;
  if (recipe === before && !layers) state.settings.value = { ...state.settings.value, recipe: data.recipe };
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
}
