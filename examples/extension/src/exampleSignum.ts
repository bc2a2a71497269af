import {
  type CommonOptions,
  configure,
  decayedGradient,
  decayFactor,
  defineOptimizer,
  optimizerSchema,
  registerOptimizer,
  type ScheduleConfig,
} from "inkling/extend";
import { constant, fma, greater, less, mul, negate, one, select, type Value, zero } from "inkling/ir";
import * as v from "valibot";

const schema = optimizerSchema("exampleSignum", { momentum: v.optional(decayFactor, 0.9) });
export type ExampleSignumConfig = v.InferOutput<typeof schema>;

const signOf = (x: Value): Value => select(greater(x, zero), one, select(less(x, zero), constant(-1), zero));

const exampleSignumType = defineOptimizer<ExampleSignumConfig>({
  type: "exampleSignum",
  schema,
  scalars: (_config, _step, learningRate) => ({ learningRate }),
  slots: {
    mean: (terms, { momentum }) =>
      fma(constant(momentum), terms.slots["mean"]!, mul(constant(1 - momentum), decayedGradient(terms))),
  },
  weight: ({ w, next, scalars }) => fma(negate(scalars.learningRate), signOf(next["mean"]!), w),
});
registerOptimizer(exampleSignumType);

/**
 * Steps of equal size in every weight, against the sign of a moving average of gradients, with g = dw + weightDecay · w:
 *
 *   m ← momentum · m + (1 − momentum) · g,   w ← w − learningRate · sign(m)
 *
 * `learningRate` defaults to 0.001 and `momentum` to 0.9. Source: Bernstein et al., "signSGD: compressed optimisation for non-convex problems", ICML 2018.
 */
export const exampleSignum = (
  learningRate: number | ScheduleConfig = 0.001,
  options: { readonly momentum?: number } & CommonOptions = {},
): ExampleSignumConfig => configure(exampleSignumType, { learningRate, ...options });
