import { bar, duration, formatInterval, percent, quantity, whole } from "../base/format.ts";
import { printable } from "../base/printable.ts";
import { processors } from "../engine/threads.ts";
import type { Alike, Initialization, Score, TrainEvent, TrainingSpec, TrainResult } from "../index.ts";
import { describeLearning, type RateOrigin, whatUndecidedMeans } from "../report/describeLearning.ts";
import { TrainingTable } from "../report/trainingTable.ts";
import type { Terminal } from "./terminal.ts";

/** How validations are printed: a line of a table each, or the three lines of the article's program. */
export type LogForm = "table" | "article";

/** What is remembered of earlier events. */
interface Earlier {
  /** The number of steps at the start. */
  readonly planned: number;
  /** Whether it was reported last that the training does not learn. */
  readonly isDoubted: boolean;
}

/** Returns a function that prints the events of a training. */
export function showTraining(
  terminal: Terminal,
  log: LogForm = "table",
  origin: RateOrigin = {},
): (event: TrainEvent) => void {
  let table: TrainingTable | undefined;
  let earlier: Earlier | undefined;
  return (event) => {
    if (event.type === "start") {
      table = new TrainingTable(event, terminal.columns);
      earlier = { planned: event.steps, isDoubted: false };
    }
    if (event.type === "progress") table?.progress(event);
    if (event.type === "plan") table?.plan(event);
    if (event.type === "validation" && log === "table" && table)
      for (const line of table.validation(event)) terminal.out(line);
    else showEvent(event, terminal, origin, earlier);
    if (event.type === "learning" && earlier) earlier = { ...earlier, isDoubted: event.status !== "learning" };
  };
}

/** Prints an event, a validation in the wording of the article's program. */
export function showEvent(event: TrainEvent, terminal: Terminal, origin: RateOrigin = {}, earlier?: Earlier): void {
  switch (event.type) {
    case "start":
      if (event.initialization && event.step === 0) showInitialization(event.initialization, terminal);
      if (event.note !== undefined) terminal.note(event.note);
      if (event.threads > processors())
        terminal.note(
          `${event.threads} threads on ${quantity(processors(), "processor")}: more threads than processors make it slower`,
        );
      for (const warning of event.warnings) terminal.note(`Note: ${printable(warning)}`);
      terminal.note(
        terminal.dim(
          `Training on ${event.backend} (${[...(event.compiler ? [event.compiler] : []), event.arithmetic].join(", ")}), ${quantity(event.threads, "thread")}`,
        ),
      );
      return;
    case "progress": {
      const { step, steps, loss, imagesPerSecond, secondsLeft } = event;
      terminal.progress(
        `${bar(step / steps)}  step ${whole(step)} of ${whole(steps)}  loss ${loss.toFixed(3)}  ${whole(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`,
      );
      return;
    }
    case "validation":
      terminal.out(`Minibatch loss at step ${event.step}: ${event.minibatchLoss.toFixed(6)}`);
      terminal.out(`Minibatch accuracy: ${percent(event.minibatchAccuracy)}%`);
      if (event.images > 0) terminal.out(`Validation accuracy: ${percent(event.accuracy)}%`);
      return;
    case "threads":
      terminal.note(
        `${event.requested} threads are slower than ${event.threads} while other programs use the processors; using ${event.threads}`,
      );
      return;
    case "learning":
      terminal.note(describeLearning(event, origin));
      return;
    case "plan": // the table shows the current number of steps, and the end what became of the first plan
    case "checkpoint":
      return;
    case "end":
      showResult(event.result, terminal, earlier);
  }
}

/** Reports which layers start from another model's weights, and why others do not. */
function showInitialization({ taken, fresh, unused }: Initialization, terminal: Terminal): void {
  terminal.note(`Initial weights taken from the other model: ${taken.join(", ")}`);
  for (const { layer, reason } of fresh) terminal.note(`  ${layer} starts fresh: ${reason}`);
  if (unused.length > 0) terminal.note(`  not used from the other model: ${unused.join(", ")}`);
}

/** Prints the result of the run, and that of its best weights if they are not the last. */
function showResult(
  { steps, stoppedEarly, validation, test, best, learning }: TrainResult,
  terminal: Terminal,
  { planned, isDoubted }: Earlier = { planned: steps, isDoubted: false },
): void {
  if (!stoppedEarly && steps !== planned)
    terminal.note(`The time budget was enough for ${whole(steps)} steps; ${whole(planned)} were planned at the start`);
  if (stoppedEarly) terminal.note(`Stopped early after ${whole(steps)} steps, as validation no longer improved`);
  if (test.count === 0) return;
  const line = `Test accuracy: ${percent(test.accuracy)}%`;
  terminal.out(
    `${terminal.bold(line)}  (95 % interval ${formatInterval(test.interval)}, ${quantity(test.count, "image")})`,
  );
  const without = accuracyWithoutDuplicates(test);
  if (without !== undefined) terminal.out(without);
  if (learning?.status === "undecided") terminal.note(whatUndecidedMeans(test, learning.explained, isDoubted));
  if (!best || best.step === steps) return;
  const scores = `from step ${whole(best.step)}: ${percent(best.test.accuracy)}% (validation ${percent(best.accuracy)}%)`;
  // Whoever chose by the test images could not be tested on them any more.
  const isClear = best.accuracy > validation.interval[1];
  terminal.note(
    terminal.dim(
      isClear ? `With the best weights, ${scores}; use them with --weights best` : `With the best weights, ${scores}`,
    ),
  );
}

/** A line with the accuracy without train/test duplicates; undefined if there are none. */
export function accuracyWithoutDuplicates(
  { count, withoutTwins: without }: Score,
  alike: Alike = "pixels",
): string | undefined {
  if (!without || without.count === count) return undefined;
  const duplicates = `the ${whole(count - without.count)} train/test ${alike === "near" ? "near-duplicates" : "duplicates"}`;
  if (without.count === 0) return `Without ${duplicates} no test images are left`;
  return `Without ${duplicates}: ${percent(without.accuracy)}%  (95 % interval ${formatInterval(without.interval)}, ${quantity(without.count, "image")})`;
}

/** Remarks at the end. */
export function showEnd(result: TrainResult, path: string, terminal: Terminal): void {
  const { imagesPerSecond, seconds } = result;
  terminal.note(terminal.dim(`${whole(imagesPerSecond)} images/s, ${seconds.toFixed(1)} s in all; saved in ${path}`));
}

/** The output of `--json` for a run. */
export const summaryOf = (result: TrainResult, run: string, { data }: TrainingSpec) => ({
  testAccuracy: result.test.accuracy,
  testInterval: result.test.interval,
  testImages: result.test.count,
  testWithoutTwins: result.test.withoutTwins,
  // null if there are no validation images
  validationAccuracy: result.validation.count > 0 ? result.validation.accuracy : null,
  imagesPerSecond: result.imagesPerSecond,
  seconds: result.seconds,
  steps: result.steps,
  stoppedEarly: result.stoppedEarly,
  learning: result.learning,
  warnings: result.warnings,
  readings: data.readings,
  ...(result.best && {
    best: {
      step: result.best.step,
      validationAccuracy: result.best.accuracy,
      testAccuracy: result.best.test.accuracy,
      weightsSha256: result.best.weightsSha256,
    },
  }),
  backend: result.backend,
  compiler: result.compiler,
  threads: result.threads,
  arithmetic: result.arithmetic,
  weightsSha256: result.weightsSha256,
  run,
});
