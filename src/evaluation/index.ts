export { type Answers, averageAnswers } from "./answers.ts";
export { type BootstrapOptions, bootstrapInterval, bootstrapIntervals } from "./bootstrap.ts";
export {
  type Calibration,
  calibrationOf,
  errorIfCalibrated,
  type ReliabilityBin,
} from "./calibration.ts";
export { type ClassActivationMap, classActivationMaps } from "./classActivation.ts";
export type { AverageReport, ClassesReport, ClassReport } from "./classReport.ts";
export {
  type Comparison,
  type ComparisonOptions,
  type Contender,
  compareContenders,
  type McNemar,
  mcNemar,
  type PairedCounts,
  type SeedSpread,
  seedSpread,
} from "./comparison.ts";
export {
  type ConformalMethod,
  type ConformalThreshold,
  conformalThreshold,
  predictionSet,
  type SetScore,
  scoreSets,
} from "./conformal.ts";
export {
  type Canvas,
  type Corruption,
  type CorruptionOptions,
  type CorruptionReport,
  type CorruptionScore,
  corruptDataset,
  corruptImage,
  corruptions,
  type Draws,
  scoreCorruptions,
} from "./corruptions/index.ts";
export { type EmbeddingMap, type EmbeddingOptions, embeddingMap } from "./embedding.ts";
export { type Classifier, Ensemble } from "./ensemble.ts";
export type { Estimate } from "./estimate.ts";
export {
  answerImages,
  checkDataset,
  checkRows,
  type EvaluateOptions,
  evaluate,
  labeledImages,
} from "./evaluate.ts";
export { fitScaling, fitTemperature } from "./fitScaling.ts";
export { type LabelBounds, labelBounds } from "./labelBounds.ts";
export {
  type AverageMetrics,
  balancedAccuracy,
  type ClassificationMetrics,
  type ClassMetrics,
  type Confusion,
  classificationMetrics,
  mostConfused,
} from "./metrics.ts";
export {
  calibrateModel,
  type ModelCalibration,
  setThresholdFor,
  thresholdFor,
} from "./modelCalibration.ts";
export { type OcclusionOptions, occlusionMap } from "./occlusion.ts";
export type { ImageInput, Prediction } from "./prediction.ts";
export type { LayerOutput } from "./predictor.ts";
export {
  type Answer,
  answersOf,
  brierScore,
  type LabeledProbabilities,
  logLoss,
  probabilitiesOf,
  topKAccuracy,
} from "./probabilities.ts";
export type { ProbabilityReport } from "./probabilityReport.ts";
export { type EvaluationReport, type ImageReport, type ReportInput, reportOf } from "./report.ts";
export {
  type Accuracy,
  accuracyOf,
  argMax,
  type Interval,
  isAmong,
  type Score,
  scoreOf,
  wilsonInterval,
} from "./score.ts";
export {
  type AnswerThreshold,
  answerThreshold,
  areaUnderRiskCoverage,
  atCoverage,
  type Coverage,
  coverageCurve,
} from "./selection.ts";
export { answerShifted, type ShiftedAnswers, shiftDataset, shiftsFor } from "./shifts.ts";
export { columnSlicing, type Slice, type Slicing, slicingsOf } from "./slices.ts";
export type { Scaling } from "./softmax.ts";
export type { AnswersReport, SetsReport, ThresholdsReport } from "./thresholdsReport.ts";
export { type ModelAccompaniments, type NamedWeight, TrainedModel } from "./trainedModel.ts";
