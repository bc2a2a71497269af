/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Inkling trains small image classifiers in TypeScript, in Node and in browsers. This entry point runs in both;
 * `inkling/node` adds files.
 *
 * @module inkling
 */
export * from "./audit/index.ts";
export { type Arithmetic, type Backend, backend } from "./backends/index.ts";
export { type ErrorCode, errorCodes, InklingError } from "./base/error.ts";
export { limitMemory, memoryLimit } from "./base/memory.ts";
export type { OptionInfo, OptionRow, OptionType } from "./base/optionTable.ts";
export type { Shape } from "./base/shape.ts";
export type { Tilings } from "./compiler/schedule/measured.ts";
export type { SeparateSets } from "./datasets/divide.ts";
export {
  type Alike,
  type AnyDataset,
  allRows,
  applyFixes,
  type ChosenRows,
  classMeans,
  type Dataset,
  type DatasetReport,
  type DivideOptions,
  type Division,
  type DuplicateGroup,
  describeSplit,
  divide,
  FileCounter,
  type FileStatistics,
  type Fix,
  type FixedDataset,
  type Fixes,
  type FoldOptions,
  findDuplicates,
  findTrainTestDuplicates,
  fingerprint,
  foldDataset,
  formatFixes,
  type Images,
  imageDigests,
  type KeepTogether,
  keepTogetherNames,
  type Leak,
  learnPreparation,
  mergeDatasets,
  type PartitionOptions,
  type Provenance,
  parseFixes,
  type ReportOptions,
  reportDataset,
  type SkippedFile,
  type Split,
  type SplitName,
  type SplitOptions,
  type SplitReport,
  type SplitSettings,
  type SplitSizes,
  type StreamedDataset,
  sampleRows,
  splitDataset,
  subset,
  type Tensors,
  toTensors,
  unorderedFingerprint,
  validateDataset,
} from "./datasets/index.ts";
export { channelMoments, type DatasetStatistics, describeDataset } from "./datasets/statistics.ts";
export type { Weights } from "./engine/feed.ts";
export type { MeasuredTiling } from "./engine/measureTilings.ts";
export type { RowOutputs, TrainingState } from "./engine/session.ts";
export { availableThreads } from "./engine/threads.ts";
export {
  type Accuracy,
  type Answer,
  type Answers,
  type AnswersReport,
  type AnswerThreshold,
  type AverageMetrics,
  type AverageReport,
  answerImages,
  answerShifted,
  answersOf,
  answerThreshold,
  areaUnderRiskCoverage,
  atCoverage,
  averageAnswers,
  type BootstrapOptions,
  balancedAccuracy,
  bootstrapInterval,
  bootstrapIntervals,
  brierScore,
  type Calibration,
  type Canvas,
  type ClassesReport,
  type ClassificationMetrics,
  type Classifier,
  type ClassMetrics,
  type ClassReport,
  type Comparison,
  type ComparisonOptions,
  type ConformalMethod,
  type ConformalThreshold,
  type Confusion,
  type Contender,
  type Corruption,
  type CorruptionOptions,
  type CorruptionReport,
  type CorruptionScore,
  type Coverage,
  calibrateModel,
  calibrationOf,
  classificationMetrics,
  compareContenders,
  conformalThreshold,
  corruptDataset,
  corruptImage,
  corruptions,
  coverageCurve,
  type Draws,
  type EmbeddingMap,
  type EmbeddingOptions,
  Ensemble,
  type Estimate,
  type EvaluateOptions,
  type EvaluationReport,
  embeddingMap,
  errorIfCalibrated,
  evaluate,
  fitScaling,
  fitTemperature,
  type ImageInput,
  type ImageReport,
  type Interval,
  type LabelBounds,
  type LabeledProbabilities,
  type LayerOutput,
  labelBounds,
  logLoss,
  type McNemar,
  type ModelAccompaniments,
  type ModelCalibration,
  mcNemar,
  mostConfused,
  type NamedWeight,
  type OcclusionOptions,
  occlusionMap,
  type PairedCounts,
  type Prediction,
  type ProbabilityReport,
  predictionSet,
  probabilitiesOf,
  type ReliabilityBin,
  type ReportInput,
  reportOf,
  type Scaling,
  type Score,
  type SeedSpread,
  type SetScore,
  type SetsReport,
  type ShiftedAnswers,
  type Slice,
  type Slicing,
  scoreCorruptions,
  scoreSets,
  seedSpread,
  setThresholdFor,
  slicingsOf,
  type ThresholdsReport,
  TrainedModel,
  thresholdFor,
  topKAccuracy,
} from "./evaluation/index.ts";
export { type CExport, type CExportOptions, exportC, type TextFile } from "./export/c/exportC.ts";
export { exportCard } from "./export/card/exportCard.ts";
export {
  type ExportOptions,
  type GoldenSource,
  type GoldenVector,
  goldenVectors,
  type TrainingHistory,
} from "./export/exportable.ts";
export { exportOnnx } from "./export/onnx/exportOnnx.ts";
export type { OnnxImportOptions } from "./export/onnx/foreign.ts";
export { type ImportedModel, importOnnx } from "./export/onnx/importOnnx.ts";
export { exportPackage, type PackageExport, type PackageExportOptions } from "./export/package/exportPackage.ts";
export { exportWasm, type WasmExport, type WasmExportOptions } from "./export/wasm/exportWasm.ts";
export type { NamedBytes, OpenProgress, ReadOptions, SaveOptions } from "./formats/format.ts";
export { formatNames } from "./formats/formats.ts";
export { decodePack, encodePack, type PackOptions } from "./formats/pack.ts";
export type { Fit, Image, ImageShape, ValueRange } from "./image/image.ts";
export type { Tiling } from "./ir/machine.ts";
export * from "./layers/index.ts";
export {
  foldBatchNormalization,
  formatSummary,
  type LayerSummary,
  type Model,
  type NetworkSpec,
  network,
  type Preprocessing,
  parseModel,
  summarize,
  type WeightedModel,
  withoutWinograd,
  withWinograd,
} from "./model/index.ts";
export type { PerChannel } from "./ops/normalize.ts";
export * from "./optimizers/index.ts";
export type {
  Picture,
  Preparation,
  PreparedPicture,
  PrepareOptions,
} from "./pictures/index.ts";
export type { Conversion, InputsOf, ValueKind } from "./pictures/preparation.ts";
export { drawModel } from "./report/drawModel.ts";
export { drawSweep } from "./report/drawSweep.ts";
export { decodeCheckpoint, encodeCheckpoint } from "./runs/checkpointFile.ts";
export { decodeClassifier, decodeModel, encodeModel } from "./runs/modelFile.ts";
export { PortableRun } from "./runs/portableRun.ts";
export type { DataPlaces, Environment, Host, RunRecord, Session } from "./runs/record.ts";
export type { StudyDefinition } from "./search/definition.ts";
export { type Importance, importances, type ScoredTrial } from "./search/importance.ts";
export { type Asked, type Observation, type Sampler, sampler, samplers } from "./search/samplers/index.ts";
export type { Pruning } from "./search/schedule.ts";
export { type Job, type Outcome, type Reached, Study, type Trial } from "./search/study.ts";
export { type EncodeOptions, encodeDataset } from "./sources/encodeDataset.ts";
export type { DirectoryHandle, Dropped, FileHandle } from "./sources/files.ts";
export { openDataset, openStreamed } from "./sources/openDataset.ts";
export type { DataSource, SourceOptions } from "./sources/placeOf.ts";
export * from "./training/index.ts";
