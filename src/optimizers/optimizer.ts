import type * as v from "valibot";
import type { Value } from "../ir/types.ts";
import type { ScheduleConfig } from "./schedules/schedule.ts";
import type { WeightDecayMask } from "./weightDecayMask.ts";

/** An optimizer as plain data: its `type`, its learning rates, and settings. */
export interface OptimizerConfig {
  readonly type: string;
  readonly learningRate: ScheduleConfig;
  /** Pulls weights towards zero: through the gradient (L2), or decoupled from it, depending on the optimizer. 0 for none. */
  readonly weightDecay: number;
  /** Which parameters weight decay applies to: `"kernels"` by default. */
  readonly weightDecayMask: WeightDecayMask;
  /** The greatest norm of all gradients together; longer ones are scaled down to it. 0 for no limit. */
  readonly clipNorm: number;
  /** Keeps a moving average of each weight, with this decay, and predicts with the averages. 0 for none. */
  readonly averageDecay: number;
}

/** What an optimizer's update of one weight is made of. */
export interface UpdateTerms {
  readonly w: Value;
  /** The gradient of the mean loss, clipped. */
  readonly dw: Value;
  /** The step's numbers, from `scalars`. */
  readonly scalars: Readonly<Record<string, Value>>;
  /** The weight's slots before the update. */
  readonly slots: Readonly<Record<string, Value>>;
  /** The weight decay of this parameter; 0 where the mask leaves it out. */
  readonly weightDecay: number;
}

/** What the new weight is made of: all that its slots are, and their next values. */
export interface WeightTerms extends UpdateTerms {
  /** The weight's slots after the update. */
  readonly next: Readonly<Record<string, Value>>;
}

/** How weights follow their gradients, as one record; the compiler makes the loops over all weights. */
export interface OptimizerType<C extends OptimizerConfig = OptimizerConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** Numbers that change from step to step, counted from 0; `learningRate` is that of the schedule. */
  scalars(config: C, step: number, learningRate: number): Readonly<Record<string, number>>;
  /** What is kept for each weight from step to step, starting at 0: each slot's next value. */
  readonly slots: Readonly<Record<string, (terms: UpdateTerms, config: C) => Value>>;
  /** The new weight. */
  weight(terms: WeightTerms, config: C): Value;
}

/** An optimizer's record as it is; TypeScript infers its settings from the schema, and checks the rest against them. */
export const defineOptimizer = <C extends OptimizerConfig>(optimizer: OptimizerType<C>): OptimizerType<C> => optimizer;
