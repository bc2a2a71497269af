import { currentSchedule, extended, isExtended } from "../optimizers/schedules/extended.ts";
import { lengthOf, withLength } from "../optimizers/schedules/registry.ts";
import { normalSpec, type TrainingSpec } from "./spec.ts";

/** Whether the learning rate of a training follows a schedule that is made for its number of steps. */
export const isPlannedForLength = ({ optimizer, steps }: Pick<TrainingSpec, "optimizer" | "steps">): boolean =>
  lengthOf(currentSchedule(optimizer.learningRate)) === steps;

/**
 * A training of another length, from `step` on, which is where it is now. A learning rate schedule that was made for the
 * former length, such as one cycle over all steps, gives way to the same schedule made for the new length: from `step` on
 * the rates are those of a training that was planned with the new length from its start. Earlier steps keep theirs, since
 * they are done; the result is recorded in the optimizer as an `extended` schedule, so it is reproducible. All other
 * settings, and schedules that do not depend on the length, stay as they are.
 */
export function replan(spec: TrainingSpec, steps: number, step: number): TrainingSpec {
  const { optimizer } = spec;
  if (steps === spec.steps || !isPlannedForLength(spec)) return normalSpec({ ...spec, steps });
  const { learningRate: before } = optimizer;
  const next = withLength(currentSchedule(before), steps);
  // A plan that no step was trained with is replaced.
  const done = isExtended(before) && before.steps === step ? before.schedule : before;
  return normalSpec({ ...spec, steps, optimizer: { ...optimizer, learningRate: extended(done, step, next) } });
}
