import * as v from "valibot";
import { finite, parseConfig } from "../../base/config.ts";
import { defineInitializer, eachElement } from "./initializer.ts";

const schema = v.strictObject({ type: v.literal("constant"), value: finite });
export type ConstantConfig = v.InferOutput<typeof schema>;

/** Every element starts at `value`. */
export const constant = (value: number): ConstantConfig => parseConfig(schema, { type: "constant", value }, "constant");
/** Every element starts at 0. */
export const zeros = (): ConstantConfig => constant(0);
/** Every element starts at 1. */
export const ones = (): ConstantConfig => constant(1);

export const constantType = defineInitializer<ConstantConfig>({
  type: "constant",
  schema,
  values: ({ value }, shape) => eachElement(shape, () => value),
});
