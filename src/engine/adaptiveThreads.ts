/** Calls that a number of threads is judged by, with the median of their times. */
const CALLS = 3;
/** Another number of threads has to save this share of the time. */
const GAIN = 0.1;
/** Seconds to the first trial, between trials after a change, and at most. */
const [FIRST, SHORTEST, LONGEST] = [0.3, 2, 60];

/**
 * Chooses how many threads run a program. On a busy machine several can be slower than one, because all wait for the one
 * whose processor is taken by another program. So when threads have waited long for one another, half as many are tried for
 * a few calls, and kept if they are faster; later, when the machine may be free again, twice as many. The order of sums
 * does not depend on the number of threads, and neither do results.
 */
export class AdaptiveThreads {
  readonly #most: number;
  #threads: number;
  #trial: number | undefined;
  /** Seconds per step of the last calls, of the usual number of threads and of the trial. */
  #usual: number[] = [];
  #tried: number[] = [];
  #wait = SHORTEST;
  #nextTrial = performance.now() + 1000 * FIRST;

  constructor(most: number) {
    this.#most = most;
    this.#threads = most;
  }

  /** The number of threads that is in use, apart from trials. */
  get threads(): number {
    return this.#threads;
  }

  /** The number of threads for the next call. */
  get next(): number {
    return this.#trial ?? this.#threads;
  }

  /** Records the seconds per step of a call on `next` threads, and whether they waited long for one another. */
  record(seconds: number, haveWaited: boolean): void {
    const now = performance.now();
    if (this.#trial === undefined) {
      this.#usual = [...this.#usual, seconds].slice(-CALLS);
      if (this.#usual.length < CALLS || now < this.#nextTrial) return;
      if (haveWaited && this.#threads > 1) this.#trial = Math.ceil(this.#threads / 2);
      else if (this.#threads < this.#most) this.#trial = Math.min(this.#most, 2 * this.#threads);
      return;
    }
    this.#tried.push(seconds);
    if (this.#tried.length < CALLS) return;
    const isFaster = median(this.#tried) < (1 - GAIN) * median(this.#usual);
    if (isFaster) this.#threads = this.#trial;
    this.#usual = isFaster ? this.#tried : this.#usual;
    this.#wait = isFaster ? SHORTEST : Math.min(LONGEST, 2 * this.#wait);
    [this.#trial, this.#tried, this.#nextTrial] = [undefined, [], now + 1000 * this.#wait];
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
