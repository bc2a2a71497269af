import type { Arithmetic } from "../backends/index.ts";
import type { Score } from "../evaluation/index.ts";

/** What a run is, when it starts. */
export interface StartEvent {
  readonly type: "start";
  readonly steps: number;
  readonly batchSize: number;
  /** Images in each split. */
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  readonly backend: string;
  readonly arithmetic: Arithmetic;
  readonly threads: number;
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
  /** Of all validation images. */
  readonly loss: number;
  readonly accuracy: number;
}

/** The end: how well the network does on images that it has not seen. */
export interface EndEvent {
  readonly type: "end";
  readonly result: TrainResult;
}

export type TrainEvent = StartEvent | ProgressEvent | ValidationEvent | EndEvent;

/** What a run comes to. */
export interface TrainResult {
  readonly steps: number;
  readonly validation: Score;
  readonly test: Score;
  /** Images trained on per second, without validation. */
  readonly imagesPerSecond: number;
  /** From start to end, with validation and test. */
  readonly seconds: number;
  readonly backend: string;
  readonly arithmetic: Arithmetic;
  readonly threads: number;
  /** SHA-256 of the weights, in the model's order: equal exactly if two runs trained the same. */
  readonly weightsSha256: string;
}
