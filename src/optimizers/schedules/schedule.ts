import type * as v from "valibot";

/** A schedule as plain data: its `type` and settings. */
export interface ScheduleConfig {
  readonly type: string;
}

/** The scores that a schedule gets from a validation: the mean loss in nats, and the accuracy from 0 to 1. */
export interface ValidationScore {
  readonly loss: number;
  readonly accuracy: number;
}

/** What a schedule that follows validations keeps from one to the next; without anything in it for all others. */
export type ScheduleState = Readonly<Record<string, number>>;

/** A learning rate for each step. */
export interface ScheduleType<C extends ScheduleConfig = ScheduleConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** The learning rate of a step, counted from 0. */
  at(config: C, step: number, state: ScheduleState): number;
  /** Of one that follows validations: its state before the first one. */
  start?(config: C): ScheduleState;
  /** Of one that follows validations: its state after one. */
  next?(config: C, state: ScheduleState, score: ValidationScore): ScheduleState;
}

/** A schedule's record as it is; TypeScript infers its settings from the schema, and checks the rest against them. */
export const defineSchedule = <C extends ScheduleConfig>(schedule: ScheduleType<C>): ScheduleType<C> => schedule;
