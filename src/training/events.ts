import type { Arithmetic } from "../backends/index.ts";
import type { Score, TrainedModel } from "../evaluation/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Initialization } from "./initialize.ts";
import type { BestValidation } from "./monitor.ts";
import type { TrainingIdentity, TrainingSpec } from "./spec.ts";

/** What a run is, when it starts. */
export interface StartEvent {
  readonly type: "start";
  /** Steps done already: 0 unless it is resumed. */
  readonly step: number;
  readonly steps: number;
  readonly batchSize: number;
  /** Images in each split. */
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Images that take no part, for they stay together with one of a test set of its own. */
  readonly leftOut: number;
  readonly backend: string;
  /** The compiler behind the back end, where that is not its own: "gcc 12.2.0". */
  readonly compiler?: string;
  /** Why another back end was wanted and this one took its place. */
  readonly note?: string;
  readonly arithmetic: Arithmetic;
  readonly threads: number;
  /** The training as plain data, with all its settings. */
  readonly spec: TrainingSpec;
  /** What fixes its weights. */
  readonly identity: TrainingIdentity;
  /** What it takes from another model, and the model with these first weights. */
  readonly initialization?: Initialization;
  readonly initial?: TrainedModel;
}

/** How far it has come, several times a second. */
export interface ProgressEvent {
  readonly type: "progress";
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  /** The loss of the last step's batch, in nats. */
  readonly loss: number;
  /** Images trained on per second, without validation. */
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** A validation, after the update of the step that it names. */
export interface ValidationEvent {
  readonly type: "validation";
  /** Counted from 0. */
  readonly step: number;
  /** Of the step's batch, before its update. */
  readonly minibatchLoss: number;
  readonly minibatchAccuracy: number;
  /** Validation images. Without any, loss and accuracy are 0. */
  readonly images: number;
  /** Of all validation images. */
  readonly loss: number;
  readonly accuracy: number;
  /** Whether it is the best so far, by the score that is monitored. */
  readonly isBest: boolean;
}

/**
 * Where the run could go on from: every `checkpointEvery` seconds, after the last step, and before the run throws
 * `ABORTED`. A step's checkpoint comes before its validation, which a resumed run does again.
 */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly checkpoint: Checkpoint;
}

/** The end: how well the network does on images that it has not seen. */
export interface EndEvent {
  readonly type: "end";
  readonly result: TrainResult;
  /** The model with the weights of the best validation; none without validation images. */
  readonly best?: TrainedModel;
}

/** All that a run tells; `type` says which. */
export type TrainEvent = StartEvent | ProgressEvent | ValidationEvent | CheckpointEvent | EndEvent;

/** The weights of the best validation, and how well they do. */
export interface BestResult extends BestValidation {
  readonly test: Score;
  readonly weightsSha256: string;
}

/** What a run comes to, by its last weights. Speed and time are those since it was started or resumed. */
export interface TrainResult {
  /** Steps done: fewer than it was to have where it stopped early. */
  readonly steps: number;
  /** Whether early stopping ended it. */
  readonly stoppedEarly: boolean;
  readonly validation: Score;
  readonly test: Score;
  /** Images trained on per second, without validation. */
  readonly imagesPerSecond: number;
  /** From start to end, with validation and test. */
  readonly seconds: number;
  readonly backend: string;
  /** The compiler behind the back end, where that is not its own: "gcc 12.2.0". */
  readonly compiler?: string;
  readonly arithmetic: Arithmetic;
  readonly threads: number;
  /** The same of the weights with the best validation; none without validation images. */
  readonly best?: BestResult;
  /** SHA-256 of the weights, in the model's order: equal exactly if two runs trained the same. */
  readonly weightsSha256: string;
}
