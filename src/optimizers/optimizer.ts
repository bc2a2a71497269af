import type * as v from "valibot";
import type { Value } from "../ir/types.ts";
import type { ScheduleConfig } from "./schedules/schedule.ts";

/** An optimizer as plain data: its `type`, its learning rates, and settings. */
export interface OptimizerConfig {
  readonly type: string;
  readonly learningRate: ScheduleConfig;
}

/** What an optimizer's update of one weight is made of. */
export interface UpdateTerms {
  readonly w: Value;
  /** The gradient of the mean loss. */
  readonly dw: Value;
  /** The step's learning rate. */
  readonly learningRate: Value;
}

/** How weights follow their gradients, as one record; the compiler makes the loops over all weights. */
export interface OptimizerType<C extends OptimizerConfig = OptimizerConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** The new weight. */
  update(terms: UpdateTerms, config: C): Value;
}
