import * as v from "valibot";
import { parseConfig, positive } from "../../base/config.ts";
import { defineSchedule } from "./schedule.ts";

const schema = v.strictObject({ type: v.literal("constant"), learningRate: positive });
export type ConstantConfig = v.InferOutput<typeof schema>;

/** The same learning rate at every step. */
export const constantRate = (learningRate: number): ConstantConfig =>
  parseConfig(schema, { type: "constant", learningRate }, "constantRate");

export const constantType = defineSchedule<ConstantConfig>({
  type: "constant",
  schema,
  at: ({ learningRate }) => learningRate,
});
