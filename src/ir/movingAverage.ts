import { add, constant, div, fma, min, one, sub, toFloat } from "./build.ts";
import type { Value } from "./types.ts";

/**
 * min(decay, (1 + t) / (10 + t)): the decay rate of a moving average at its update t, a `u32` counted from 0. An average
 * with a constant rate consists mostly of the value it started from until about 1 / (1 − decay) updates have passed;
 * this one spans about the last tenth of the updates until then. Source: TensorFlow's
 * `tf.train.ExponentialMovingAverage` with `num_updates`.
 */
export function warmedUp(decay: number, t: Value): Value {
  const updates = toFloat(t);
  return min(constant(decay), div(add(updates, one), add(updates, constant(10))));
}

/** The next value of a moving average: decay · average + (1 − decay) · value. */
export const follow = (average: Value, value: Value, decay: Value): Value => fma(decay, sub(average, value), value);
