import * as v from "valibot";
import { count, finite, parseConfig, positive } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { power } from "../base/math.ts";
import type { Dataset } from "../datasets/index.ts";
import type { Model } from "../model/index.ts";
import { exponentialDecay, type OptimizerConfig, sgd } from "../optimizers/index.ts";
import { Monitor } from "./monitor.ts";
import { resolveOptions, type TrainOptions } from "./options.ts";
import { setUp } from "./setup.ts";
import { Stepper } from "./stepper.ts";

/** One step of the sweep. */
export interface SweepPoint {
  readonly learningRate: number;
  /** Of the step's batch, before its update, in nats. */
  readonly loss: number;
  /** The moving average of the losses up to here. */
  readonly smoothedLoss: number;
}

/** Losses by learning rate, and the rate that they suggest. */
export interface LearningRateSweep {
  readonly points: readonly SweepPoint[];
  /** A tenth of `lowest`: a learning rate to start from. */
  readonly suggestion: number;
  /** Where the smoothed loss is the smallest: beyond it training diverges, so it is the most that a cycle may reach. */
  readonly lowest: number;
}

/** How a sweep goes. */
export interface SweepOptions
  extends Pick<TrainOptions, "batchSize" | "seed" | "split" | "initFrom" | "backend" | "threads" | "signal"> {
  /** What to train with; its schedule is replaced by the sweep: plain SGD. */
  readonly optimizer?: OptimizerConfig;
  /** Steps from the first learning rate to the last: 200. */
  readonly steps?: number;
  /** The first learning rate: 1e-5. */
  readonly from?: number;
  /** The last learning rate, unless the loss grows too large before: 10. */
  readonly to?: number;
}

const schema = v.object({
  steps: v.optional(v.pipe(count, v.minValue(20, "at least 20 steps")), 200),
  from: v.optional(positive, 1e-5),
  to: v.optional(v.pipe(positive, finite), 10),
});

/** The weight of the past in the smoothed loss. More would hide where training begins to diverge. */
const BETA = 0.9;
/** A smoothed loss of so many times the smallest ends the sweep. */
const DIVERGED = 3;

/**
 * Finds a learning rate: trains with one that grows from step to step by the same factor, until the loss explodes.
 *
 *   learningRate(step) = from · (to / from)^(step / (steps − 1)),   smoothed = Σ_i β^(step − i)·loss_i / Σ_i β^(step − i), β = 0.9
 *
 * The suggestion is a tenth of the learning rate with the smallest smoothed loss, as fastai's `minimum`; where the
 * loss falls fastest means little, since a network whose first loss is above that of a guess falls fastest at
 * rates far too small. The same model, data, options and seed give the same sweep; its weights are thrown away. Source:
 * Smith, "Cyclical learning rates for training neural networks", WACV 2017 (arXiv 2015), section 3.3.
 * Throws `NOT_FINITE` where not even the first steps can be made.
 */
export async function findLearningRate(
  model: Model,
  dataset: Dataset,
  { steps, from, to, optimizer = sgd(1), signal, ...options }: SweepOptions = {},
): Promise<LearningRateSweep> {
  const sweep = parseConfig(schema, { steps, from, to }, "findLearningRate");
  if (sweep.from >= sweep.to)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `findLearningRate: from is ${sweep.from}, expected less than to, which is ${sweep.to}`,
    );
  const growing = exponentialDecay(sweep.from, sweep.steps - 1, sweep.to / sweep.from, { staircase: false });
  const resolved = resolveOptions({
    ...options,
    steps: sweep.steps,
    optimizer: { ...optimizer, learningRate: growing },
  });
  const setup = await setUp(model, dataset, resolved, options);
  const stepper = new Stepper(setup, resolved, new Monitor(resolved));
  const losses: number[] = [];
  for (let smallest = Number.POSITIVE_INFINITY; losses.length < sweep.steps; ) {
    if (signal?.aborted) throw new InklingError("ABORTED", "the sweep was stopped", { cause: signal.reason });
    if (!(await advanceOne(stepper))) break;
    losses.push(stepper.loss);
    const smoothed = smooth(losses).at(-1)!;
    if (losses.length > FIRST && smoothed > DIVERGED * smallest) break;
    smallest = Math.min(smallest, smoothed);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return evaluateSweep(losses, (step) => sweep.from * power(sweep.to / sweep.from, step / (sweep.steps - 1)));
}

/** Steps whose smoothed loss rests on too few to be judged. */
const FIRST = 5;

/** Makes one step; returns whether its numbers are finite. Throws `NOT_FINITE` where there are too few steps to tell anything. */
async function advanceOne(stepper: Stepper): Promise<boolean> {
  try {
    await stepper.advance(1);
    return true;
  } catch (error) {
    const diverged = error instanceof InklingError && error.code === "NOT_FINITE";
    if (diverged && stepper.step > 2 * FIRST) return false;
    throw error;
  }
}

/** Moving averages, corrected for their start at 0 as Adam's moments are. */
function smooth(losses: readonly number[]): readonly number[] {
  let [average, weight] = [0, 1];
  return losses.map((loss) => {
    average = BETA * average + (1 - BETA) * loss;
    weight *= BETA;
    return average / (1 - weight);
  });
}

/** Points and suggestion from the losses of a sweep. */
export function evaluateSweep(losses: readonly number[], rateAt: (step: number) => number): LearningRateSweep {
  const smoothed = smooth(losses);
  const points = losses.map(
    (loss, step): SweepPoint => ({ learningRate: rateAt(step), loss, smoothedLoss: smoothed[step]! }),
  );
  const judged = points.slice(Math.min(FIRST, points.length - 1));
  const { learningRate: lowest } = judged.reduce((a, b) => (b.smoothedLoss < a.smoothedLoss ? b : a));
  return { points, suggestion: lowest / 10, lowest };
}
