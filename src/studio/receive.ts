import { batch } from "@preact/signals";
import type { Inside } from "./inside.ts";
import { type Point, state } from "./state.ts";
import type { Update } from "./updates.ts";

/** Points of the batch's loss that are kept; then every second one is left out. */
const MOST_POINTS = 120;

/** Batch losses come thirty times a second; every `spacing`-th is kept, and the curve is drawn again four times a second. */
let spacing = 1;
let reports = 0;
let losses: readonly Point[] = [];
let drawn = 0;
const DRAWN_EVERY = 250;

/** What comes many times a second, the latest of each, until it is shown with the next frame. */
let latest: { progress?: Update & { readonly type: "progress" }; inside?: Inside } = {};
let frame = 0;

/** Who wants less motion gets the latest now and then instead. */
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const CALM_MILLISECONDS = 500;

/** Shows the latest with the next frame; everything else at once, after what came before it. */
export function receive(update: Update): void {
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
