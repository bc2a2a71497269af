import { type ErrorCode, InklingError } from "../base/error.ts";
import type { Dataset } from "../datasets/index.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import type { Model } from "../model/index.ts";
import { decodeModel, encodeModel } from "../runs/modelFile.ts";
import type { Checkpoint, EndEvent, RecipeOptions, StartEvent, TrainEvent } from "../training/index.ts";

/** Options of a training as they are sent: functions and signals cannot be, and models are files. */
export type SentOptions = Omit<RecipeOptions, "signal" | "initFrom" | "backend" | "test" | "validation"> & {
  readonly test?: Dataset | undefined;
  readonly validation?: Dataset | undefined;
  readonly initFrom?: Uint8Array;
  readonly backend?: string;
};

/** What a page asks of the worker that trains for it. */
export type Request =
  /** The first message: the training, which starts at once. `model` is a network, or the name of a recipe. */
  | {
      readonly type: "train";
      readonly model: Model | string;
      readonly data: Dataset;
      readonly options: SentOptions;
    }
  /** The page has taken an event. */
  | { readonly type: "taken" }
  | { readonly type: "pause" | "resume" | "step" | "abort" }
  /** Asks for the present weights or state; the answer has the same number. */
  | { readonly type: "model" | "checkpoint"; readonly id: number };

/** An event of a training whose models are files. */
export type SentEvent =
  | Exclude<TrainEvent, StartEvent | EndEvent>
  | (Omit<StartEvent, "initial"> & { readonly initial?: Uint8Array | undefined })
  | (Omit<EndEvent, "best"> & { readonly best?: Uint8Array | undefined });

/** What an error says, since errors lose their code when they are sent. */
export interface SentError {
  readonly code?: ErrorCode;
  readonly message: string;
}

/** What the worker says. */
export type Response =
  | { readonly type: "event"; readonly event: SentEvent }
  /** The training has ended without an error; `model` is the file of its last weights. */
  | { readonly type: "done"; readonly model: Uint8Array }
  | { readonly type: "failed"; readonly error: SentError }
  | { readonly type: "answer"; readonly id: number; readonly model?: Uint8Array; readonly checkpoint?: Checkpoint };

/** Events that the worker may be ahead of the page. */
export const AHEAD = 32;

/** An event as it can be sent. */
export function sentEvent(event: TrainEvent): SentEvent {
  if (event.type === "start") return { ...event, initial: event.initial && encodeModel(event.initial) };
  if (event.type === "end") return { ...event, best: event.best && encodeModel(event.best) };
  return event;
}

/** The event that was sent. */
export function receivedEvent(event: SentEvent): TrainEvent {
  const model = (file: Uint8Array): TrainedModel => decodeModel(file);
  if (event.type === "start") {
    const { initial, ...rest } = event;
    return { ...rest, ...(initial && { initial: model(initial) }) };
  }
  if (event.type === "end") {
    const { best, ...rest } = event;
    return { ...rest, ...(best && { best: model(best) }) };
  }
  return event;
}

export const sentError = (error: unknown): SentError =>
  error instanceof InklingError ? { code: error.code, message: error.message } : { message: String(error) };

export const receivedError = ({ code, message }: SentError): Error =>
  code === undefined ? new Error(message) : new InklingError(code, message);
