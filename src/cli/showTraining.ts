import type { TrainEvent, TrainResult } from "../index.ts";
import { bar, duration, formatInterval, percent, whole } from "./format.ts";
import type { Terminal } from "./terminal.ts";

/** Prints what an event says, in the words of the seed's author where it has some. */
export function showEvent(event: TrainEvent, terminal: Terminal): void {
  switch (event.type) {
    case "start":
      terminal.note(
        terminal.dim(
          `Training on ${event.backend} (${event.arithmetic}), ${event.threads} thread${event.threads === 1 ? "" : "s"}`,
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
      terminal.out(`Validation accuracy: ${percent(event.accuracy)}%`);
      return;
    case "checkpoint":
      return;
    case "end": {
      const { test } = event.result;
      if (test.count === 0) return;
      const line = `Test accuracy: ${percent(test.accuracy)}%`;
      terminal.out(
        `${terminal.bold(line)}  (95 % interval ${formatInterval(test.interval)}, ${whole(test.count)} images)`,
      );
    }
  }
}

/** What is worth saying at the end. */
export function showEnd(result: TrainResult, path: string, classes: number, terminal: Terminal): void {
  const { validation, imagesPerSecond, seconds } = result;
  if (validation.loss > 0.95 * Math.log(classes))
    terminal.note(
      "The network has not learned: its loss is that of a guess. Its first steps were too large. Train again with another --seed, or with half the --learning-rate.",
    );
  terminal.note(terminal.dim(`${whole(imagesPerSecond)} images/s, ${seconds.toFixed(1)} s in all; saved in ${path}`));
}

/** What `--json` prints of a run. */
export const summaryOf = (result: TrainResult, run: string) => ({
  formatVersion: 1,
  testAccuracy: result.test.accuracy,
  testInterval: result.test.interval,
  testImages: result.test.count,
  validationAccuracy: result.validation.accuracy,
  imagesPerSecond: result.imagesPerSecond,
  seconds: result.seconds,
  steps: result.steps,
  backend: result.backend,
  threads: result.threads,
  arithmetic: result.arithmetic,
  weightsSha256: result.weightsSha256,
  run,
});
