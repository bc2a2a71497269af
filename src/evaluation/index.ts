export { checkDataset, checkRows, type EvaluateOptions, evaluate, labelledImages } from "./evaluate.ts";
export { type Interval, wilsonInterval } from "./interval.ts";
export { type Accuracy, argMax, type Score, scoreOf, twinsIn } from "./score.ts";
export { type ImageInput, type NamedWeight, type Prediction, TrainedModel } from "./trainedModel.ts";
