import * as v from "valibot";
import { defineInitializer, fans } from "./initializer.ts";
import { drawScaled } from "./truncatedNormal.ts";

const schema = v.strictObject({ type: v.literal("lecunNormal") });
export type LecunNormalConfig = v.InferOutput<typeof schema>;

/**
 * Truncated normal with standard deviation √(1 / fanIn), which preserves the variance through linear layers.
 *
 * Same as Keras' LecunNormal. Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998.
 */
export const lecunNormal = (): LecunNormalConfig => ({ type: "lecunNormal" });

export const lecunNormalType = defineInitializer<LecunNormalConfig>({
  type: "lecunNormal",
  schema,
  values: (_config, shape, random) => drawScaled(1 / fans(shape).fanIn, shape, random),
});
