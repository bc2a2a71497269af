import { feed, readState, type TrainingState } from "../engine/session.ts";
import { scalarsAt } from "../optimizers/index.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkFinite, notFinite } from "./finite.ts";
import type { Monitor } from "./monitor.ts";
import type { ResolvedOptions } from "./options.ts";
import { BatchOrder } from "./order.ts";
import type { Setup } from "./setup.ts";

/** Seconds that the host works in one go, so that events and signals come through. */
export const CALL_SECONDS = 0.1;

/** Runs the steps of a training, some in each call of the compiled program, and keeps count. */
export class Stepper {
  readonly #setup: Setup;
  readonly #options: ResolvedOptions;
  readonly #monitor: Monitor;
  readonly #order: BatchOrder;
  readonly #firstStep: number;
  #step: number;
  #loss: number;
  #accuracy: number;
  /** Steps of the next call. */
  #callSteps = 1;
  /** Seconds within the compiled program. */
  #seconds = 0;

  constructor(setup: Setup, options: ResolvedOptions, monitor: Monitor, resume?: Checkpoint) {
    this.#setup = setup;
    this.#options = options;
    this.#monitor = monitor;
    this.#order = new BatchOrder(setup.division.split.training, options.seed);
    this.#step = this.#firstStep = resume?.step ?? 0;
    this.#loss = resume?.loss ?? 0;
    this.#accuracy = resume?.accuracy ?? 0;
  }

  /** Steps done. */
  get step(): number {
    return this.#step;
  }

  /** The loss and the accuracy of the last step's batch, before its update. */
  get loss(): number {
    return this.#loss;
  }

  get accuracy(): number {
    return this.#accuracy;
  }

  /** Training only; 0 before the first step. */
  get imagesPerSecond(): number {
    const images = (this.#step - this.#firstStep) * this.#options.batchSize;
    return images === 0 ? 0 : images / this.#seconds;
  }

  /** A copy of all that steps change. */
  get state(): TrainingState {
    return readState(this.#setup.engine, this.#setup.train);
  }

  /** Whether the weights are to be validated after so many steps. */
  validatesAfter(step: number): boolean {
    const { steps, validateEvery } = this.#options;
    return step === steps || (step > 0 && validateEvery > 0 && (step - 1) % validateEvery === 0);
  }

  /** One call of the compiled program, which ends at the next validation at the latest. Throws `NOT_FINITE`. */
  async advance(): Promise<void> {
    const { engine, train } = this.#setup;
    const first = this.#step;
    const count = this.#stepsToValidation(Math.min(this.#callSteps, this.#options.steps - first));
    this.#feed(first, count);
    const started = performance.now();
    await engine.run("train", count, first, this.#options.seed);
    const seconds = Math.max((performance.now() - started) / 1000, 1e-6);
    const losses = engine.elements("train", train.loss);
    for (let k = 0; k < count; k++)
      if (!Number.isFinite(losses[k])) throw notFinite(`the loss is ${losses[k]}`, first + k);
    checkFinite(engine, train, first + count - 1);
    this.#step += count;
    this.#loss = losses[count - 1]!;
    this.#accuracy = engine.elements("train", train.accuracy)[count - 1]!;
    this.#seconds += seconds;
    const wanted = Math.round((this.#callSteps + (count / seconds) * CALL_SECONDS) / 2);
    this.#callSteps = Math.max(1, Math.min(train.spec.steps, wanted));
  }

  /** Which images the steps take, and the numbers that their updates need. */
  #feed(first: number, count: number): void {
    const { engine, train, data } = this.#setup;
    const { batchSize, optimizer } = this.#options;
    feed(engine, train, data, this.#order.rows(first * batchSize, count * batchSize));
    const scalars = engine.elements("train", train.scalars);
    for (let k = 0; k < count; k++) {
      const numbers = Object.values(scalarsAt(optimizer, first + k, this.#monitor.state.schedule));
      scalars.set(numbers, k * numbers.length);
    }
  }

  #stepsToValidation(most: number): number {
    for (let count = 1; count < most; count++) if (this.validatesAfter(this.#step + count)) return count;
    return most;
  }
}
