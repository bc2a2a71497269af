import * as v from "valibot";
import { parseConfig, positive } from "../base/config.ts";
import { add, constant, div, fma, mul, negate, sqrt } from "../ir/build.ts";
import { defineOptimizer } from "./optimizer.ts";
import type { ScheduleConfig } from "./schedules/index.ts";
import { type CommonOptions, decayedGradient, decayFactor, optimizerSchema } from "./settings.ts";

const schema = optimizerSchema("rmsprop", {
  rho: v.optional(decayFactor, 0.9),
  epsilon: v.optional(positive, 1e-7),
});
export type RmspropConfig = v.InferOutput<typeof schema>;

export const rmspropType = defineOptimizer<RmspropConfig>({
  type: "rmsprop",
  schema,
  scalars: (_config, _step, rate) => ({ learningRate: rate }),
  slots: {
    square(terms, { rho }) {
      const g = decayedGradient(terms);
      return fma(constant(rho), terms.slots["square"]!, mul(constant(1 - rho), mul(g, g)));
    },
  },
  weight(terms, { epsilon }) {
    const root = add(sqrt(terms.next["square"]!), constant(epsilon));
    return fma(negate(terms.scalars.learningRate), div(decayedGradient(terms), root), terms.w);
  },
});

/**
 * RMSProp: s ← rho·s + (1 − rho)·g²,  w ← w − learningRate · g / (√s + epsilon), with g = dw + weightDecay · w.
 *
 * The formula of PyTorch's RMSprop with the defaults of Keras (rho 0.9, epsilon 1e-7). Throws `INVALID_ARGUMENT` for an
 * invalid setting. Source: Hinton, Srivastava, Swersky, "Neural Networks for Machine Learning", lecture 6, 2012.
 */
export const rmsprop = (
  rate: number | ScheduleConfig,
  options: { readonly rho?: number; readonly epsilon?: number } & CommonOptions = {},
): RmspropConfig => parseConfig(schema, { type: "rmsprop", learningRate: rate, ...options }, "rmsprop");
