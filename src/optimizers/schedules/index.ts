import { parseConfig } from "../../tensor/config.ts";
import { lookUp } from "../../tensor/registry.ts";
import { constantRate, constantType } from "./constant.ts";
import { cosineDecayType } from "./cosineDecay.ts";
import { exponentialDecayType } from "./exponentialDecay.ts";
import { oneCycleType } from "./oneCycle.ts";
import { piecewiseConstantDecayType } from "./piecewiseConstantDecay.ts";
import { polynomialDecayType } from "./polynomialDecay.ts";
import type { ScheduleConfig, ScheduleType } from "./schedule.ts";
import { warmupType } from "./warmup.ts";

export { constantRate } from "./constant.ts";
export { cosineDecay } from "./cosineDecay.ts";
export { exponentialDecay } from "./exponentialDecay.ts";
export { oneCycle } from "./oneCycle.ts";
export { piecewiseConstantDecay } from "./piecewiseConstantDecay.ts";
export { polynomialDecay } from "./polynomialDecay.ts";
export type { ScheduleConfig } from "./schedule.ts";
export { warmup } from "./warmup.ts";

/** Every kind of schedule. */
export const scheduleTypes = [
  constantType,
  cosineDecayType,
  exponentialDecayType,
  oneCycleType,
  piecewiseConstantDecayType,
  polynomialDecayType,
  warmupType(toSchedule, learningRateAt),
] as readonly unknown[] as readonly ScheduleType[];

/** A schedule from what users write: a number is a constant learning rate. */
export function toSchedule(written: number | ScheduleConfig): ScheduleConfig {
  if (typeof written === "number") return constantRate(written);
  return parseConfig(lookUp("schedule", scheduleTypes, written.type).schema, written, written.type);
}

/** The learning rate of a step, counted from 0. */
export function learningRateAt(schedule: ScheduleConfig, step: number): number {
  return lookUp("schedule", scheduleTypes, schedule.type).at(schedule, step);
}
