/** The shares of the time after the first call at which the number of steps is corrected. */
const SHARES = [1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 15 / 16];
/** The share of that time in which code and caches warm up; the speed is measured from then on. */
const WARM_UP = 1 / 16;
/** The share of the remaining time that is planned for, since speed varies. */
const PLANNED = 0.98;
/** A plan that is off by less than this share of the remaining steps is kept. */
const TOLERATED = 0.1;
/** How much the speed measured earlier counts at the next look, in relation to the latest. */
const KEPT = 0.5;

/** A point in a training: a time in ms as by `performance.now()`, and the steps done then. */
interface Mark {
  readonly at: number;
  readonly step: number;
}

/** How fast a training with a time budget goes, and how many steps it has time for. */
export class Pace {
  /** When the budget ends, in ms as by `performance.now()`. */
  readonly #end: number;
  /** The end of the first call, which takes longer than the others. */
  #first: Mark | undefined;
  /** From where the speed is measured. */
  #mark: Mark | undefined;
  /** Sums of what was measured, in which earlier looks count less. */
  #steps = 0;
  #seconds = 0;
  #next = 0;

  /** `started`: when the budget began, in ms as by `performance.now()`; `budget`: in seconds. */
  constructor(started: number, budget: number) {
    this.#end = started + 1000 * budget;
  }

  /** The seconds left of the budget; 0 if it is used up. */
  get secondsLeft(): number {
    return Math.max(0, (this.#end - performance.now()) / 1000);
  }

  /**
   * How many steps, in all, end within the budget, if it is time to look and the plan is wrong; otherwise undefined. Called
   * after each call of the compiled program. The speed includes validations and checkpoints, but not the first call and the
   * warm-up after it; `after` seconds are needed after the last step.
   */
  stepsWithin(step: number, planned: number, after: number): number | undefined {
    const here = { at: performance.now(), step };
    this.#first ??= here;
    this.#mark ??= here;
    const passed = (here.at - this.#first.at) / (this.#end - this.#first.at);
    if (passed < WARM_UP) this.#mark = here;
    const isDue = this.#end <= here.at || passed >= (SHARES[this.#next] ?? Number.POSITIVE_INFINITY);
    if (!isDue || step >= planned) return undefined;
    while (passed >= (SHARES[this.#next] ?? Number.POSITIVE_INFINITY)) this.#next++;
    const left = PLANNED * (this.secondsLeft - after);
    const fitting = step + (left > 0 ? Math.max(1, Math.floor(left / this.#secondsPerStep(here))) : 1);
    return Math.abs(fitting - planned) > TOLERATED * (planned - step) ? fitting : undefined;
  }

  /** Seconds per step, measured up to here. */
  #secondsPerStep(here: Mark): number {
    const { at, step } = this.#mark!;
    this.#steps = KEPT * this.#steps + here.step - step;
    this.#seconds = KEPT * this.#seconds + (here.at - at) / 1000;
    this.#mark = here;
    return this.#seconds / this.#steps;
  }
}
