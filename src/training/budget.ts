import { InklingError, message, optionRef } from "../base/error.ts";
import type { AnyDataset } from "../datasets/index.ts";
import { evaluateRows } from "../engine/session.ts";
import type { Model } from "../model/index.ts";
import { Monitor } from "./monitor.ts";
import { resolveOptions, type TrainOptions } from "./options.ts";
import { usualValidations } from "./settings.ts";
import { type Setup, withSetup } from "./setup.ts";
import { Stepper } from "./stepper.ts";
import type { TrainingData } from "./trainingData.ts";

/** The fraction of a budget spent on measuring, and its minimum and maximum in seconds. */
const SHARE = 0.04;
const [FEWEST, MOST] = [0.3, 3];
/** The fraction of the remaining time that is planned for: speed varies. */
const PLANNED = 0.95;
/** The fraction of a budget from which a setup is long, and is measured again. */
const LONG = 0.02;

/** How many steps fit a time budget, and how long they take on this machine. */
export interface BudgetFit {
  readonly steps: number;
  /** Seconds per step, and per validation. */
  readonly stepSeconds: number;
  readonly validationSeconds: number;
  /** Seconds spent on measuring, which count toward the budget. */
  readonly seconds: number;
}

/**
 * Measures how fast a model trains on this machine, and chooses the number of steps so that startup, training, all
 * validations and the test finish within `budget` seconds from now. The weights trained while measuring are discarded;
 * those of the real training depend on the number of steps, not on the time they take. Throws `INVALID_ARGUMENT` if the
 * budget is too short for one step, and otherwise as `train` does.
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
  const measure = async (setup: Setup) => ({
    setupSeconds: passed(),
    stepSeconds: await measureSteps(setup, Math.min(MOST, Math.max(FEWEST, SHARE * budget))),
    imageSeconds: await measureEvaluation(setup),
    split: setup.division.split,
  });
  const { stepSeconds, imageSeconds, split, ...first } = await withSetup(measure, model, data, resolved, options);
  // A setup that compiles takes much longer than the next one, which finds its code in the cache.
  const began = passed();
  const setupSeconds =
    first.setupSeconds > LONG * budget
      ? await withSetup(async () => passed() - began, model, data, resolved, options)
      : first.setupSeconds;
  const { validation, test } = split;
  const validationSeconds = imageSeconds * validation.length;
  // The last weights and the best are both tested.
  const end = validationSeconds + 2 * imageSeconds * test.length;
  const every = options.validateEvery ?? usualValidations.every;
  const each = stepSeconds + (every > 0 ? validationSeconds / every : 0);
  const seconds = passed();
  const left = PLANNED * (budget - seconds - setupSeconds - end);
  const steps = Math.floor(
    options.validateEvery === undefined && left / each > usualValidations.every * usualValidations.most
      ? (left - usualValidations.most * validationSeconds) / stepSeconds
      : left / each,
  );
  if (steps >= 1) return { steps, stepSeconds, validationSeconds, seconds };
  const least = Math.ceil((seconds + setupSeconds + end + each) / PLANNED);
  throw new InklingError(
    "INVALID_ARGUMENT",
    message`${optionRef("budget")}: ${budget} seconds is too short for a single step with startup, validation and test; allow at least ${least}`,
  );
}

/** Seconds per step, from the second half of the measurement: the first steps are slower, until code has warmed up. */
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

/** Seconds per image in validation or test, from four batches after a warm-up batch. */
async function measureEvaluation({ engine, evaluate, data }: Setup): Promise<number> {
  const { batch } = evaluate.spec;
  const rows = new Uint32Array(4 * batch);
  await evaluateRows(engine, evaluate, data, rows.subarray(0, batch));
  const started = performance.now();
  await evaluateRows(engine, evaluate, data, rows);
  return (performance.now() - started) / 1000 / rows.length;
}
