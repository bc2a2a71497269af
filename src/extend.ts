/**
 * Everything that a package needs to add ops, layers, optimizers, schedules, initializers or data formats to Inkling.
 * Ops are written with the builders of `inkling/ir` and tested with `inkling/testing`.
 *
 * @module inkling/extend
 */
export {
  belowOne,
  configure,
  count,
  finite,
  flag,
  fraction,
  notNegative,
  pair,
  parseConfig,
  positive,
  probability,
  wholeNumber,
} from "./base/config.ts";
export { cos, exp, log, power } from "./base/math.ts";
export { toUnit, type Words } from "./base/philox.ts";
export { dims, formatShape, type Shape, sameShape, shapeError, sizeOf } from "./base/shape.ts";
export {
  type ArrayFormat,
  damaged,
  defineFormat,
  type Entry,
  type Format,
  type Glimpse,
  type ImageFiles,
  type ImageFilesFormat,
  invalid,
  type NamedBytes,
  type OutputFile,
  type ReadOptions,
  type SaveOptions,
} from "./formats/format.ts";
export { formats, registerFormat } from "./formats/formats.ts";
export type { Folder, InflateRaw, Pieces, Place, Platform, Source, SyncRead } from "./formats/platform.ts";
export type { ChannelScale, LayerWeights } from "./layers/channelScale.ts";
export {
  defineInitializer,
  eachElement,
  fans,
  type InitializerConfig,
  type InitializerType,
  type RandomWords,
} from "./layers/initializers/initializer.ts";
export { drawNormal } from "./layers/initializers/normal.ts";
export { initializer, registerInitializer } from "./layers/initializers/registry.ts";
export {
  defineLayer,
  type LayerBuilder,
  type LayerConfig,
  type LayerOptions,
  type LayerType,
  layerSchema,
} from "./layers/layer.ts";
export { registerLayer } from "./layers/registry.ts";
export { augmentNumbers, augmentWords } from "./ops/augment.ts";
export { checkAttribute, checkFinite, checkWhole } from "./ops/check.ts";
export type { Node, Tensor } from "./ops/graph.ts";
export { ops } from "./ops/index.ts";
export {
  type Backward,
  defineOp,
  type Op,
  type Rejected,
  type Runtime,
  type RuntimeNumbers,
  type Sample,
} from "./ops/op.ts";
export {
  defineOptimizer,
  type OptimizerConfig,
  type OptimizerType,
  type StepScalars,
  type UpdateTerms,
  type WeightTerms,
} from "./optimizers/optimizer.ts";
export { registerOptimizer } from "./optimizers/registry.ts";
export { learningRateAt, registerSchedule, toSchedule } from "./optimizers/schedules/registry.ts";
export {
  defineSchedule,
  type ScheduleConfig,
  type ScheduleState,
  type ScheduleType,
  type ValidationScore,
} from "./optimizers/schedules/schedule.ts";
export {
  type CommonOptions,
  decayedGradient,
  decayFactor,
  optimizerSchema,
  shrunkWeight,
} from "./optimizers/settings.ts";
