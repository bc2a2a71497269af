export { type AugmentOptions, augment } from "./augment.ts";
export { type BudgetFit, fitSteps } from "./budget.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { chooseLearningRate, type RateChoice, type RateTrial, TRIAL_STEPS } from "./chooseLearningRate.ts";
export type { ClassWeights } from "./classWeights.ts";
export { type Difference, differences } from "./differences.ts";
export type {
  BestResult,
  CheckpointEvent,
  EndEvent,
  LearningEvent,
  LearningVerdict,
  PlanEvent,
  ProgressEvent,
  StartEvent,
  ThreadsEvent,
  TrainEvent,
  TrainResult,
  ValidationEvent,
} from "./events.ts";
export { findLearningRate, type LearningRateSweep, type SweepOptions, type SweepPoint } from "./findLearningRate.ts";
export type { Initialization } from "./initialize.ts";
export type { Moments } from "./learning/moments.ts";
export type { LearningCause, LearningStatus, WatchState } from "./learning/watch.ts";
export type { BestValidation, EarlyStopping, MonitorState } from "./monitor.ts";
export type { TrainOptions } from "./options.ts";
export type { ImageOrder } from "./order.ts";
export * from "./recipes/index.ts";
export { isPlannedForLength, replan } from "./replan.ts";
export { type TrainingOption, trainingOptions } from "./schema.ts";
export type { Overrides, TrainingSettings } from "./settings.ts";
export {
  type ChoiceParameter,
  type Condition,
  type Conditional,
  choice,
  type DefaultNumber,
  type Drawn,
  integer,
  logUniform,
  type NumberParameter,
  type Parameter,
  type Parameters,
  type ParameterValue,
  real,
  type Space,
  type ValueOf,
  when,
} from "./space/parameter.ts";
export {
  type DataSpec,
  optionsOf,
  parseTrainingSpec,
  type SourceSpec,
  type TrainingIdentity,
  type TrainingOrigin,
  type TrainingSpec,
} from "./spec.ts";
export type { CallSize } from "./stepper.ts";
export { type RecipeOptions, type TrainingRun, train, trainSpec } from "./train.ts";
export { TrainingData } from "./trainingData.ts";
export { tune, tuned } from "./tune.ts";
export { weightsSha256 } from "./weightsSha256.ts";
