import { parseConfig } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { isName, Registry } from "../base/registry.ts";
import { optimizerTypes } from "./index.ts";
import type { OptimizerConfig, OptimizerType, StepScalars } from "./optimizer.ts";
import { learningRateAt } from "./schedules/registry.ts";
import type { ScheduleState } from "./schedules/schedule.ts";

const optimizers = new Registry<OptimizerType>("optimizer", optimizerTypes);

/** Names that the engine uses for what it keeps or computes for each weight. */
const takenSlots = ["average", "gradient", "weight"];

/**
 * Registers a type of optimizer, so that networks can be trained with it and run folders that name it can be read. Throws
 * `INVALID_ARGUMENT` if there already is one of that type, or if a slot has a name that is taken or is not a name.
 */
export function registerOptimizer<C extends OptimizerConfig>(optimizer: OptimizerType<C>): void {
  const wrong = Object.keys(optimizer.slots).find((name) => takenSlots.includes(name) || !isName(name));
  if (wrong !== undefined)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `optimizer "${optimizer.type}": a slot cannot be named ${quoted(wrong)}; choose a name of letters, digits and _, other than ${takenSlots.join(", ")}`,
    );
  optimizers.add(optimizer);
}

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
