import type { EvaluationProgram } from "../engine/programs.ts";
import { evaluateBatches, readWeights } from "../engine/session.ts";
import { type Score, scoreOf, TrainedModel, twinsIn } from "../evaluation/index.ts";
import { InklingError } from "../tensor/error.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { CheckpointEvent, EndEvent, ProgressEvent, StartEvent, TrainEvent, ValidationEvent } from "./events.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Setup } from "./setup.ts";
import { CALL_SECONDS, Stepper } from "./stepper.ts";
import { weightsSha256 } from "./weightsSha256.ts";

/** Trains a model on one engine, and says how it goes. */
export class Trainer {
  readonly options: ResolvedOptions;
  readonly #setup: Setup;
  readonly #stepper: Stepper;
  readonly #signal: AbortSignal | undefined;
  readonly #started = performance.now();
  /** When the last checkpoint was taken, and the steps done then. */
  #saved: { readonly at: number; readonly step: number };

  constructor(setup: Setup, options: ResolvedOptions, resume?: Checkpoint, signal?: AbortSignal) {
    this.options = options;
    this.#setup = setup;
    this.#stepper = new Stepper(setup, options, resume);
    this.#signal = signal;
    this.#saved = { at: performance.now(), step: this.#stepper.step };
  }

  /** The model with a copy of its weights as they are now. */
  get trained(): TrainedModel {
    const { engine, train, identity, preparation } = this.#setup;
    return new TrainedModel(identity.model, readWeights(engine, train), this.options.backend, preparation);
  }

  /** Runs all steps that are left, with validations between, and the test at the end. */
  async *train(): AsyncGenerator<TrainEvent, void> {
    yield this.#start();
    try {
      let validation = yield* this.#validate();
      while (this.#stepper.step < this.options.steps) {
        await this.#pause();
        yield this.#advance();
        if (this.#isCheckpointDue()) yield this.#checkpoint();
        validation = yield* this.#validate();
      }
      yield await this.#end(validation!);
    } catch (error) {
      const aborted = error instanceof InklingError && error.code === "ABORTED";
      if (aborted && this.#saved.step !== this.#stepper.step) yield this.#checkpoint();
      throw error;
    }
  }

  get #machine() {
    const { name: backend, arithmetic } = this.options.backend;
    return { backend, arithmetic, threads: 1 };
  }

  #start(): StartEvent {
    const { steps, batchSize, validateEvery, dropoutInValidation } = this.options;
    const { division, identity } = this.#setup;
    const { split, leftOut } = division;
    const sizes = {
      training: split.training.length,
      validation: split.validation.length,
      test: split.test.length,
      leftOut: leftOut.length,
    };
    const settings = { step: this.#stepper.step, steps, batchSize, validateEvery, dropoutInValidation };
    return { type: "start", ...settings, ...sizes, ...this.#machine, identity };
  }

  #advance(): ProgressEvent {
    this.#stepper.advance();
    const { step, loss, imagesPerSecond } = this.#stepper;
    const { steps, batchSize } = this.options;
    const secondsLeft = ((steps - step) * batchSize) / imagesPerSecond;
    return { type: "progress", step, steps, loss, imagesPerSecond, secondsLeft };
  }

  #isCheckpointDue(): boolean {
    const seconds = (performance.now() - this.#saved.at) / 1000;
    return seconds >= this.options.checkpointEvery || this.#stepper.step === this.options.steps;
  }

  #checkpoint(): CheckpointEvent {
    const { step, loss, accuracy, state } = this.#stepper;
    const { identity, preparation } = this.#setup;
    this.#saved = { at: performance.now(), step };
    return { type: "checkpoint", checkpoint: { step, loss, accuracy, identity, preparation, state } };
  }

  /** Validates, if the last step is one after which that is due. */
  async *#validate(): AsyncGenerator<ValidationEvent, Score | undefined> {
    const { step, loss: minibatchLoss, accuracy: minibatchAccuracy } = this.#stepper;
    if (!this.#stepper.validatesAfter(step)) return undefined;
    const score = await this.#score(this.#setup.validate, this.#setup.division.split.validation);
    const { loss, accuracy } = score;
    yield { type: "validation", step: step - 1, minibatchLoss, minibatchAccuracy, loss, accuracy };
    return score;
  }

  async #end(validation: Score): Promise<EndEvent> {
    const { split, twins } = this.#setup.division;
    const test = await this.#score(this.#setup.evaluate, split.test, twins);
    const result = {
      steps: this.options.steps,
      validation,
      test,
      imagesPerSecond: this.#stepper.imagesPerSecond,
      seconds: (performance.now() - this.#started) / 1000,
      ...this.#machine,
      weightsSha256: await weightsSha256(this.trained.weights),
    };
    return { type: "end", result };
  }

  /** Scores rows, a batch at a time, with pauses. */
  async #score(program: EvaluationProgram, rows: Uint32Array, twins?: Uint32Array): Promise<Score> {
    const { engine, labels, identity } = this.#setup;
    const batches = evaluateBatches(engine, program, rows, this.options.seed, this.#stepper.step);
    for (let paused = Number.NEGATIVE_INFINITY; ; ) {
      if (performance.now() - paused > 1000 * CALL_SECONDS) {
        await this.#pause();
        paused = performance.now();
      }
      const { done, value } = batches.next();
      if (!done) continue;
      return scoreOf(
        value,
        Uint16Array.from(rows, (row) => labels[row]!),
        identity.model.classes.length,
        twins && twinsIn(rows, twins),
      );
    }
  }

  /** Lets other work of the program run, and stops where that is asked for. */
  async #pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    if (!this.#signal?.aborted) return;
    const { step } = this.#stepper;
    throw new InklingError("ABORTED", `training was stopped after ${step} of ${this.options.steps} steps`, {
      cause: this.#signal.reason,
    });
  }
}
