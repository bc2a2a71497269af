import { whole } from "../base/format.ts";
import { learningRateAt, lengthOf } from "../optimizers/schedules/registry.ts";
import { isPlannedForLength, type TrainingSpec } from "../training/index.ts";

/** What an extension of a training from a step on does to its learning rate, if that depends on the number of steps. */
export function describeExtension(before: TrainingSpec, now: TrainingSpec, step: number): readonly string[] {
  const { learningRate: schedule } = now.optimizer;
  const rate = (at: number) => learningRateAt(schedule, at).toPrecision(2);
  if (isPlannedForLength(before))
    return [
      `The learning rate was planned for ${whole(before.steps)} steps; from step ${whole(step)} on it is that of a training of ${whole(now.steps)} (${rate(step)} now)`,
    ];
  const length = lengthOf(schedule);
  return length !== undefined && length <= step
    ? [`The learning rate stays at ${rate(step)}: its schedule ended after ${whole(length)} steps`]
    : [];
}
