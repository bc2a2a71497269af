/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * How many times as fast one is as another: the median of the rounds' ratios, since in one round both meet much the
 * same machine.
 *
 * @param {readonly number[]} first
 * @param {readonly number[]} other
 */
export const speedup = (first, other) => median(first.map((rate, round) => rate / other[round]));

/** Threads of a pool that has just worked keep spinning for about this long. */
const SETTLE_MILLISECONDS = 150;
const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS));

/** @typedef {(steps: number) => Promise<{ readonly steps: number, readonly seconds: number }>} Run */

/**
 * The steps a second of several contenders, in each round. They take turns, one at a time, so that what else the
 * machine does meets all of them. Each is warmed up before, until its turn has the length asked for.
 *
 * @param {readonly Run[]} runs
 * @param {{ readonly rounds: number, readonly seconds: number }} options Seconds of a turn, at least one step.
 */
export async function takeTurns(runs, { rounds, seconds }) {
  /** @type {number[]} */
  const steps = [];
  for (const run of runs) steps.push(await stepsOfTurn(run, seconds));
  /** @type {number[][]} */
  const rates = runs.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [k, run] of runs.entries()) {
      await settle();
      const done = await run(steps[k]);
      rates[k].push(done.steps / done.seconds);
    }
  return rates;
}

/** @param {Run} run @param {number} seconds */
async function stepsOfTurn(run, seconds) {
  for (let steps = 1; ; ) {
    const done = await run(steps);
    const wanted = Math.max(1, Math.round((done.steps * seconds) / done.seconds));
    if (done.seconds >= seconds / 2 || wanted <= steps) return wanted;
    steps = Math.min(wanted, 8 * done.steps);
  }
}
