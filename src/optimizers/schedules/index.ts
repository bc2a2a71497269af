import { parseConfig } from "../../base/config.ts";
import { lookUp } from "../../base/registry.ts";
import { constantRate, constantType } from "./constant.ts";
import { cosineDecayType } from "./cosineDecay.ts";
import { exponentialDecayType } from "./exponentialDecay.ts";
import { oneCycleType } from "./oneCycle.ts";
import { piecewiseConstantDecayType } from "./piecewiseConstantDecay.ts";
import { polynomialDecayType } from "./polynomialDecay.ts";
import { reduceOnPlateauType } from "./reduceOnPlateau.ts";
import type { ScheduleConfig, ScheduleState, ScheduleType, ValidationScore } from "./schedule.ts";
import { warmupType } from "./warmup.ts";

export { constantRate } from "./constant.ts";
export { cosineDecay } from "./cosineDecay.ts";
export { exponentialDecay } from "./exponentialDecay.ts";
export { oneCycle } from "./oneCycle.ts";
export { piecewiseConstantDecay } from "./piecewiseConstantDecay.ts";
export { polynomialDecay } from "./polynomialDecay.ts";
export { reduceOnPlateau } from "./reduceOnPlateau.ts";
export type { ScheduleConfig, ScheduleState, ValidationScore } from "./schedule.ts";
export { warmup } from "./warmup.ts";

/** Every kind of schedule. */
export const scheduleTypes = [
  constantType,
  cosineDecayType,
  exponentialDecayType,
  oneCycleType,
  piecewiseConstantDecayType,
  polynomialDecayType,
  reduceOnPlateauType,
  warmupType({ parse: toSchedule, at: learningRateAt, start: startOf, next: stateAfter }),
] as readonly unknown[] as readonly ScheduleType[];

/** A schedule from what users write: a number is a constant learning rate. */
export function toSchedule(written: number | ScheduleConfig): ScheduleConfig {
  if (typeof written === "number") return constantRate(written);
  return parseConfig(typeOf(written).schema, written, written.type);
}

const typeOf = (schedule: ScheduleConfig): ScheduleType => lookUp("schedule", scheduleTypes, schedule.type);

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
