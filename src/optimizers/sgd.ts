import * as v from "valibot";
import { fma, negate } from "../ir/build.ts";
import { parseConfig } from "../tensor/config.ts";
import type { OptimizerConfig, OptimizerType } from "./optimizer.ts";
import { type ScheduleConfig, toSchedule } from "./schedules/index.ts";

const schema = v.strictObject({
  type: v.literal("sgd"),
  learningRate: v.pipe(
    v.union([v.number(), v.looseObject({ type: v.string() })], "a number, or a schedule of learning rates"),
    v.transform((rate) => toSchedule(rate)),
  ),
});

/**
 * Stochastic gradient descent: w ← w − learningRate · dw, rounded once.
 *
 * dw is the gradient of the batch's mean loss. As Keras' SGD and `tf.train.GradientDescentOptimizer`.
 */
export const sgd = (learningRate: number | ScheduleConfig): OptimizerConfig =>
  parseConfig(schema, { type: "sgd", learningRate }, "sgd");

export const sgdType: OptimizerType = {
  type: "sgd",
  schema,
  update: ({ w, dw, learningRate }) => fma(negate(learningRate), dw, w),
};
