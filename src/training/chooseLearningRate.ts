import { InklingError } from "../base/error.ts";
import { power } from "../base/math.ts";
import type { AnyDataset } from "../datasets/index.ts";
import { readState, writeState } from "../engine/session.ts";
import type { Model } from "../model/index.ts";
import { constantRate, sgd } from "../optimizers/index.ts";
import type { SweepOptions } from "./findLearningRate.ts";
import { Monitor } from "./monitor.ts";
import { resolveOptions } from "./options.ts";
import { type Setup, withSetup } from "./setup.ts";
import { pause, Stepper } from "./stepper.ts";
import type { TrainingData } from "./trainingData.ts";

/** A short training at one learning rate. */
export interface RateTrial {
  readonly learningRate: number;
  /** The mean loss of the second half of its steps, in nats; Infinity if it diverged. */
  readonly loss: number;
}

/** A learning rate, and the trials that it was chosen by. */
export interface RateChoice {
  readonly learningRate: number;
  readonly trials: readonly RateTrial[];
  /** Whether its trial was clearly better than a guess that knows how frequent each class is. */
  readonly learned: boolean;
}

/** Steps of a trial. */
export const TRIAL_STEPS = 40;
/** Learning rates are 10^(−k/2), from 1 down to 0.00001. */
const LAST = 10;
/** The search ends after this many rates in a row that are worse than the best, once that has learned something. */
const WORSE = 2;
/** A trial whose loss is below this share of that of a guess has learned something. */
const LEARNED = 0.9;

/** A rate with two significant digits, which are the same on every machine. */
const rateOf = (k: number): number => Number(power(10, -k / 2).toPrecision(2));

/**
 * Chooses a learning rate by a range test: short trainings of 40 steps each at constant rates, all from the same initial
 * weights and on the same batches, from high rates down, until one has learned something and the two below it are
 * worse. The best is the one with the smallest mean loss in its second half. A trial that diverges in its first steps ends
 * with the loss of a guess, so such a rate is not chosen; in a sweep within one training, as in {@link findLearningRate},
 * all later rates would start from the diverged weights.
 *
 * The same model, data, options and seed give the same choice; the weights are discarded. Throws `ABORTED` if `signal`
 * aborts, `NOT_FINITE` if training diverges at every rate, and otherwise as `train` does.
 */
export async function chooseLearningRate(
  model: Model,
  data: AnyDataset | TrainingData,
  { optimizer = sgd(1), signal, ...options }: Omit<SweepOptions, "steps" | "from" | "to"> = {},
): Promise<RateChoice> {
  const settings = { ...options, optimizer: { ...optimizer, learningRate: constantRate(1) } };
  const resolved = resolveOptions({ ...settings, steps: TRIAL_STEPS });
  return withSetup((setup) => bestRate(setup, signal), model, data, resolved, options);
}

/** Tries rates from high to low. */
async function bestRate(setup: Setup, signal: AbortSignal | undefined): Promise<RateChoice> {
  const { engine, train } = setup;
  const { optimizer } = setup.options;
  const start = readState(engine, train);
  const guessLoss = setup.guess.loss;
  const trials: RateTrial[] = [];
  const best = () => trials.reduce((a, b) => (b.loss < a.loss ? b : a));
  for (let k = 0; k <= LAST; k++) {
    const learningRate = rateOf(k);
    writeState(engine, train, start);
    const withRate = { ...setup.options, optimizer: { ...optimizer, learningRate: constantRate(learningRate) } };
    const stepper = new Stepper(setup, withRate, new Monitor(withRate));
    trials.push({ learningRate, loss: await lossOf(stepper, signal) });
    const isEnough = trials.length - 1 - trials.indexOf(best()) >= WORSE;
    if (isEnough && best().loss < LEARNED * guessLoss) break;
  }
  if (best().loss === Number.POSITIVE_INFINITY)
    throw new InklingError(
      "NOT_FINITE",
      `training diverges at every learning rate from 1 to ${rateOf(LAST)}; check the network and the images`,
    );
  return { learningRate: best().learningRate, trials, learned: best().loss < LEARNED * guessLoss };
}

/** The mean loss of the second half of a trial; Infinity if it diverges. */
async function lossOf(stepper: Stepper, signal: AbortSignal | undefined): Promise<number> {
  let [sum, count] = [0, 0];
  while (stepper.step < TRIAL_STEPS) {
    await pause(signal, "the range test was stopped");
    try {
      await stepper.advance();
    } catch (error) {
      if (error instanceof InklingError && error.code === "NOT_FINITE") return Number.POSITIVE_INFINITY;
      throw error;
    }
    for (const { step, loss } of stepper.last)
      if (step >= TRIAL_STEPS / 2) {
        sum += loss;
        count++;
      }
  }
  return sum / count;
}
