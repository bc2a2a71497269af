import { InklingError } from "../base/error.ts";
import type { Dataset } from "../datasets/index.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import type { Model } from "../model/index.ts";
import { decodeModel, encodeModel } from "../runs/modelFile.ts";
import {
  type Checkpoint,
  type Overrides,
  type Recipe,
  type RecipeOptions,
  recipes,
  type TrainEvent,
  type TrainOptions,
  type TrainResult,
} from "../training/index.ts";
import { recipeOptions } from "../training/train.ts";
import { TrainingData } from "../training/trainingData.ts";
import { type Request, type Response, receivedError, receivedEvent, type SentOptions } from "./messages.ts";

/** How to train in a worker: as with `train`, but for what cannot be sent to one, and with {@link WorkerSettings}. */
export type WorkerOptions = Overrides & Omit<TrainOptions, "test" | "validation" | "backend"> & WorkerSettings;

/** The options that differ from those of `train`. */
export interface WorkerSettings {
  /** A separate test set, in memory. */
  readonly test?: Dataset | undefined;
  /** A separate validation set, in memory. */
  readonly validation?: Dataset | undefined;
  /** The name of a back end. Default: "wasm". */
  readonly backend?: string;
  /**
   * A worker whose script calls `serveTraining`, for layers, optimizers or back ends of your own, which the script has to
   * register first. Default: one of Inkling's.
   */
  readonly worker?: Worker;
  /**
   * Hands the memory of the images over to the worker, so that they are not copied; the page can no longer use them. Default:
   * false.
   */
  readonly transfer?: boolean;
}

type Answer = Response & { readonly type: "answer" };

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

/**
 * A training in a worker: iterate over it to follow its events, or await its result. It starts at once, and trains on while
 * the page is busy, up to 32 events ahead of what the page has taken.
 */
export class WorkerRun implements AsyncIterable<TrainEvent> {
  readonly #worker: Worker;
  readonly #events: TrainEvent[] = [];
  readonly #answers = new Map<number, Waiting>();
  #last: TrainedModel | undefined;
  #best: TrainedModel | undefined;
  #checkpoint: Checkpoint | undefined;
  #result: TrainResult | undefined;
  /** Set at the end, with the error that ended it. */
  #ended: { readonly error?: Error | undefined } | undefined;
  #isThrown = false;
  #changed: () => void = () => {};

  /**
   * Use {@link trainInWorker} instead.
   *
   * @internal
   */
  constructor(worker: Worker, signal: AbortSignal | undefined) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Response>) => this.#receive(data);
    worker.onerror = ({ message }) =>
      this.#end(
        new InklingError("UNSUPPORTED", `the worker has failed: ${message || "its script could not be loaded"}`),
      );
    worker.onmessageerror = () => this.#end(new Error("a message of the worker could not be read"));
    const abort = () => this.#post({ type: "abort" });
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(response: Response): void {
    switch (response.type) {
      case "event":
        this.#events.push(receivedEvent(response.event));
        this.#changed();
        break;
      case "answer":
        this.#answers.get(response.id)?.resolve(response);
        this.#answers.delete(response.id);
        break;
      case "done":
        this.#last = decodeModel(response.model);
        this.#end();
        break;
      case "failed":
        this.#end(receivedError(response.error));
    }
  }

  #end(error?: Error): void {
    this.#worker.terminate();
    this.#ended = { error };
    for (const { reject } of this.#answers.values()) reject(this.#reason);
    this.#changed();
  }

  /** Why no more events or answers will come. */
  get #reason(): Error {
    return this.#ended?.error ?? new Error("the training has ended");
  }

  /** The remaining events. Leaving the loop early does not end the run; aborting its signal does. */
  [Symbol.asyncIterator](): AsyncIterator<TrainEvent> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<TrainEvent, undefined>> {
    while (this.#events.length === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    const event = this.#events.shift();
    if (event) {
      this.#post({ type: "taken" });
      if (event.type === "checkpoint") this.#checkpoint = event.checkpoint;
      if (event.type === "end") {
        this.#result = event.result;
        this.#best = event.best;
      }
      return { done: false, value: event };
    }
    if (!this.#ended?.error || this.#isThrown) return { done: true, value: undefined };
    this.#isThrown = true;
    throw this.#ended.error;
  }

  /** Trains to the end. Throws `ABORTED`, `NOT_FINITE`, or an error about the options, the data or the checkpoint. */
  async result(): Promise<TrainResult> {
    for await (const _ of this);
    if (!this.#result) throw this.#reason;
    return this.#result;
  }

  /**
   * Trains to the end, and returns the model with its last weights, or with those of the best validation. Throws as
   * `result` does, and `NOT_FOUND` for "best" if there were no validation images.
   */
  async model(weights: "last" | "best" = "last"): Promise<TrainedModel> {
    await this.result();
    const found = weights === "last" ? this.#last : this.#best;
    if (found) return found;
    throw new InklingError("NOT_FOUND", "there are no best weights: the training had no validation images");
  }

  /** Ends the worker, without another checkpoint. Does nothing if the training has ended. */
  close(): void {
    if (!this.#ended) this.#end(new InklingError("ABORTED", "the training was closed before its end"));
  }

  /** As {@link close}, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Stops after what is being computed, about a tenth of a second. The worker keeps its memory. */
  pause(): void {
    this.#post({ type: "pause" });
  }

  /** Goes on after `pause` or `step`. */
  resume(): void {
    this.#post({ type: "resume" });
  }

  /** Makes a single step, a `progress` event, and pauses. */
  step(): void {
    this.#post({ type: "step" });
  }

  /** The model with its weights at present; after the end, the last ones. Throws the error that ended the training. */
  async current(): Promise<TrainedModel> {
    if (this.#last) return this.#last;
    return decodeModel((await this.#ask("model")).model!);
  }

  /** The state at present, to resume from; after the end, the last one that was taken from the events. Throws as `current` does. */
  async checkpoint(): Promise<Checkpoint> {
    if (this.#ended && this.#checkpoint) return this.#checkpoint;
    return (await this.#ask("checkpoint")).checkpoint!;
  }

  #asked = 0;
  #ask(type: "model" | "checkpoint"): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#reason);
    const id = this.#asked++;
    this.#post({ type, id });
    return new Promise((resolve, reject) => this.#answers.set(id, { resolve, reject }));
  }
}

/**
 * As `train`, in a worker of its own, so that the page stays responsive: the same events and the same weights, bit for bit. In
 * a page that is cross-origin isolated it trains on all processors, in others on one. The data set, a `Dataset` in memory, is
 * copied to the worker. Throws `UNSUPPORTED` where there are no workers; all other errors are thrown by the run.
 */
export function trainInWorker(model: Model | Recipe, data: Dataset, options: WorkerOptions = {}): WorkerRun {
  const { worker = startWorker(), transfer = false, signal, initFrom, ...rest } = options;
  const run = new WorkerRun(worker, signal);
  const sent = "training" in model ? resolved(model, data, rest) : { model, options: rest };
  // The separate sets, like the data, are in memory: the options say so.
  const settings = { ...sent.options, ...(initFrom && { initFrom: encodeModel(initFrom) }) } as SentOptions;
  const request: Request = { type: "train", model: sent.model, data, options: settings };
  worker.postMessage(request, transfer ? [data.images.buffer] : []);
  return run;
}

/** A recipe of Inkling's is sent by name; what another one makes of the data is found here. */
function resolved(
  recipe: Recipe,
  data: Dataset,
  options: RecipeOptions,
): { readonly model: Model | string; readonly options: TrainOptions } {
  if (recipes.includes(recipe)) return { model: recipe.name, options };
  const { model, ...settings } = recipeOptions(recipe, new TrainingData(data, options).shape, options);
  return { model, options: settings };
}

function startWorker(): Worker {
  if (typeof Worker === "undefined")
    throw new InklingError("UNSUPPORTED", "there are no workers here; use train, which trains in this thread");
  return new Worker(new URL("./trainWorker.js", import.meta.url), { type: "module" });
}
