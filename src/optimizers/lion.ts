import * as v from "valibot";
import { parseConfig } from "../base/config.ts";
import { constant, fma, greater, less, mul, negate, one, select, zero } from "../ir/build.ts";
import type { Value } from "../ir/types.ts";
import { defineOptimizer, type UpdateTerms } from "./optimizer.ts";
import type { ScheduleConfig } from "./schedules/index.ts";
import { type CommonOptions, decayFactor, optimizerSchema, shrunkWeight } from "./settings.ts";

const schema = optimizerSchema("lion", {
  beta1: v.optional(decayFactor, 0.9),
  beta2: v.optional(decayFactor, 0.99),
});
export type LionConfig = v.InferOutput<typeof schema>;

/** beta · m + (1 − beta) · dw, from the momentum before the update. */
const blend = ({ slots, dw }: UpdateTerms, beta: number): Value =>
  fma(constant(beta), slots["momentum"]!, mul(constant(1 - beta), dw));

/** −1, 0 or 1; NaN for NaN, so that it does not go unnoticed. */
const sign = (x: Value): Value => select(greater(x, zero), one, select(less(x, zero), constant(-1), x));

export const lionType = defineOptimizer<LionConfig>({
  type: "lion",
  schema,
  scalars: (_config, _step, rate) => ({ learningRate: rate }),
  slots: { momentum: (terms, { beta2 }) => blend(terms, beta2) },
  weight: (terms, { beta1 }) => fma(negate(terms.scalars.learningRate), sign(blend(terms, beta1)), shrunkWeight(terms)),
});

/** The settings of Lion. */
export interface LionOptions extends CommonOptions {
  /** The weight of the momentum in the direction of a step. Default: 0.9. */
  readonly beta1?: number;
  /** The decay rate of the momentum. Default: 0.99. */
  readonly beta2?: number;
}

/**
 * Lion: steps of equal size in every weight, by the sign of a momentum, with decoupled weight decay:
 *
 *   c = β₁m + (1 − β₁)dw,   w ← w − learningRate · (sign(c) + weightDecay · w),   m ← β₂m + (1 − β₂)dw
 *
 * The learning rate defaults to 1e-4, as in the paper; Keras' Lion has the same formula, but defaults to 1e-3. A good
 * learning rate is 3 to 10 times smaller than AdamW's, and a good weight decay larger by the same factor. It keeps one
 * number per weight, Adam two. Throws `INVALID_ARGUMENT` for an invalid setting. Source: Chen et al., "Symbolic discovery
 * of optimization algorithms", NeurIPS 2023, algorithm 2.
 */
export const lion = (rate: number | ScheduleConfig = 1e-4, options: LionOptions = {}): LionConfig =>
  parseConfig(schema, { type: "lion", learningRate: rate, ...options }, "lion");
