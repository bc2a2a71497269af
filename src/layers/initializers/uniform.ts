import * as v from "valibot";
import { finite, parseConfig } from "../../base/config.ts";
import { toUnit } from "../../base/philox.ts";
import type { Shape } from "../../base/shape.ts";
import { defineInitializer, eachElement, type RandomWords } from "./initializer.ts";

const schema = v.pipe(
  v.strictObject({
    type: v.literal("uniform"),
    minval: v.optional(finite, -0.05),
    maxval: v.optional(finite, 0.05),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value.minval < dataset.value.maxval) return;
    const { value: input } = dataset;
    const path = [{ type: "object", origin: "value", input, key: "maxval", value: input.maxval }] as const;
    addIssue({ input: input.maxval, message: `a number above minval, which is ${input.minval}`, path: [...path] });
  }),
);
export type UniformConfig = v.InferOutput<typeof schema>;

/** Uniform distribution over [minval, maxval), by default [−0.05, 0.05). Same as Keras' RandomUniform. */
export const uniform = (options: { readonly minval?: number; readonly maxval?: number } = {}): UniformConfig =>
  parseConfig(schema, { type: "uniform", ...options }, "uniform");

/** Uniform over [−limit, limit). */
export const drawUniform = (limit: number, shape: Shape, random: RandomWords): Float32Array =>
  eachElement(shape, (element) => (2 * toUnit(random(element, 0)[0]) - 1) * limit);

export const uniformType = defineInitializer<UniformConfig>({
  type: "uniform",
  schema,
  values: ({ minval, maxval }, shape, random) =>
    eachElement(shape, (element) => minval + (maxval - minval) * toUnit(random(element, 0)[0])),
});
