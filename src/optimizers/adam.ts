import * as v from "valibot";
import { parseConfig, positive } from "../base/config.ts";
import { power } from "../base/math.ts";
import { add, constant, div, fma, mul, negate, sqrt } from "../ir/build.ts";
import type { Value } from "../ir/types.ts";
import { defineOptimizer, type OptimizerConfig, type UpdateTerms, type WeightTerms } from "./optimizer.ts";
import type { ScheduleConfig } from "./schedules/index.ts";
import { type CommonOptions, common, decayedGradient, decayFactor, shrunkWeight } from "./settings.ts";

const schemaOf = <const T extends string>(type: T, weightDecay: number) =>
  v.strictObject({
    type: v.literal(type),
    ...common,
    weightDecay: v.optional(common.weightDecay.wrapped, weightDecay),
    beta1: v.optional(decayFactor, 0.9),
    beta2: v.optional(decayFactor, 0.999),
    epsilon: v.optional(positive, 1e-8),
  });
const adamSchema = schemaOf("adam", 0);
const adamwSchema = schemaOf("adamw", 0.01);
export type AdamConfig = v.InferOutput<typeof adamSchema>;
export type AdamwConfig = v.InferOutput<typeof adamwSchema>;
type Betas = Pick<AdamConfig, "beta1" | "beta2" | "epsilon">;

/** The step size and the bias correction of the second moment: both moments start at 0, so they are too small at first. */
const scalars = ({ beta1, beta2 }: Betas, step: number, rate: number) => ({
  learningRate: rate,
  stepSize: rate / (1 - power(beta1, step + 1)),
  rootCorrection: Math.sqrt(1 - power(beta2, step + 1)),
});

const slotsOf = (gradient: (terms: UpdateTerms) => Value) => ({
  first: (terms: UpdateTerms, { beta1 }: Betas): Value =>
    fma(constant(beta1), terms.slots["first"]!, mul(constant(1 - beta1), gradient(terms))),
  second(terms: UpdateTerms, { beta2 }: Betas): Value {
    const g = gradient(terms);
    return fma(constant(beta2), terms.slots["second"]!, mul(constant(1 - beta2), mul(g, g)));
  },
});

/** from − stepSize · m / (√s / rootCorrection + epsilon) */
const stepFrom = (from: Value, { next, scalars: numbers }: WeightTerms, { epsilon }: Betas): Value => {
  const root = add(div(sqrt(next["second"]!), numbers["rootCorrection"]!), constant(epsilon));
  return fma(negate(numbers["stepSize"]!), div(next["first"]!, root), from);
};

export const adamType = defineOptimizer<AdamConfig>({
  type: "adam",
  schema: adamSchema,
  scalars,
  slots: slotsOf(decayedGradient),
  weight: (terms, config) => stepFrom(terms.w, terms, config),
});

export const adamwType = defineOptimizer<AdamwConfig>({
  type: "adamw",
  schema: adamwSchema,
  scalars,
  slots: slotsOf(({ dw }) => dw),
  weight: (terms, config) => stepFrom(shrunkWeight(terms), terms, config),
});

/** The settings of Adam and AdamW. */
export interface AdamOptions extends CommonOptions {
  /** The decay rate of the first moment, the mean of gradients. Default: 0.9. */
  readonly beta1?: number;
  /** The decay rate of the second moment, the mean of squared gradients. Default: 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default: 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam, with g = dw + weightDecay · w, and m̂ and ŝ the bias-corrected moments:
 *
 *   m ← β₁m + (1 − β₁)g,  s ← β₂s + (1 − β₂)g²,  w ← w − learningRate · m̂ / (√ŝ + epsilon)
 *
 * The learning rate defaults to 0.001. Same as PyTorch's Adam; Keras' epsilon is 1e-7 and is added before the bias
 * correction. Throws `INVALID_ARGUMENT` for an invalid setting. Source: Kingma and Ba, "Adam: a method for stochastic
 * optimization", ICLR 2015.
 */
export const adam = (rate: number | ScheduleConfig = 0.001, options: AdamOptions = {}): OptimizerConfig =>
  parseConfig(adamSchema, { type: "adam", learningRate: rate, ...options }, "adam");

/**
 * Adam with decoupled weight decay: before the step, w ← w − learningRate · weightDecay · w. The learning rate
 * defaults to 0.001 and `weightDecay` to 0.01. Same as PyTorch's AdamW. Throws `INVALID_ARGUMENT` for an invalid
 * setting. Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
 */
export const adamw = (rate: number | ScheduleConfig = 0.001, options: AdamOptions = {}): OptimizerConfig =>
  parseConfig(adamwSchema, { type: "adamw", learningRate: rate, ...options }, "adamw");
