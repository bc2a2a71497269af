import * as v from "valibot";
import { count, fraction, parseConfig } from "../../base/config.ts";
import { constantRate } from "./constant.ts";
import type { ScheduleConfig, ScheduleState, ScheduleType, ValidationScore } from "./schedule.ts";

const written: v.GenericSchema<ScheduleConfig> = v.looseObject({ type: v.string() }, "a schedule of learning rates");
const schemaOf = (schedule: v.GenericSchema<ScheduleConfig>) =>
  v.strictObject({
    type: v.literal("warmup"),
    schedule,
    warmupSteps: count,
    startFactor: v.optional(fraction, 0),
  });
const schema = schemaOf(written);
export type WarmupConfig = v.InferOutput<typeof schema>;

/**
 * A linear warm-up to the initial learning rate of a schedule, then the schedule:
 *
 *   learningRate(step) = schedule(0) · (startFactor + (1 − startFactor) · step / warmupSteps)   for step < warmupSteps
 *   learningRate(step) = schedule(step − warmupSteps)   from then on
 *
 * Same as PyTorch's SequentialLR of a LinearLR and another schedule; startFactor defaults to 0, as in the warm-up of
 * Keras' CosineDecay. Source: Goyal et al., "Accurate, large minibatch SGD", 2017.
 */
export const warmup = (
  schedule: number | ScheduleConfig,
  warmupSteps: number,
  options: { readonly startFactor?: number } = {},
): WarmupConfig => {
  const then = typeof schedule === "number" ? constantRate(schedule) : schedule;
  return parseConfig(schema, { type: "warmup", schedule: then, warmupSteps, ...options }, "warmup");
};

/** The functions of the registry, which `warmup` and `extended` apply to the schedules inside them. */
export interface Schedules {
  parse(schedule: ScheduleConfig): ScheduleConfig;
  at(schedule: ScheduleConfig, step: number, state: ScheduleState): number;
  start(schedule: ScheduleConfig): ScheduleState;
  next(schedule: ScheduleConfig, state: ScheduleState, score: ValidationScore): ScheduleState;
  length(schedule: ScheduleConfig): number | undefined;
  withLength(schedule: ScheduleConfig, steps: number): ScheduleConfig;
}

/** The type of the schedule `warmup`, over the schedules of a registry. */
export const warmupType = ({ parse, at, start, next, length, withLength }: Schedules): ScheduleType<WarmupConfig> => ({
  type: "warmup",
  schema: schemaOf(v.pipe(written, v.transform(parse))),
  at({ schedule, warmupSteps, startFactor }, step, state) {
    if (step >= warmupSteps) return at(schedule, step - warmupSteps, state);
    return at(schedule, 0, state) * (startFactor + ((1 - startFactor) * step) / warmupSteps);
  },
  length({ schedule, warmupSteps }) {
    const then = length(schedule);
    return then === undefined ? undefined : warmupSteps + then;
  },
  withLength: (config, steps) => ({
    ...config,
    schedule: withLength(config.schedule, Math.max(1, steps - config.warmupSteps)),
  }),
  start: ({ schedule }) => start(schedule),
  next: ({ schedule }, state, score) => next(schedule, state, score),
});
