import * as v from "valibot";
import { count, fraction, parseConfig, positive } from "../../base/config.ts";
import { cos } from "../../base/math.ts";
import { defineSchedule } from "./schedule.ts";

const schema = v.strictObject({
  type: v.literal("oneCycle"),
  maxLearningRate: positive,
  totalSteps: count,
  pctStart: v.optional(fraction, 0.3),
  annealStrategy: v.optional(v.picklist(["cos", "linear"], '"cos" or "linear"'), "cos"),
  divFactor: v.optional(positive, 25),
  finalDivFactor: v.optional(positive, 1e4),
});
export type OneCycleConfig = v.InferOutput<typeof schema>;

/**
 * One cycle: from maxLearningRate / divFactor up to maxLearningRate at step pctStart · totalSteps − 1, then down
 * to maxLearningRate / (divFactor · finalDivFactor) at the last step, where it stays. Both parts follow half a
 * cosine wave ("cos") or a straight line ("linear").
 *
 * Same as PyTorch's OneCycleLR, with its defaults: pctStart 0.3, annealStrategy "cos", divFactor 25, finalDivFactor
 * 1e4. Source: Smith and Topin, "Super-convergence:
 * very fast training of neural networks using large learning rates", 2017.
 */
export const oneCycle = (
  maxLearningRate: number,
  totalSteps: number,
  options: {
    readonly pctStart?: number;
    readonly annealStrategy?: "cos" | "linear";
    readonly divFactor?: number;
    readonly finalDivFactor?: number;
  } = {},
): OneCycleConfig => parseConfig(schema, { type: "oneCycle", maxLearningRate, totalSteps, ...options }, "oneCycle");

export const oneCycleType = defineSchedule<OneCycleConfig>({
  type: "oneCycle",
  schema,
  length: ({ totalSteps }) => totalSteps,
  withLength: (config, totalSteps) => ({ ...config, totalSteps }),
  at({ maxLearningRate, totalSteps, pctStart, annealStrategy, divFactor, finalDivFactor }, step) {
    const first = maxLearningRate / divFactor;
    const peak = pctStart * totalSteps - 1;
    const anneal = (from: number, to: number, share: number) => {
      const done = annealStrategy === "cos" ? 0.5 * (1 - cos(Math.PI * share)) : share;
      return from + (to - from) * done;
    };
    if (step <= peak) return peak > 0 ? anneal(first, maxLearningRate, step / peak) : maxLearningRate;
    const share = Math.min((step - peak) / (totalSteps - 1 - peak), 1);
    return anneal(maxLearningRate, first / finalDivFactor, share);
  },
});
