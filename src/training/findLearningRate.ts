import * as v from "valibot";
import { count, finite, parseOptions, positive } from "../base/config.ts";
import { InklingError, message, optionRef } from "../base/error.ts";
import { power } from "../base/math.ts";
import type { AnyDataset } from "../datasets/index.ts";
import type { Model } from "../model/index.ts";
import { exponentialDecay, type OptimizerConfig, sgd } from "../optimizers/index.ts";
import { Monitor } from "./monitor.ts";
import { resolveOptions, type TrainOptions } from "./options.ts";
import { type Setup, withSetup } from "./setup.ts";
import { pause, Stepper } from "./stepper.ts";
import type { TrainingData } from "./trainingData.ts";

/** One step of the sweep. */
export interface SweepPoint {
  readonly learningRate: number;
  /** The loss of the step's batch before its update, in nats. */
  readonly loss: number;
  /** The exponential moving average of the losses so far. */
  readonly smoothedLoss: number;
}

/** The loss at each learning rate, and the learning rate that follows from it. */
export interface LearningRateSweep {
  readonly points: readonly SweepPoint[];
  /** A tenth of `lowest`: a learning rate to start from. */
  readonly suggestion: number;
  /**
   * The learning rate with the lowest smoothed loss. Above it training diverges: an upper bound for a schedule's peak.
   */
  readonly lowest: number;
}

/** Options of a learning rate sweep. Every one has a default. */
export interface SweepOptions
  extends Pick<TrainOptions, "batchSize" | "seed" | "split" | "initFrom" | "backend" | "threads" | "signal"> {
  /** The optimizer; the sweep replaces its learning rate. Default: plain SGD. */
  readonly optimizer?: OptimizerConfig;
  /** Steps from the first learning rate to the last, at least 20. Default: 200. */
  readonly steps?: number;
  /** The first learning rate. Default: 1e-5. */
  readonly from?: number;
  /** The last learning rate, unless the loss diverges first. Default: 10. */
  readonly to?: number;
  /** Gets the sweep so far after each step. */
  readonly onProgress?: (soFar: LearningRateSweep) => void;
}

const schema = v.object({
  steps: v.optional(v.pipe(count, v.minValue(20, "at least 20 steps")), 200),
  from: v.optional(positive, 1e-5),
  to: v.optional(v.pipe(positive, finite), 10),
});

/** The decay of the moving average of losses. A higher one would hide where training begins to diverge. */
const BETA = 0.9;
/** The sweep ends when the smoothed loss exceeds its minimum by this factor. */
const DIVERGED = 3;

/** The steps and the ends of a sweep, with defaults filled in. Throws `INVALID_ARGUMENT` for an invalid option. */
export function parseSweep(options: { readonly [K in "steps" | "from" | "to"]?: SweepOptions[K] | undefined }) {
  const sweep = parseOptions(schema, options, "findLearningRate");
  if (sweep.from >= sweep.to)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`findLearningRate: ${optionRef("from")} is ${sweep.from}, expected less than ${optionRef("to")}, which is ${sweep.to}`,
    );
  return sweep;
}

/**
 * Finds a learning rate: trains while multiplying it by a constant factor at each step, until the loss explodes.
 *
 *   learningRate(step) = from · (to / from)^(step / (steps − 1)),   smoothed = Σ_i β^(step − i)·loss_i / Σ_i β^(step − i), β = 0.9
 *
 * The suggestion is a tenth of the learning rate with the lowest smoothed loss, as with fastai's `minimum`. The point
 * of steepest descent is a poor guide: if the initial loss is worse than chance, the loss drops fastest at learning
 * rates that are far too small. The same model, data, options and seed give the same sweep; its weights are discarded.
 * Throws `INVALID_ARGUMENT` for an invalid option, `ABORTED` if `signal` aborts, and `NOT_FINITE` if training diverges
 * within the first steps.
 *
 * Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017 (arXiv 2015), section 3.3.
 */
export async function findLearningRate(
  model: Model,
  data: AnyDataset | TrainingData,
  { steps, from, to, optimizer = sgd(1), signal, onProgress, ...options }: SweepOptions = {},
): Promise<LearningRateSweep> {
  const sweep = parseSweep({ steps, from, to });
  const growing = exponentialDecay(sweep.from, sweep.steps - 1, sweep.to / sweep.from, { staircase: false });
  const resolved = resolveOptions({
    ...options,
    steps: sweep.steps,
    optimizer: { ...optimizer, learningRate: growing },
  });
  const rateAt = (step: number) => sweep.from * power(sweep.to / sweep.from, step / (sweep.steps - 1));
  const onLoss = (losses: readonly number[]) => onProgress?.(evaluateSweep(losses, rateAt));
  const run = (setup: Setup) =>
    sweepLosses(new Stepper(setup, resolved, new Monitor(resolved)), { steps: sweep.steps, signal, onLoss });
  return evaluateSweep(await withSetup(run, model, data, resolved, options), rateAt);
}

interface SweepFollowing {
  readonly steps: number;
  readonly signal: AbortSignal | undefined;
  readonly onLoss: (losses: readonly number[]) => void;
}

/** The loss of each step, until there are enough or training diverges. Throws `ABORTED` if the signal aborts. */
async function sweepLosses(stepper: Stepper, { steps, signal, onLoss }: SweepFollowing): Promise<readonly number[]> {
  const losses: number[] = [];
  for (let smallest = Number.POSITIVE_INFINITY; losses.length < steps; ) {
    await pause(signal, "the sweep was stopped");
    if (!(await advanceOne(stepper))) break;
    losses.push(stepper.loss);
    onLoss(losses);
    const smoothed = smooth(losses).at(-1)!;
    if (losses.length > FIRST && smoothed > DIVERGED * smallest) break;
    smallest = Math.min(smallest, smoothed);
  }
  return losses;
}

/** The first steps are not judged: their smoothed loss averages too few values. */
const FIRST = 5;

/**
 * Makes one step; returns whether its numbers are finite. Throws `NOT_FINITE` if they are not within the first steps.
 */
async function advanceOne(stepper: Stepper): Promise<boolean> {
  try {
    await stepper.advance({ steps: 1 });
    return true;
  } catch (error) {
    const diverged = error instanceof InklingError && error.code === "NOT_FINITE";
    if (diverged && stepper.step > 2 * FIRST) return false;
    throw error;
  }
}

/** Exponential moving averages, bias-corrected as Adam's moments are. */
function smooth(losses: readonly number[]): readonly number[] {
  let [average, weight] = [0, 1];
  return losses.map((loss) => {
    average = BETA * average + (1 - BETA) * loss;
    weight *= BETA;
    return average / (1 - weight);
  });
}

/** The points and the suggestion of a sweep, from its losses and the learning rate of each step. */
export function evaluateSweep(losses: readonly number[], rateAt: (step: number) => number): LearningRateSweep {
  const smoothed = smooth(losses);
  const points = losses.map(
    (loss, step): SweepPoint => ({ learningRate: rateAt(step), loss, smoothedLoss: smoothed[step]! }),
  );
  const judged = points.slice(Math.min(FIRST, points.length - 1));
  const { learningRate: lowest } = judged.reduce((a, b) => (b.smoothedLoss < a.smoothedLoss ? b : a));
  return { points, suggestion: lowest / 10, lowest };
}
