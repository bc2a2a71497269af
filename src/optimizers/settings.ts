import * as v from "valibot";
import { belowOne, notNegative } from "../base/config.ts";
import { constant, fma, mul, negate } from "../ir/build.ts";
import type { Value } from "../ir/types.ts";
import type { UpdateTerms } from "./optimizer.ts";
import { toSchedule } from "./schedules/registry.ts";
import { type WeightDecayMask, weightDecayMaskSchema } from "./weightDecayMask.ts";

/** The learning rate: a constant, or a schedule. */
const learningRate = v.pipe(
  v.union([v.number(), v.looseObject({ type: v.string() })], "a number or a learning rate schedule"),
  v.transform((rate) => toSchedule(rate)),
);

/** A factor in [0, 1), such as a momentum. */
export const decayFactor = belowOne;

/** The settings that every optimizer has. */
export const common = {
  learningRate,
  weightDecay: v.optional(notNegative, 0),
  weightDecayMask: weightDecayMaskSchema,
  clipNorm: v.optional(notNegative, 0),
  averageDecay: v.optional(decayFactor, 0),
};

/** The schema of an optimizer, from its own settings; those that every optimizer has are added. */
export const optimizerSchema = <const T extends string, E extends v.ObjectEntries>(type: T, entries: E) =>
  v.strictObject({ type: v.literal(type), ...common, ...entries });

/** The settings that every optimizer accepts, besides its learning rate. */
export interface CommonOptions {
  /** Pulls weights toward zero: through the gradient (L2), or decoupled from it for AdamW and Lion. Default: 0, but 0.01 for AdamW. */
  readonly weightDecay?: number;
  /** Which parameters weight decay applies to: "kernels" (those of two or more axes, so no biases), "all", or a list of names. Default: "kernels". */
  readonly weightDecayMask?: WeightDecayMask;
  /** The largest norm of all gradients together, as in PyTorch's `clip_grad_norm_`. Default: 0, for no limit. */
  readonly clipNorm?: number;
  /**
   * The decay rate of moving averages of the weights, which become the trained model, as Keras' `ema_momentum`. In the
   * first steps it is smaller, min(averageDecay, (1 + t) / (10 + t)) at step t counted from 0, so that the averages
   * forget the initial weights. Default: 0, for none.
   */
  readonly averageDecay?: number;
}

/** The gradient with L2 weight decay: dw + weightDecay · w. Same as PyTorch's `weight_decay`. */
export const decayedGradient = ({ w, dw, weightDecay }: UpdateTerms): Value =>
  weightDecay === 0 ? dw : fma(constant(weightDecay), w, dw);

/** The weight with decoupled weight decay: w − learningRate · weightDecay · w, for scalars with a `learningRate`. */
export const shrunkWeight = ({ w, weightDecay, scalars }: UpdateTerms): Value =>
  weightDecay === 0 ? w : fma(negate(mul(scalars.learningRate, constant(weightDecay))), w, w);
