export { checkDataset, checkRows, type EvaluateOptions, evaluate, labeledImages } from "./evaluate.ts";
export {
  type AverageMetrics,
  type ClassificationMetrics,
  type ClassMetrics,
  type Confusion,
  classificationMetrics,
  mostConfused,
} from "./metrics.ts";
export { type Accuracy, argMax, type Interval, isAmong, type Score, scoreOf, wilsonInterval } from "./score.ts";
export { type ImageInput, type NamedWeight, type Prediction, TrainedModel } from "./trainedModel.ts";
