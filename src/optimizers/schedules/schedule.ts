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
  /** For a schedule that depends on validations: its state before the first one. */
  start?(config: C): ScheduleState;
  /** For a schedule that depends on validations: its state after one. */
  next?(config: C, state: ScheduleState, score: ValidationScore): ScheduleState;
}

/** Returns the schedule unchanged; TypeScript infers its settings from the schema and checks the rest against them. */
export const defineSchedule = <C extends ScheduleConfig>(schedule: ScheduleType<C>): ScheduleType<C> => schedule;
