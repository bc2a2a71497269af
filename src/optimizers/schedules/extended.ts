import * as v from "valibot";
import { parseConfig, wholeNumber } from "../../base/config.ts";
import type { ScheduleConfig, ScheduleType } from "./schedule.ts";
import type { Schedules } from "./warmup.ts";

const written: v.GenericSchema<ScheduleConfig> = v.looseObject({ type: v.string() }, "a schedule of learning rates");
const schemaOf = (schedule: v.GenericSchema<ScheduleConfig>) =>
  v.strictObject({ type: v.literal("extended"), schedule, steps: wholeNumber, next: schedule });
const schema = schemaOf(written);
export type ExtendedConfig = v.InferOutput<typeof schema>;

/**
 * The schedule of a training whose length was changed while it ran: `schedule` for the first steps, from then on the
 * learning rates that `next` has at the same steps.
 *
 *   learningRate(step) = schedule(step)   for step < steps
 *   learningRate(step) = next(step)       from then on
 *
 * Neither may depend on validations.
 */
export const extended = (schedule: ScheduleConfig, steps: number, next: ScheduleConfig): ExtendedConfig =>
  parseConfig(schema, { type: "extended", schedule, steps, next }, "extended");

/** Whether a schedule is that of a training whose length was changed. */
export const isExtended = (schedule: ScheduleConfig): schedule is ExtendedConfig => schedule.type === "extended";

/** The schedule from the last change of a training's length on. */
export const currentSchedule = (schedule: ScheduleConfig): ScheduleConfig =>
  isExtended(schedule) ? schedule.next : schedule;

/** The schedule that the learning rates of the steps before `step` came from. */
export const scheduleUntil = (schedule: ScheduleConfig, step: number): ScheduleConfig =>
  isExtended(schedule) && step <= schedule.steps ? scheduleUntil(schedule.schedule, step) : schedule;

/** The type of the schedule `extended`, over the schedules of a registry. */
export const extendedType = ({ parse, at, start, length, withLength }: Schedules): ScheduleType<ExtendedConfig> => {
  const independent = (config: ScheduleConfig) => Object.keys(start(config)).length === 0;
  const parsed = v.pipe(
    written,
    v.transform(parse),
    v.check(independent, "a schedule that does not depend on validations"),
  );
  return {
    type: "extended",
    schema: schemaOf(parsed),
    at: ({ schedule, steps, next }, step) => at(step < steps ? schedule : next, step, {}),
    length: ({ next }) => length(next),
    withLength: (config, steps) => ({ ...config, next: withLength(config.next, steps) }),
  };
};
