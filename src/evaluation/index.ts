export { checkDataset, checkRows, type EvaluateOptions, evaluate, labeledImages } from "./evaluate.ts";
export {
  type AverageMetrics,
  type ClassificationMetrics,
  type ClassMetrics,
  type Confusion,
  classificationMetrics,
  mostConfused,
} from "./metrics.ts";
export type { ImageInput, Prediction } from "./prediction.ts";
export { type Accuracy, argMax, type Interval, isAmong, type Score, scoreOf, wilsonInterval } from "./score.ts";
export { type NamedWeight, TrainedModel } from "./trainedModel.ts";
