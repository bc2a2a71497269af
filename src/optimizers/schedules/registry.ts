import { parseConfig } from "../../base/config.ts";
import { Registry } from "../../base/registry.ts";
import { constantRate } from "./constant.ts";
import { extendedType } from "./extended.ts";
import { scheduleTypes } from "./index.ts";
import type { ScheduleConfig, ScheduleState, ScheduleType, ValidationScore } from "./schedule.ts";
import { warmupType } from "./warmup.ts";

const nested = {
  parse: toSchedule,
  at: learningRateAt,
  start: startOf,
  next: stateAfter,
  length: lengthOf,
  withLength,
};
const schedules = new Registry<ScheduleType>("schedule", [...scheduleTypes, warmupType(nested), extendedType(nested)]);

/**
 * Registers a type of schedule, so that optimizers can use it and run folders that name it can be read. Throws
 * `INVALID_ARGUMENT` if there already is one of that type.
 */
export const registerSchedule = <C extends ScheduleConfig>(schedule: ScheduleType<C>): void => schedules.add(schedule);

/** Parses a schedule; a number is a constant learning rate. Throws an `InklingError` naming the first invalid setting. */
export function toSchedule(written: number | ScheduleConfig): ScheduleConfig {
  if (typeof written === "number") return constantRate(written);
  return parseConfig(scheduleType(written).schema, written, written.type);
}

/** The record of a schedule. Throws `INVALID_MODEL` for an unknown type. */
export const scheduleType = (schedule: ScheduleConfig): ScheduleType => schedules.get(schedule.type);

/** The learning rate at a step, counted from 0. Schedules that depend on validations take it from `state`. */
export function learningRateAt(schedule: ScheduleConfig, step: number, state?: ScheduleState): number {
  return scheduleType(schedule).at(schedule, step, state ?? startOf(schedule));
}

/** The largest learning rate of a training with that many steps, found among a thousand of them. */
export function largestRate(schedule: ScheduleConfig, steps: number): number {
  const count = Math.min(steps, 1000);
  const stepAt = (i: number) => Math.round((i * (steps - 1)) / Math.max(1, count - 1));
  return Math.max(...Array.from({ length: count }, (_, i) => learningRateAt(schedule, stepAt(i))));
}

/** The state of a schedule before the first validation. */
export function startOf(schedule: ScheduleConfig): ScheduleState {
  return scheduleType(schedule).start?.(schedule) ?? {};
}

/** The state of a schedule after a validation. */
export function stateAfter(schedule: ScheduleConfig, state: ScheduleState, score: ValidationScore): ScheduleState {
  return scheduleType(schedule).next?.(schedule, state, score) ?? state;
}

/** The number of steps that a schedule is made for; undefined if it is independent of the length of a training. */
export function lengthOf(schedule: ScheduleConfig): number | undefined {
  return scheduleType(schedule).length?.(schedule);
}

/** A schedule that has a length, with another one. */
export function withLength(schedule: ScheduleConfig, steps: number): ScheduleConfig {
  return scheduleType(schedule).withLength?.(schedule, steps) ?? schedule;
}

/** Whether the learning rate depends on validations, and with it the weights. */
export const followsValidations = (schedule: ScheduleConfig): boolean => Object.keys(startOf(schedule)).length > 0;
