import { constantType } from "./constant.ts";
import { cosineDecayType } from "./cosineDecay.ts";
import { exponentialDecayType } from "./exponentialDecay.ts";
import { inverseTimeDecayType } from "./inverseTimeDecay.ts";
import { oneCycleType } from "./oneCycle.ts";
import { piecewiseConstantDecayType } from "./piecewiseConstantDecay.ts";
import { polynomialDecayType } from "./polynomialDecay.ts";
import { reduceOnPlateauType } from "./reduceOnPlateau.ts";

export { constantRate } from "./constant.ts";
export { cosineDecay } from "./cosineDecay.ts";
export { exponentialDecay } from "./exponentialDecay.ts";
export { extended } from "./extended.ts";
export { inverseTimeDecay } from "./inverseTimeDecay.ts";
export { oneCycle } from "./oneCycle.ts";
export { piecewiseConstantDecay } from "./piecewiseConstantDecay.ts";
export { polynomialDecay } from "./polynomialDecay.ts";
export { reduceOnPlateau } from "./reduceOnPlateau.ts";
export type { ScheduleConfig, ScheduleState, ValidationScore } from "./schedule.ts";
export { warmup } from "./warmup.ts";

/** All built-in schedules except `warmup` and `extended`, which depend on the others. */
export const scheduleTypes: readonly { readonly type: string }[] = [
  constantType,
  cosineDecayType,
  exponentialDecayType,
  inverseTimeDecayType,
  oneCycleType,
  piecewiseConstantDecayType,
  polynomialDecayType,
  reduceOnPlateauType,
];
