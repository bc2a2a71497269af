import { InklingError } from "../base/error.ts";
import { feed } from "../engine/feed.ts";
import { initializeTrainingStates, readState, type TrainingState } from "../engine/session.ts";
import { scalarsAt } from "../optimizers/registry.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkFinite, notFinite } from "./finite.ts";
import { isPowerOfTwo } from "./learning/watch.ts";
import type { Monitor } from "./monitor.ts";
import type { ResolvedOptions } from "./options.ts";
import { BatchOrder } from "./order.ts";
import type { Setup } from "./setup.ts";

/** Target duration of one call of the compiled program, in seconds, short enough to report progress and to stop. */
export const CALL_SECONDS = 0.1;

/** Where there is no `setImmediate`, as in browsers, whose timers take 4 ms, a message that is sent to oneself. */
const turns = typeof setImmediate === "function" ? undefined : messageTurns();

const othersFirst = (): Promise<void> => (turns ? turns() : new Promise((resolve) => setImmediate(resolve)));

function messageTurns(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(undefined);
    });
}

/** Lets other work of the program run between calls. Throws `ABORTED` with the given message if the signal aborts. */
export async function pause(signal: AbortSignal | undefined, stopped: string): Promise<void> {
  await othersFirst();
  if (signal?.aborted) throw new InklingError("ABORTED", stopped, { cause: signal.reason });
}

/** How much a training does in one call of the compiled program, after which it reports its progress. */
export interface CallSize {
  /** The most steps. Default: no limit. */
  readonly steps?: number;
  /** About how long it takes, in seconds. Default: 0.1. */
  readonly seconds?: number;
}

/** A step's number, the mean loss of its batch before its update, and the labels of the batch. */
export interface StepLoss {
  readonly step: number;
  readonly loss: number;
  readonly labels: readonly number[];
}

/** Runs the steps of a training, several per call of the compiled program, and counts them. */
export class Stepper {
  readonly #setup: Setup;
  #options: ResolvedOptions;
  readonly #monitor: Monitor;
  readonly #order: BatchOrder;
  readonly #firstStep: number;
  #step: number;
  #loss: number;
  #accuracy: number;
  #last: readonly StepLoss[] = [];
  /** Steps in the next call. */
  #callSteps = 1;
  /** Whether the training states have values, from a checkpoint or a trial run. */
  #isInitialized: boolean;
  /** Seconds spent in the compiled program. */
  #seconds = 0;

  constructor(setup: Setup, options: ResolvedOptions, monitor: Monitor, resume?: Checkpoint) {
    this.#setup = setup;
    this.#options = options;
    this.#monitor = monitor;
    this.#order = new BatchOrder(setup.division.split.training, options.seed, options.order);
    this.#step = this.#firstStep = resume?.step ?? 0;
    this.#loss = resume?.loss ?? 0;
    this.#accuracy = resume?.accuracy ?? 0;
    this.#isInitialized = setup.train.trainingStates.every(({ name }) => resume?.state.has(name) ?? false);
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

  /** What the last call's steps did, in order. */
  get last(): readonly StepLoss[] {
    return this.#last;
  }

  /** Images trained on per second in the compiled program; 0 before the first step. */
  get imagesPerSecond(): number {
    const images = (this.#step - this.#firstStep) * this.#options.batchSize;
    return images === 0 ? 0 : images / this.#seconds;
  }

  /** A copy of everything that steps change. */
  get state(): TrainingState {
    return readState(this.#setup.engine, this.#setup.train);
  }

  /** Continues with other options: another number of steps, and its schedule. */
  replan(options: ResolvedOptions): void {
    this.#options = options;
  }

  /** Whether a validation is due after `step` steps. */
  validatesAfter(step: number): boolean {
    const { steps, validateEvery } = this.#options;
    return step === steps || (step > 0 && validateEvery > 0 && (step - 1) % validateEvery === 0);
  }

  /** Validations that are due before the last step. */
  get validationsLeft(): number {
    const { steps, validateEvery } = this.#options;
    const upTo = (step: number) => (validateEvery > 0 ? Math.ceil(step / validateEvery) : 0);
    return Math.max(0, upTo(steps - 1) - upTo(this.#step));
  }

  /**
   * Runs one call's worth of steps, and none past the next validation or the next power of two, where
   * `LearningWatch` looks. Throws `NOT_FINITE` if the loss, a weight or an optimizer's state is infinite or NaN.
   */
  async advance({
    steps: most = Number.POSITIVE_INFINITY,
    seconds: wished = CALL_SECONDS,
  }: CallSize = {}): Promise<void> {
    const { engine, train } = this.#setup;
    const parts = this.#options.gradientAccumulation;
    const first = this.#step;
    await this.#initialize(first * parts);
    const count = this.#stepsToStop(Math.min(most, this.#callSteps, this.#options.steps - first));
    const { seconds, ...batches } = await this.#run(first * parts, count * parts);
    checkFinite(engine, train, first, first + count - 1);
    this.#step += count;
    this.#last = Array.from({ length: count }, (_, k) => ({
      step: first + k,
      loss: mean(batches.losses.slice(k * parts, (k + 1) * parts)),
      labels: this.#labelsOf(first + k),
    }));
    this.#loss = mean(batches.losses.slice(-parts));
    this.#accuracy = mean(batches.accuracies.slice(-parts));
    this.#seconds += seconds;
    const wanted = Math.round((this.#callSteps + (count / seconds) * wished) / 2);
    this.#callSteps = Math.max(1, Math.min(Math.floor(train.spec.steps / parts), wanted));
  }

  /** Initializes the training states with the given batch, which is also the next one that is trained on. */
  async #initialize(batch: number): Promise<void> {
    if (this.#isInitialized) return;
    const { engine, train } = this.#setup;
    this.#feed(batch, 1);
    await initializeTrainingStates(engine, train, batch, this.#options.seed);
    this.#isInitialized = true;
  }

  /** Runs batches, which are steps or parts of steps, in as few calls as possible. Throws `NOT_FINITE`. */
  async #run(first: number, count: number) {
    const { engine, train } = this.#setup;
    const { seed, gradientAccumulation: parts } = this.#options;
    const [losses, accuracies]: [number[], number[]] = [[], []];
    let milliseconds = 0;
    for (let done = 0; done < count; ) {
      const some = Math.min(train.spec.steps, count - done);
      this.#feed(first + done, some);
      const started = performance.now();
      await engine.run("train", some, first + done, seed);
      milliseconds += performance.now() - started;
      losses.push(...engine.elements("train", train.loss).subarray(0, some));
      accuracies.push(...engine.elements("train", train.accuracy).subarray(0, some));
      const wrong = losses.findIndex((loss) => !Number.isFinite(loss));
      if (wrong >= 0) throw notFinite(`the loss is ${losses[wrong]}`, Math.floor((first + wrong) / parts));
      done += some;
    }
    return { losses, accuracies, seconds: Math.max(milliseconds / 1000, 1e-6) };
  }

  /** Writes the images of the batches, and the scalars that their updates need. */
  #feed(first: number, count: number): void {
    const { engine, train, data } = this.#setup;
    const { optimizer, batchSize, gradientAccumulation: parts } = this.#options;
    const { batch } = train.spec;
    feed(engine, train, data, this.#order.rows(first * batch, count * batch));
    if (train.others) feed(engine, train, data, this.#others(first * batch, count * batch), train.others);
    const scalars = engine.elements("train", train.scalars);
    for (let k = 0; k < count; k++) {
      const step = Math.floor((first + k) / parts);
      const numbers = Object.values(scalarsAt(optimizer, step, this.#monitor.state.schedule));
      scalars.set(numbers, k * numbers.length);
      if (train.place) engine.elements("train", train.place).set([step, ((first + k) * batch) % batchSize], 2 * k);
    }
  }

  /** The images to mix with: for each image, the previous one in its step; for the first, the last. */
  #others(first: number, count: number): Uint32Array {
    const { batchSize } = this.#options;
    const step = Math.floor(first / batchSize) * batchSize;
    const end = Math.ceil((first + count) / batchSize) * batchSize;
    const rows = this.#order.rows(step, end - step);
    return Uint32Array.from({ length: count }, (_, i) => {
      const place = first - step + i;
      return rows[place % batchSize === 0 ? place + batchSize - 1 : place - 1]!;
    });
  }

  #labelsOf(step: number): readonly number[] {
    const { batchSize } = this.#options;
    const { labels } = this.#setup.data;
    return Array.from(this.#order.rows(step * batchSize, batchSize), (row) => labels[row]!);
  }

  #stepsToStop(most: number): number {
    for (let count = 1; count < most; count++) {
      const step = this.#step + count;
      if (this.validatesAfter(step) || isPowerOfTwo(step)) return count;
    }
    return most;
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
