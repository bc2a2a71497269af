/** The shares of a budget after which the number of steps is corrected. */
const SHARES = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8, 15 / 16];
/** The share of the remaining time that is planned for, since speed varies. */
const PLANNED = 0.98;
/** A plan that is off by less than this share of the remaining steps is kept. */
const TOLERATED = 0.1;

/** How fast a training with a time budget goes, and how many steps it has time for. */
export class Pace {
  readonly #started: number;
  /** In seconds. */
  readonly #budget: number;
  /** When the speed was last looked at, in ms, and the steps done then. */
  #mark: { readonly at: number; readonly step: number };
  #next = 0;

  /** `started`: when the budget began, in ms as by `performance.now()`; `step`: the steps done so far. */
  constructor(started: number, budget: number, step: number) {
    this.#started = started;
    this.#budget = budget;
    this.#mark = { at: performance.now(), step };
  }

  /**
   * How many steps, in all, end within the budget, if it is time to look and the plan is wrong; otherwise undefined. The
   * speed is that since the last look, with validations and checkpoints; `after` seconds are needed after the last step.
   */
  stepsWithin(step: number, planned: number, after: number): number | undefined {
    const now = performance.now();
    const passed = (now - this.#started) / 1000;
    if (
      passed < (SHARES[this.#next] ?? Number.POSITIVE_INFINITY) * this.#budget ||
      step === this.#mark.step ||
      step >= planned
    )
      return undefined;
    while (passed >= (SHARES[this.#next] ?? Number.POSITIVE_INFINITY) * this.#budget) this.#next++;
    const each = (now - this.#mark.at) / 1000 / (step - this.#mark.step);
    this.#mark = { at: now, step };
    const left = PLANNED * (this.#budget - passed - after);
    const fitting = Math.max(step + 1, step + Math.floor(left / each));
    return Math.abs(fitting - planned) > TOLERATED * (planned - step) ? fitting : undefined;
  }
}
