import { parseConfig } from "../tensor/config.ts";
import { lookUp } from "../tensor/registry.ts";
import type { OptimizerConfig, OptimizerType } from "./optimizer.ts";
import { sgdType } from "./sgd.ts";

export type { OptimizerConfig, OptimizerType } from "./optimizer.ts";
export * from "./schedules/index.ts";
export { sgd } from "./sgd.ts";

/** Every kind of optimizer. */
export const optimizerTypes: readonly OptimizerType[] = [sgdType];

/** The record of an optimizer. Throws `INVALID_MODEL` for an unknown type. */
export const optimizerType = (config: OptimizerConfig): OptimizerType =>
  lookUp("optimizer", optimizerTypes, config.type);

/** An optimizer read from JSON, checked. */
export const parseOptimizer = (written: OptimizerConfig): OptimizerConfig =>
  parseConfig(optimizerType(written).schema, written, written.type);
