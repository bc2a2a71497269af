import * as v from "valibot";
import { flag, parseConfig } from "../base/config.ts";
import { add, constant, fma, mul, negate } from "../ir/build.ts";
import type { Value } from "../ir/types.ts";
import { defineOptimizer, type UpdateTerms } from "./optimizer.ts";
import type { ScheduleConfig } from "./schedules/index.ts";
import { type CommonOptions, decayedGradient, decayFactor, optimizerSchema } from "./settings.ts";

const plain = optimizerSchema("sgd", {});
export type SgdConfig = v.InferOutput<typeof plain>;

/** Plain stochastic gradient descent, without slots. */
export const sgdType = defineOptimizer<SgdConfig>({
  type: "sgd",
  schema: plain,
  scalars: (_config, _step, rate) => ({ learningRate: rate }),
  slots: {},
  weight: (terms) => fma(negate(terms.scalars.learningRate), decayedGradient(terms), terms.w),
});

const withMomentum = optimizerSchema("momentum", {
  momentum: v.optional(decayFactor, 0.9),
  nesterov: v.optional(flag, false),
});
export type MomentumConfig = v.InferOutput<typeof withMomentum>;

const nextVelocity = (terms: UpdateTerms, { momentum }: MomentumConfig): Value =>
  fma(constant(momentum), terms.slots["velocity"]!, decayedGradient(terms));

/** Stochastic gradient descent with momentum: one slot for the velocity. */
export const momentumType = defineOptimizer<MomentumConfig>({
  type: "momentum",
  schema: withMomentum,
  scalars: (_config, _step, rate) => ({ learningRate: rate }),
  slots: { velocity: nextVelocity },
  weight(terms, { momentum, nesterov }) {
    const velocity = terms.next["velocity"]!;
    const direction = nesterov ? add(decayedGradient(terms), mul(constant(momentum), velocity)) : velocity;
    return fma(negate(terms.scalars.learningRate), direction, terms.w);
  },
});

/**
 * Stochastic gradient descent: w ← w − learningRate · g, with g = dw + weightDecay · w and dw the gradient of
 * the batch's mean loss. With momentum m > 0, each weight has a velocity:
 *
 *   v ← m·v + g,   w ← w − learningRate · v,   or, with `nesterov`, w ← w − learningRate · (g + m·v)
 *
 * Defaults: momentum 0, nesterov false. Without momentum, it is the same as Keras' SGD and
 * `tf.train.GradientDescentOptimizer`; with momentum, the same as PyTorch's SGD (Keras keeps −learningRate·v instead,
 * which is equivalent while the learning rate is constant). Throws `INVALID_ARGUMENT` for an invalid setting.
 */
export function sgd(
  rate: number | ScheduleConfig,
  options: { readonly momentum?: number; readonly nesterov?: boolean } & CommonOptions = {},
): SgdConfig | MomentumConfig {
  const { momentum = 0, nesterov, ...others } = options;
  if (momentum === 0 && !nesterov) return parseConfig(plain, { type: "sgd", learningRate: rate, ...others }, "sgd");
  const settings = { momentum, ...(nesterov !== undefined && { nesterov }), ...others };
  return parseConfig(withMomentum, { type: "momentum", learningRate: rate, ...settings }, "sgd");
}
