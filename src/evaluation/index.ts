export { checkDataset, EVALUATION_BATCH, type EvaluateOptions, evaluate } from "./evaluate.ts";
export { type Interval, wilsonInterval } from "./interval.ts";
export { argMax, type Score, scoreOf } from "./score.ts";
export { type ImageInput, type Prediction, TrainedModel } from "./trainedModel.ts";
