import type * as v from "valibot";

/** A schedule as plain data: its `type` and settings. */
export interface ScheduleConfig {
  readonly type: string;
}

/** The scores of a validation: the mean loss in nats, and the accuracy from 0 to 1. */
export interface ValidationScore {
  readonly loss: number;
  readonly accuracy: number;
}

/** The state that a schedule keeps from one validation to the next; empty if it does not depend on them. */
export type ScheduleState = Readonly<Record<string, number>>;

/** A type of schedule: its settings, and the learning rate at each step. */
export interface ScheduleType<C extends ScheduleConfig = ScheduleConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** The learning rate at a step, counted from 0. */
  at(config: C, step: number, state: ScheduleState): number;
  /**
   * The number of steps that the schedule is made for, if it has one. A training of that many steps that is extended gets
   * a schedule of its new length.
   */
  length?(config: C): number | undefined;
  /** For a schedule that has a length: the same schedule with another one. */
  withLength?(config: C, steps: number): C;
  /** For a schedule that depends on validations: its state before the first one. */
  start?(config: C): ScheduleState;
  /** For a schedule that depends on validations: its state after one. */
  next?(config: C, state: ScheduleState, score: ValidationScore): ScheduleState;
}

/** Returns the schedule unchanged; TypeScript infers its settings from the schema and checks the rest against them. */
export const defineSchedule = <C extends ScheduleConfig>(schedule: ScheduleType<C>): ScheduleType<C> => schedule;
