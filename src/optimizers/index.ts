import { adamType, adamwType } from "./adam.ts";
import { lionType } from "./lion.ts";
import { rmspropType } from "./rmsprop.ts";
import { momentumType, sgdType } from "./sgd.ts";

export { type AdamOptions, adam, adamw } from "./adam.ts";
export { type LionOptions, lion } from "./lion.ts";
export type { OptimizerConfig } from "./optimizer.ts";
export { rmsprop } from "./rmsprop.ts";
export * from "./schedules/index.ts";
export type { CommonOptions } from "./settings.ts";
export { sgd } from "./sgd.ts";
export type { WeightDecayMask } from "./weightDecayMask.ts";

/** All built-in optimizers. */
export const optimizerTypes: readonly { readonly type: string }[] = [
  adamType,
  adamwType,
  lionType,
  momentumType,
  rmspropType,
  sgdType,
];
