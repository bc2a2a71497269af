/**
 * Inkling: trains small image classifiers in TypeScript, in Node and in a browser. This entry runs in
 * both; `inkling/node` adds files.
 *
 * @module
 */
export { type Arithmetic, type Backend, backend } from "./backends/index.ts";
export {
  type Dataset,
  describeSplit,
  fingerprint,
  mergeDatasets,
  type Split,
  type SplitName,
  type SplitSizes,
  sampleRows,
  splitDataset,
  subset,
  toTensors,
  validateDataset,
} from "./datasets/index.ts";
export {
  learnPreparation,
  type Picture,
  type Preparation,
  type PreparedPicture,
  type PrepareOptions,
} from "./datasets/prepare/index.ts";
export { type DatasetStatistics, describeDataset } from "./datasets/statistics.ts";
export {
  type EvaluateOptions,
  evaluate,
  type ImageInput,
  type Interval,
  type Prediction,
  type Score,
  TrainedModel,
} from "./evaluation/index.ts";
export { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from "./export/index.ts";
export * from "./layers/index.ts";
export {
  drawModel,
  formatSummary,
  type LayerSummary,
  type Model,
  type NetworkSpec,
  network,
  parseModel,
  summarize,
} from "./model/index.ts";
export {
  adam,
  adamw,
  constantRate,
  cosineDecay,
  exponentialDecay,
  type OptimizerConfig,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  rmsprop,
  type ScheduleConfig,
  sgd,
  warmup,
} from "./optimizers/index.ts";
export { type ErrorCode, errorCodes, InklingError } from "./tensor/error.ts";
export * from "./training/index.ts";
