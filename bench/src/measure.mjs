/** Images a second of calls that go on until some seconds have passed; a call gives its number of images. */
async function rateOf(/** @type {() => Promise<number>} */ call, /** @type {number} */ seconds) {
  const started = performance.now();
  let images = 0;
  for (;;) {
    images += await call();
    const elapsed = (performance.now() - started) / 1000;
    if (elapsed >= seconds) return images / elapsed;
  }
}

/**
 * The rates of several contenders in each round, in images a second. They take turns, so that what else the
 * machine does meets all of them; the first round warms up and does not count.
 *
 * @param {readonly (() => Promise<number>)[]} calls
 * @param {{ readonly rounds: number, readonly seconds: number }} options Seconds of a turn, at least one call.
 */
export async function takeTurns(calls, { rounds, seconds }) {
  for (const call of calls) await rateOf(call, seconds);
  /** @type {number[][]} */
  const rates = calls.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [k, call] of calls.entries()) rates[k].push(await rateOf(call, seconds));
  return rates;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * How many times as fast the first contender is as another: the median of the rounds' ratios, since in one
 * round both meet much the same machine.
 *
 * @param {readonly number[]} first
 * @param {readonly number[]} other
 */
export const speedup = (first, other) => median(first.map((rate, round) => rate / other[round]));
