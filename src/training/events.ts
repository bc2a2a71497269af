import type { Arithmetic } from "../backends/index.ts";
import type { ModelCalibration, Score, TrainedModel } from "../evaluation/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Initialization } from "./initialize.ts";
import type { LearningCause, LearningStatus } from "./learning/watch.ts";
import type { BestValidation } from "./monitor.ts";
import type { TrainingIdentity, TrainingSpec } from "./spec.ts";

/** The start of a run, with everything that describes it. */
export interface StartEvent {
  readonly type: "start";
  /** Steps already done: 0 unless resumed. */
  readonly step: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Images in each split. */
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Images in no split, because they must stay together with an image of the separate test set. */
  readonly leftOut: number;
  /** What makes the scores of this split misleading, such as a class without training images; usually nothing. */
  readonly warnings: readonly string[];
  readonly backend: string;
  /** The external compiler that the back end uses, if any, such as "gcc 12.2.0". */
  readonly compiler?: string;
  /** Why this back end is used instead of the preferred one. */
  readonly note?: string;
  readonly arithmetic: Arithmetic;
  readonly threads: number;
  /** The training as plain data, with all its settings. */
  readonly spec: TrainingSpec;
  /** Everything that determines its weights. */
  readonly identity: TrainingIdentity;
  /** What is initialized from another model, and the model with these initial weights. */
  readonly initialization?: Initialization;
  readonly initial?: TrainedModel;
}

/** The progress of a run, reported several times a second. */
export interface ProgressEvent {
  readonly type: "progress";
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  /** The loss of the last step's batch, in nats. */
  readonly loss: number;
  /** The losses of all steps since the previous report, in nats: one for each step, the last one's at the end. */
  readonly losses: readonly number[];
  /** Images trained on per second, without validation. */
  readonly imagesPerSecond: number;
  /** An estimate until the last step, with the validations before it, from the speed of the last seconds. */
  readonly secondsLeft: number;
}

/** A validation, after the update of the given step. */
export interface ValidationEvent {
  readonly type: "validation";
  /** Counted from 0. */
  readonly step: number;
  /** The loss, in nats, and the accuracy of the step's batch before its update. */
  readonly minibatchLoss: number;
  readonly minibatchAccuracy: number;
  /** Number of validation images. If it is 0, so are loss and accuracy. */
  readonly images: number;
  /** The mean loss, in nats, and the accuracy on all validation images. */
  readonly loss: number;
  readonly accuracy: number;
  /** Whether it is the best so far by the monitored score. */
  readonly isBest: boolean;
  /** Images [K,K] by label and answer. Absent in validations that are read from a run, which does not keep it. */
  readonly confusion?: Score["confusion"];
}

/** A new number of steps, so that a training with a time budget ends in time, and with it a new learning rate schedule. */
export interface PlanEvent {
  readonly type: "plan";
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  /** The training as it is from now on. */
  readonly spec: TrainingSpec;
}

/** On a busy machine, fewer threads are faster than all, and are used; reported once. The weights do not depend on it. */
export interface ThreadsEvent {
  readonly type: "threads";
  /** Steps done. */
  readonly step: number;
  /** The number of threads in use, and the one requested. */
  readonly threads: number;
  readonly requested: number;
}

/**
 * News about whether a training learns: that it does not, with the likely cause, or that it does after all. Reported as
 * soon as it is certain, at the same step whenever the training is repeated.
 */
export interface LearningEvent extends LearningVerdict {
  readonly type: "learning";
  /** Steps done. */
  readonly step: number;
}

/** What is known about whether a training learns, and what that is based on. */
export interface LearningVerdict {
  readonly status: LearningStatus;
  /** The likely cause, of a training that does not learn. */
  readonly cause?: LearningCause;
  /**
   * The share of the information in the labels that the network has learned on training images: 1 − loss / guessLoss, or
   * less below 0. With label smoothing, the smallest possible loss counts as 0.
   */
  readonly explained: number;
  /** The training loss, in nats, of a guess that knows how frequent each class is: the entropy of the class shares. */
  readonly guessLoss: number;
}

/**
 * A state to resume from: every `checkpointEvery` seconds, after the last step, and before the run throws `ABORTED`. A
 * step's checkpoint precedes its validation, which a resumed run repeats.
 */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly checkpoint: Checkpoint;
}

/** The end of a run, with its scores on images that it was not trained on. */
export interface EndEvent {
  readonly type: "end";
  readonly result: TrainResult;
  /** What the validation images tell about the last weights' probabilities; absent without validation images. */
  readonly calibration?: ModelCalibration;
  /** The model with the weights of the best validation; absent without validation images. */
  readonly best?: TrainedModel;
}

/** An event of a training run, discriminated by `type`. */
export type TrainEvent =
  | StartEvent
  | ProgressEvent
  | PlanEvent
  | ThreadsEvent
  | ValidationEvent
  | LearningEvent
  | CheckpointEvent
  | EndEvent;

/** The best validation, and the test score and checksum of its weights. */
export interface BestResult extends BestValidation {
  readonly test: Score;
  /** How logits are scaled, by the validation images; absent in results of earlier versions. */
  readonly temperature?: number;
  readonly attenuation?: number | undefined;
  readonly weightsSha256: string;
}

/** The result of a run, with its final weights. Speed and time count from when it was started or last resumed. */
export interface TrainResult {
  /** What makes its scores misleading: see {@link StartEvent.warnings}. Absent in runs from before they were recorded. */
  readonly warnings?: readonly string[];
  /** Steps done: fewer than requested if the run stopped early. */
  readonly steps: number;
  /** Whether early stopping ended it. */
  readonly stoppedEarly: boolean;
  readonly validation: Score;
  readonly test: Score;
  /** How logits are scaled, by the validation images; absent without any, and in results of earlier versions. */
  readonly temperature?: number;
  readonly attenuation?: number | undefined;
  /** Whether it has learned; absent in results of earlier versions. */
  readonly learning?: LearningVerdict;
  /** Images trained on per second, without validation. */
  readonly imagesPerSecond: number;
  /** Wall-clock time from start to end, including validation and test. */
  readonly seconds: number;
  readonly backend: string;
  /** The external compiler that the back end uses, if any, such as "gcc 12.2.0". */
  readonly compiler?: string;
  readonly arithmetic: Arithmetic;
  readonly threads: number;
  /** The same for the weights of the best validation; absent without validation images. */
  readonly best?: BestResult;
  /** SHA-256 of the weights, in the model's order: two runs with the same weights have the same. */
  readonly weightsSha256: string;
}
