import type * as v from "valibot";

/** A schedule as plain data: its `type` and settings. */
export interface ScheduleConfig {
  readonly type: string;
}

/** A learning rate for each step. */
export interface ScheduleType<C extends ScheduleConfig = ScheduleConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** The learning rate of a step, counted from 0. */
  at(config: C, step: number): number;
}
