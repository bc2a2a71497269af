import * as v from "valibot";
import { count, parseConfig, positive } from "../../base/config.ts";
import { defineSchedule } from "./schedule.ts";

const growing = "steps in increasing order";
const schema = v.pipe(
  v.strictObject({
    type: v.literal("piecewiseConstantDecay"),
    boundaries: v.pipe(
      v.array(count, "a list of steps"),
      v.check((steps) => steps.every((step, k) => k === 0 || step > steps[k - 1]!), growing),
    ),
    values: v.array(positive, "a list of learning rates"),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { boundaries, values } = dataset.value;
    if (values.length === boundaries.length + 1) return;
    const message = `${boundaries.length + 1} learning rates, one more than boundaries`;
    const path = { type: "object", origin: "value", input: dataset.value, key: "values", value: values } as const;
    addIssue({ input: values, message, path: [path] });
  }),
);
export type PiecewiseConstantDecayConfig = v.InferOutput<typeof schema>;

/**
 * A step function: values[0] up to and including step boundaries[0], then values[1] up to boundaries[1], and so on;
 * `values` has one more element than `boundaries`. Same as Keras' PiecewiseConstantDecay; PyTorch's MultiStepLR changes
 * one step earlier, at its milestones. For a constant factor at regular intervals, use `exponentialDecay`.
 */
export const piecewiseConstantDecay = (
  boundaries: readonly number[],
  values: readonly number[],
): PiecewiseConstantDecayConfig =>
  parseConfig(schema, { type: "piecewiseConstantDecay", boundaries, values }, "piecewiseConstantDecay");

export const piecewiseConstantDecayType = defineSchedule<PiecewiseConstantDecayConfig>({
  type: "piecewiseConstantDecay",
  schema,
  at: ({ boundaries, values }, step) => values[boundaries.filter((boundary) => boundary < step).length]!,
});
