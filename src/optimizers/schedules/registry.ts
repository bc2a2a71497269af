import { parseConfig } from "../../base/config.ts";
import { Registry } from "../../base/registry.ts";
import { constantRate } from "./constant.ts";
import { scheduleTypes } from "./index.ts";
import type { ScheduleConfig, ScheduleState, ScheduleType, ValidationScore } from "./schedule.ts";
import { warmupType } from "./warmup.ts";

const warmup = warmupType({ parse: toSchedule, at: learningRateAt, start: startOf, next: stateAfter });
const schedules = new Registry<ScheduleType>("schedule", [...scheduleTypes, warmup]);

/**
 * Makes a schedule known, so that optimizers may have it and runs that name it can be read. Throws `INVALID_ARGUMENT`
 * where there is one of that type.
 */
export const registerSchedule = <C extends ScheduleConfig>(schedule: ScheduleType<C>): void => schedules.add(schedule);

/** A schedule from what users write: a number is a constant learning rate. Throws naming the first wrong setting. */
export function toSchedule(written: number | ScheduleConfig): ScheduleConfig {
  if (typeof written === "number") return constantRate(written);
  return parseConfig(typeOf(written).schema, written, written.type);
}

const typeOf = (schedule: ScheduleConfig): ScheduleType => schedules.get(schedule.type);

/** The learning rate of a step, counted from 0; `state` is that of a schedule which follows validations. */
export function learningRateAt(schedule: ScheduleConfig, step: number, state?: ScheduleState): number {
  return typeOf(schedule).at(schedule, step, state ?? startOf(schedule));
}

/** What a schedule keeps before the first validation. */
export function startOf(schedule: ScheduleConfig): ScheduleState {
  return typeOf(schedule).start?.(schedule) ?? {};
}

/** What a schedule keeps after a validation. */
export function stateAfter(schedule: ScheduleConfig, state: ScheduleState, score: ValidationScore): ScheduleState {
  return typeOf(schedule).next?.(schedule, state, score) ?? state;
}

/** Whether validations change the learning rates, and with them the weights. */
export const followsValidations = (schedule: ScheduleConfig): boolean => Object.keys(startOf(schedule)).length > 0;
