import { parseConfig } from "../base/config.ts";
import { lookUp } from "../base/registry.ts";
import { adamType, adamwType } from "./adam.ts";
import type { OptimizerConfig, OptimizerType } from "./optimizer.ts";
import { rmspropType } from "./rmsprop.ts";
import { learningRateAt, type ScheduleState } from "./schedules/index.ts";
import { momentumType, sgdType } from "./sgd.ts";

export { type AdamOptions, adam, adamw } from "./adam.ts";
export type { OptimizerConfig, OptimizerType, UpdateTerms } from "./optimizer.ts";
export { rmsprop } from "./rmsprop.ts";
export * from "./schedules/index.ts";
export type { CommonOptions } from "./settings.ts";
export { sgd } from "./sgd.ts";
export { checkWeightDecayMask, isDecayed, type WeightDecayMask } from "./weightDecayMask.ts";

/** Every kind of optimizer. */
export const optimizerTypes = [
  adamType,
  adamwType,
  momentumType,
  rmspropType,
  sgdType,
] as readonly unknown[] as readonly OptimizerType[];

/** The record of an optimizer. Throws `INVALID_MODEL` for an unknown type. */
export const optimizerType = (config: OptimizerConfig): OptimizerType =>
  lookUp("optimizer", optimizerTypes, config.type);

/**
 * An optimizer read from JSON, checked. In files of earlier versions `weightDecayMask` is called `decayed`. Throws
 * `INVALID_ARGUMENT` naming the first wrong setting.
 */
export function parseOptimizer(written: OptimizerConfig): OptimizerConfig {
  const { decayed, ...rest } = written as OptimizerConfig & { readonly decayed?: unknown };
  const config = decayed === undefined ? rest : { ...rest, weightDecayMask: decayed };
  return parseConfig(optimizerType(written).schema, config, written.type);
}

/** The numbers that an optimizer's updates need at a step, counted from 0; their names are the same at every step. */
export const scalarsAt = (
  config: OptimizerConfig,
  step: number,
  state?: ScheduleState,
): Readonly<Record<string, number>> =>
  optimizerType(config).scalars(config, step, learningRateAt(config.learningRate, step, state));
