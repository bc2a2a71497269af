import { InklingError } from "../base/error.ts";
import type { Weights } from "../engine/feed.ts";
import { readWeights, withWeights } from "../engine/session.ts";
import { agreementOf } from "../evaluation/agreement.ts";
import { type ModelCalibration, type Score, TrainedModel } from "../evaluation/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type {
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
  ValidationEvent,
} from "./events.ts";
import { Diagnosis } from "./learning/diagnose.ts";
import { together } from "./learning/moments.ts";
import { isPowerOfTwo, type LearningCause, type LearningStatus, LearningWatch } from "./learning/watch.ts";
import { type BestValidation, Monitor } from "./monitor.ts";
import type { ResolvedOptions } from "./options.ts";
import { Pace } from "./pace.ts";
import { replan } from "./replan.ts";
import { type Scored, Scoring } from "./scoring.ts";
import type { Setup } from "./setup.ts";
import { identityOf } from "./spec.ts";
import { type CallSize, pause, Stepper } from "./stepper.ts";
import { TimeLeft } from "./timeLeft.ts";
import { weightsSha256 } from "./weightsSha256.ts";

/** What a result says about a calibration, if there is one. */
const scalingOf = (calibration: ModelCalibration | undefined) =>
  calibration && { temperature: calibration.temperature, attenuation: calibration.attenuation };

const sumOf = (a: Score["confusion"], b: Score["confusion"]): Score["confusion"] =>
  a.map((row, i) => row.map((count, j) => count + b[i]![j]!));

/** Trains a model on one engine, and yields its events. */
export class Trainer {
  #setup: Setup;
  readonly #stepper: Stepper;
  readonly #monitor: Monitor;
  readonly #watch: LearningWatch;
  readonly #diagnosis: Diagnosis;
  readonly #scoring: Scoring;
  /** The weights at the end, when the engine is closed. */
  #last: Weights | undefined;
  /** The weights of the best validation. */
  #best: Weights | undefined;
  /** The calibrations of both, at the end. */
  #calibration: ModelCalibration | undefined;
  #bestCalibration: ModelCalibration | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #started: number;
  readonly #pace: Pace | undefined;
  readonly #timeLeft = new TimeLeft();
  #reportedThreads = false;
  /** When the last checkpoint was taken, and the steps done then. */
  #saved: { readonly at: number; readonly step: number; readonly checkpoint?: Checkpoint };
  /** How much it does between two reports of progress. */
  callSize: CallSize = {};

  /** `started`: when the run was started, in ms as by `performance.now()`. */
  constructor(setup: Setup, started: number, resume?: Checkpoint, signal?: AbortSignal) {
    const { options } = setup;
    this.#started = started;
    this.#setup = setup;
    this.#monitor = new Monitor(options, resume?.monitor);
    this.#watch = new LearningWatch(
      setup.guess,
      { steps: options.steps, epoch: Math.floor(setup.division.split.training.length / options.batchSize) },
      resume?.learning,
    );
    this.#diagnosis = new Diagnosis(setup);
    this.#best = resume?.best;
    this.#stepper = new Stepper(setup, options, this.#monitor, resume);
    this.#scoring = new Scoring(setup, this.#stepper, this.#timeLeft, () => this.#pause());
    this.#signal = signal;
    if (options.budget !== undefined) this.#pace = new Pace(started, options.budget);
    this.#saved = { at: performance.now(), step: this.#stepper.step };
  }

  get options(): ResolvedOptions {
    return this.#setup.options;
  }

  /** The model with a copy of its current weights, or those at the end. */
  get trained(): TrainedModel {
    return this.#withWeights(this.#last ?? readWeights(this.#setup.engine, this.#setup.train), this.#calibration);
  }

  /** The model with the weights of the best validation so far; undefined before the first. */
  get best(): TrainedModel | undefined {
    return this.#best && this.#withWeights(this.#best, this.#bestCalibration);
  }

  #withWeights(weights: Weights, calibration?: ModelCalibration): TrainedModel {
    const { identity, preparation } = this.#setup;
    return new TrainedModel(identity.model, weights, this.#setup.engine.backend, preparation, calibration);
  }

  /** Runs all remaining steps with their validations, and the test at the end. */
  async *train(): AsyncGenerator<TrainEvent, void> {
    yield this.#start();
    try {
      let validation = yield* this.#validate();
      yield* this.#look();
      while (this.#stepper.step < this.options.steps && !this.#monitor.stopsEarly) {
        await this.#pause();
        yield await this.#advance();
        yield* this.#replan();
        yield* this.#reportThreads();
        if (this.#isCheckpointDue()) yield this.#checkpoint();
        validation = yield* this.#validate();
        yield* this.#look();
      }
      const end = await this.#end(validation!);
      this.close(); // now, since whoever follows the run may leave at its end
      yield end;
    } catch (error) {
      const aborted = error instanceof InklingError && error.code === "ABORTED";
      if (aborted && this.#saved.step !== this.#stepper.step) yield this.#checkpoint();
      throw error;
    } finally {
      this.close();
    }
  }

  /** Frees the memory and the code of the training; its last weights are kept. */
  close(): void {
    const { engine, train } = this.#setup;
    this.#last ??= readWeights(engine, train);
    engine.close();
  }

  get #machine() {
    const { name: backend, arithmetic, compiler } = this.#setup.engine.backend;
    return { backend, arithmetic, ...(compiler !== undefined && { compiler }), threads: this.options.threads };
  }

  #start(): StartEvent {
    const { steps, batchSize } = this.options;
    const { division, warnings, spec, identity, initialization } = this.#setup;
    const { split, leftOut } = division;
    const sizes = {
      training: split.training.length,
      validation: split.validation.length,
      test: split.test.length,
      leftOut: leftOut.length,
    };
    const initial = initialization && { initialization, initial: this.#withWeights(initialization.weights) };
    const { note } = this.#setup.engine.backend;
    const machine = { ...this.#machine, ...(note !== undefined && { note }) };
    const { step } = this.#stepper;
    return { type: "start", step, steps, batchSize, ...sizes, warnings, ...machine, spec, identity, ...initial };
  }

  async #advance(): Promise<ProgressEvent> {
    const [before, began] = [this.#stepper.step, performance.now()];
    await this.#stepper.advance(this.callSize);
    this.#timeLeft.trained(this.#stepper.step - before, (performance.now() - began) / 1000);
    for (const { step, loss, labels } of this.#stepper.last) this.#watch.record(step, loss, labels);
    const { step, loss, imagesPerSecond, validationsLeft } = this.#stepper;
    const { steps } = this.options;
    const validated = validationsLeft * this.#setup.division.split.validation.length;
    const estimate = this.#timeLeft.secondsFor(steps - step, validated);
    const secondsLeft = Math.min(estimate, this.#pace?.secondsLeft ?? estimate);
    const losses = this.#stepper.last.map(({ loss }) => loss);
    return { type: "progress", step, steps, loss, losses, imagesPerSecond, secondsLeft };
  }

  /** Corrects the number of steps if they would not end when the budget does. */
  *#replan(): Generator<PlanEvent, void> {
    const { step } = this.#stepper;
    const { division, spec: before, engine, options } = this.#setup;
    const { validation, test } = division.split;
    // The last weights and the best are both tested.
    const after = this.#timeLeft.secondsFor(0, validation.length + 2 * test.length);
    const steps = this.#pace?.stepsWithin(step, options.steps, after);
    if (steps === undefined) return;
    const spec = replan(before, steps, step);
    const replanned = { ...options, steps, optimizer: spec.optimizer };
    this.#setup = { ...this.#setup, options: replanned, spec, identity: identityOf(spec, engine.backend.arithmetic) };
    this.#stepper.replan(replanned);
    yield { type: "plan", step, steps, spec };
  }

  *#reportThreads(): Generator<ThreadsEvent, void> {
    const { threads: requested } = this.options;
    const threads = this.#setup.engine.threads("train");
    if (this.#reportedThreads || threads === requested) return;
    this.#reportedThreads = true;
    yield { type: "threads", step: this.#stepper.step, threads, requested };
  }

  /** The last step gets a checkpoint before its validation, and so does one after which the training may stop early. */
  #isCheckpointDue(): boolean {
    const { step } = this.#stepper;
    const seconds = (performance.now() - this.#saved.at) / 1000;
    const mayEnd = step === this.options.steps || (this.#monitor.mayStop && this.#stepper.validatesAfter(step));
    return seconds >= this.options.checkpointEvery || mayEnd;
  }

  #checkpoint(): CheckpointEvent {
    const { checkpoint } = this;
    this.#saved = { at: performance.now(), step: checkpoint.step, checkpoint };
    return { type: "checkpoint", checkpoint };
  }

  /** A copy of the state; once the training is closed, its last checkpoint. Throws `ABORTED` if there is none. */
  get checkpoint(): Checkpoint {
    if (this.#last) {
      if (this.#saved.checkpoint) return this.#saved.checkpoint;
      throw new InklingError("ABORTED", "the training was closed without a checkpoint");
    }
    const { step, loss, accuracy, state } = this.#stepper;
    const { identity, preparation } = this.#setup;
    const kept = { monitor: this.#monitor.state, learning: this.#watch.state, best: this.#best };
    return { step, loss, accuracy, identity, preparation, state, ...kept };
  }

  /** Validates if a validation is due after the last step. */
  async *#validate(): AsyncGenerator<ValidationEvent, Scored | undefined> {
    const { step, loss: minibatchLoss, accuracy: minibatchAccuracy } = this.#stepper;
    if (!this.#stepper.validatesAfter(step)) return undefined;
    const { engine, train } = this.#setup;
    const scored = await this.#scoring.validate();
    const { score, gains } = scored;
    const { loss, accuracy, count: images } = score;
    if (images > 0) this.#watch.validate(agreementOf(score.confusion), gains);
    if (images > 0 && this.#monitor.record(step, score)) this.#best = readWeights(engine, train);
    const isBest = this.#monitor.state.best?.step === step;
    const { confusion } = score;
    const minibatch = { minibatchLoss, minibatchAccuracy };
    yield { type: "validation", step: step - 1, ...minibatch, images, loss, accuracy, isBest, confusion };
    return scored;
  }

  /** Reports whether the training learns, if that is news. Always looks at the same steps, so that it finds the same. */
  async *#look(): AsyncGenerator<LearningEvent, void> {
    const { step } = this.#stepper;
    const isComplete = isPowerOfTwo(step);
    if (!isComplete && !this.#stepper.validatesAfter(step)) return;
    const isDead = isComplete && this.#watch.mayBeDead(step) && (await this.#diagnosis.isDead());
    const status = this.#watch.news(step, isDead);
    if (!status) return;
    const verdict = await this.#verdict(status);
    this.#watch.say(verdict.cause);
    yield { type: "learning", step, ...verdict };
  }

  /** What is known, with the cause that was already reported, if any. */
  async #verdict(status: LearningStatus, reported?: LearningCause): Promise<LearningVerdict> {
    const { explained, guessLoss, isFarAbove, isFalling } = this.#watch;
    const isBad = status === "guessing" || status === "memorizing";
    const cause = isBad
      ? { cause: reported ?? (await this.#diagnosis.causeOf(status, { isFarAbove, isFalling })) }
      : {};
    return { status, ...cause, explained, guessLoss };
  }

  async #end(validation: Scored): Promise<EndEvent> {
    const { step, imagesPerSecond } = this.#stepper;
    const { score: test, gains } = await this.#scoring.test();
    this.#watch.validate(
      agreementOf(sumOf(validation.score.confusion, test.confusion)),
      together(validation.gains, gains),
    );
    const { final: status } = this.#watch;
    const isDead = status !== "learning" && (await this.#diagnosis.isDead());
    const learning = await this.#verdict(isDead ? "guessing" : status, this.#watch.causeSaid(status));
    this.#calibration = await this.#scoring.calibrate(validation);
    const last = {
      test,
      ...scalingOf(this.#calibration),
      weightsSha256: await weightsSha256(this.trained.weights),
    };
    const best = await this.#testBest(last);
    const result = {
      steps: step,
      stoppedEarly: step < this.options.steps,
      warnings: this.#setup.warnings,
      validation: validation.score,
      test,
      ...scalingOf(this.#calibration),
      learning,
      imagesPerSecond,
      seconds: (performance.now() - this.#started) / 1000,
      ...this.#machine,
      ...(best && { best }),
      weightsSha256: last.weightsSha256,
    };
    return {
      type: "end",
      result,
      ...(this.#calibration && { calibration: this.#calibration }),
      ...(best && { best: this.best! }),
    };
  }

  /** Tests the weights of the best validation, unless they are the last ones, already tested. */
  async #testBest(last: Omit<BestResult, keyof BestValidation>): Promise<BestResult | undefined> {
    const { best } = this.#monitor.state;
    const weights = this.#best;
    if (!best || !weights) return undefined;
    this.#bestCalibration = this.#calibration;
    if (best.step === this.#stepper.step) return { ...best, ...last };
    const { engine, train } = this.#setup;
    return withWeights(engine, train, weights, async () => {
      const { score: test } = await this.#scoring.test();
      this.#bestCalibration = await this.#scoring.calibrate();
      return { ...best, test, ...scalingOf(this.#bestCalibration), weightsSha256: await weightsSha256(weights) };
    });
  }

  /** Lets other work of the program run. Throws `ABORTED` if the signal aborts. */
  #pause(): Promise<void> {
    return pause(this.#signal, `training was stopped after ${this.#stepper.step} of ${this.options.steps} steps`);
  }
}
