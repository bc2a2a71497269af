import { InklingError } from "../base/error.ts";
import type { AnyDataset } from "../datasets/index.ts";
import { evaluateRows } from "../engine/session.ts";
import type { Model } from "../model/index.ts";
import { Monitor } from "./monitor.ts";
import { resolveOptions, type TrainOptions } from "./options.ts";
import { type Setup, setUp } from "./setup.ts";
import { Stepper } from "./stepper.ts";
import type { TrainingData } from "./trainingData.ts";

/** The share of a budget that is measured for, and the most and the fewest seconds. */
const SHARE = 0.04;
const [FEWEST, MOST] = [0.3, 3];
/** The share of what is left that is planned for, since rates vary. */
const PLANNED = 0.95;

/** How many steps a training can make in some time, and what they cost here. */
export interface BudgetFit {
  readonly steps: number;
  /** Seconds of one step, and of one validation. */
  readonly stepSeconds: number;
  readonly validationSeconds: number;
  /** Seconds that the measuring took; they are part of the budget. */
  readonly seconds: number;
}

/**
 * Measures how fast a model trains here, and fits the number of steps to a budget of seconds from now: with its start,
 * all validations and the test. What is trained for this is thrown away. The steps then fix the weights, and the time
 * that they take does not. Throws `INVALID_ARGUMENT` where the budget is too short for a step.
 */
export async function fitSteps(
  model: Model,
  data: AnyDataset | TrainingData,
  budget: number,
  options: Omit<TrainOptions, "steps" | "resume"> = {},
): Promise<BudgetFit> {
  const started = performance.now();
  const passed = () => (performance.now() - started) / 1000;
  const resolved = { ...resolveOptions(options), steps: Number.MAX_SAFE_INTEGER };
  const setup = await setUp(model, data, resolved, options);
  const setupSeconds = passed();
  const stepSeconds = await measureSteps(setup, Math.min(MOST, Math.max(FEWEST, SHARE * budget)));
  const imageSeconds = await measureEvaluation(setup);
  const { validation, test } = setup.division.split;
  const validationSeconds = imageSeconds * validation.length;
  // The last weights and the best are both tested.
  const end = validationSeconds + 2 * imageSeconds * test.length;
  const each = stepSeconds + (resolved.validateEvery > 0 ? validationSeconds / resolved.validateEvery : 0);
  const seconds = passed();
  const steps = Math.floor((PLANNED * (budget - seconds - setupSeconds - end)) / each);
  if (steps >= 1) return { steps, stepSeconds, validationSeconds, seconds };
  const least = Math.ceil((seconds + setupSeconds + end + each) / PLANNED);
  throw new InklingError(
    "INVALID_ARGUMENT",
    `budget: ${budget} seconds is too short for a single step with startup, validation and test; allow at least ${least}`,
  );
}

/** Seconds of a step, by the second half of the time: code that runs for the first time is slower. */
async function measureSteps(setup: Setup, seconds: number): Promise<number> {
  const { options } = setup;
  const stepper = new Stepper(setup, { ...options, validateEvery: 0 }, new Monitor(options));
  const marks = [{ at: performance.now(), step: 0 }];
  do {
    await stepper.advance();
    marks.push({ at: performance.now(), step: stepper.step });
  } while (marks.at(-1)!.at - marks[0]!.at < 1000 * seconds);
  const last = marks.at(-1)!;
  const half = marks.findLast(({ at }) => at <= (marks[0]!.at + last.at) / 2)!;
  return (last.at - half.at) / 1000 / (last.step - half.step);
}

/** Seconds of an image in validation or test; some batches, after one that is not counted. */
async function measureEvaluation({ engine, evaluate, data }: Setup): Promise<number> {
  const { batch } = evaluate.spec;
  const rows = new Uint32Array(4 * batch);
  await evaluateRows(engine, evaluate, data, rows.subarray(0, batch));
  const started = performance.now();
  await evaluateRows(engine, evaluate, data, rows);
  return (performance.now() - started) / 1000 / rows.length;
}
