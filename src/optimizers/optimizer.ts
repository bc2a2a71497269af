import type * as v from "valibot";
import type { Value } from "../ir/types.ts";
import type { ScheduleConfig } from "./schedules/schedule.ts";
import type { WeightDecayMask } from "./weightDecayMask.ts";

/** An optimizer as plain data: its `type`, its learning rate schedule, and settings. */
export interface OptimizerConfig {
  readonly type: string;
  readonly learningRate: ScheduleConfig;
  /** Pulls weights toward zero: through the gradient (L2), or decoupled from it, depending on the optimizer. 0 for none. */
  readonly weightDecay: number;
  /** Which parameters weight decay applies to: `"kernels"` by default. */
  readonly weightDecayMask: WeightDecayMask;
  /** The largest norm of all gradients together; larger ones are scaled down to it. 0 for no limit. */
  readonly clipNorm: number;
  /** The decay rate of a moving average of each weight; the averages become the trained model. 0 for none. */
  readonly averageDecay: number;
}

/** The numbers of a step by name: its learning rate, and those that the optimizer adds. */
export interface StepScalars<T> {
  readonly learningRate: T;
  readonly [name: string]: T;
}

/** The terms of an optimizer's update of one weight. */
export interface UpdateTerms {
  readonly w: Value;
  /** The gradient of the mean loss, clipped. */
  readonly dw: Value;
  /** The numbers of the step, from `scalars`. */
  readonly scalars: StepScalars<Value>;
  /** The slots of the weight before the update. */
  readonly slots: Readonly<Record<string, Value>>;
  /** The weight decay of this parameter; 0 if the mask excludes it. */
  readonly weightDecay: number;
}

/** The terms of the new weight: those of its slots, and the new slots. */
export interface WeightTerms extends UpdateTerms {
  /** The slots of the weight after the update. */
  readonly next: Readonly<Record<string, Value>>;
}

/** A type of optimizer: its settings, and how it updates one weight. The compiler makes the loops over all weights. */
export interface OptimizerType<C extends OptimizerConfig = OptimizerConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** The numbers that change from step to step, counted from 0: `learningRate`, which comes from the schedule, and others. */
  scalars(config: C, step: number, learningRate: number): StepScalars<number>;
  /**
   * The values kept for each weight from step to step, initially 0: how to compute the next value of each slot. A slot
   * cannot be named average, gradient or weight.
   */
  readonly slots: Readonly<Record<string, (terms: UpdateTerms, config: C) => Value>>;
  /** The new weight. */
  weight(terms: WeightTerms, config: C): Value;
}

/** Returns the optimizer unchanged; TypeScript infers its settings from the schema and checks the rest against them. */
export const defineOptimizer = <C extends OptimizerConfig>(optimizer: OptimizerType<C>): OptimizerType<C> => optimizer;
