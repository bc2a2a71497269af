import * as v from "valibot";
import { fraction, notNegative, parseConfig, positive, wholeNumber } from "../../base/config.ts";
import { defineSchedule, type ScheduleState, type ValidationScore } from "./schedule.ts";

const factor = "a number above 0 and below 1";
const schema = v.strictObject({
  type: v.literal("reduceOnPlateau"),
  initialLearningRate: positive,
  monitor: v.optional(v.picklist(["accuracy", "loss"], '"accuracy" or "loss"'), "accuracy"),
  factor: v.optional(v.pipe(v.number(factor), v.gtValue(0, factor), v.ltValue(1, factor)), 0.1),
  patience: v.optional(wholeNumber, 10),
  threshold: v.optional(fraction, 1e-4),
  thresholdMode: v.optional(v.picklist(["rel", "abs"], '"rel" or "abs"'), "rel"),
  cooldown: v.optional(wholeNumber, 0),
  minLearningRate: v.optional(notNegative, 0),
});
export type ReduceOnPlateauConfig = v.InferOutput<typeof schema>;

/**
 * Multiplies the learning rate by `factor` after more than `patience` validations in a row that do not improve on the
 * best one by at least `threshold`, relative to it ("rel") or absolute ("abs"). It never falls below `minLearningRate`.
 * After a reduction, the next `cooldown` validations do not count.
 *
 * Same as PyTorch's ReduceLROnPlateau, with its defaults: factor 0.1, patience 10, threshold 1e-4, thresholdMode "rel",
 * cooldown 0, minLearningRate 0. It monitors the validation accuracy by default, or the validation loss. Its state is
 * part of checkpoints.
 */
export const reduceOnPlateau = (
  initialLearningRate: number,
  options: {
    readonly monitor?: "accuracy" | "loss";
    readonly factor?: number;
    readonly patience?: number;
    readonly threshold?: number;
    readonly thresholdMode?: "rel" | "abs";
    readonly cooldown?: number;
    readonly minLearningRate?: number;
  } = {},
): ReduceOnPlateauConfig =>
  parseConfig(schema, { type: "reduceOnPlateau", initialLearningRate, ...options }, "reduceOnPlateau");

/** Smaller reductions are ignored, as in PyTorch. */
const EPSILON = 1e-8;

function isBetter(
  { monitor, threshold, thresholdMode }: ReduceOnPlateauConfig,
  score: ValidationScore,
  best: number | undefined,
): boolean {
  if (best === undefined) return true;
  const sign = monitor === "accuracy" ? 1 : -1;
  const wanted = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
  return sign * (score[monitor] - wanted) > 0;
}

/** State: the learning rate, the best score, the number of validations since, and those left of the cooldown. */
export const reduceOnPlateauType = defineSchedule<ReduceOnPlateauConfig>({
  type: "reduceOnPlateau",
  schema,
  at: (_config, _step, state) => state["learningRate"]!,
  start: ({ initialLearningRate }) => ({ learningRate: initialLearningRate, waited: 0, cooldown: 0 }),
  next(config, state, score): ScheduleState {
    const { learningRate, best, waited, cooldown } = state as Record<"learningRate" | "waited" | "cooldown", number> & {
      readonly best?: number;
    };
    const better = isBetter(config, score, best);
    const next = {
      learningRate,
      best: better ? score[config.monitor] : best!,
      waited: better || cooldown > 0 ? 0 : waited + 1,
      cooldown: Math.max(0, cooldown - 1),
    };
    if (next.waited <= config.patience) return next;
    const reduced = Math.max(learningRate * config.factor, config.minLearningRate);
    const falls = learningRate - reduced > EPSILON;
    return { ...next, learningRate: falls ? reduced : learningRate, waited: 0, cooldown: config.cooldown };
  },
});
