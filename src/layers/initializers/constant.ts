import * as v from "valibot";
import { finite, parseConfig } from "../../base/config.ts";
import { defineInitializer, eachElement } from "./initializer.ts";

const schema = v.strictObject({ type: v.literal("constant"), value: finite });
export type ConstantConfig = v.InferOutput<typeof schema>;

/** Initializes every element to `value`. */
export const constant = (value: number): ConstantConfig => parseConfig(schema, { type: "constant", value }, "constant");
/** Initializes every element to 0. */
export const zeros = (): ConstantConfig => constant(0);
/** Initializes every element to 1. */
export const ones = (): ConstantConfig => constant(1);

export const constantType = defineInitializer<ConstantConfig>({
  type: "constant",
  schema,
  values: ({ value }, shape) => eachElement(shape, () => value),
});
