import { parseConfig } from "../base/config.ts";
import { Registry } from "../base/registry.ts";
import { optimizerTypes } from "./index.ts";
import type { OptimizerConfig, OptimizerType, StepScalars } from "./optimizer.ts";
import { learningRateAt } from "./schedules/registry.ts";
import type { ScheduleState } from "./schedules/schedule.ts";

const optimizers = new Registry<OptimizerType>("optimizer", optimizerTypes);

/**
 * Registers a type of optimizer, so that networks can be trained with it and run folders that name it can be read. Throws
 * `INVALID_ARGUMENT` if there already is one of that type.
 */
export const registerOptimizer = <C extends OptimizerConfig>(optimizer: OptimizerType<C>): void =>
  optimizers.add(optimizer);

/** The optimizer of a type. Throws `INVALID_MODEL` for an unknown type. */
export const optimizerType = (config: OptimizerConfig): OptimizerType => optimizers.get(config.type);

/**
 * Parses an optimizer from JSON. In files of earlier versions, `weightDecayMask` is called `decayed`. Throws
 * `INVALID_ARGUMENT` naming the first invalid setting.
 */
export function parseOptimizer(written: OptimizerConfig): OptimizerConfig {
  const { decayed, ...rest } = written as OptimizerConfig & { readonly decayed?: unknown };
  const config = decayed === undefined ? rest : { ...rest, weightDecayMask: decayed };
  return parseConfig(optimizerType(written).schema, config, written.type);
}

/** The numbers that an optimizer's updates need at a step, counted from 0. Their names are the same at every step. */
export const scalarsAt = (config: OptimizerConfig, step: number, state?: ScheduleState): StepScalars<number> =>
  optimizerType(config).scalars(config, step, learningRateAt(config.learningRate, step, state));
