/** The most that the times of earlier calls count in relation to those of the last one; calls take about 0.1 s. */
const MOST_KEPT = 0.98;

/**
 * Estimates how long the rest of a training takes, from the speed of its last seconds: the first steps are slower, until
 * code and caches have warmed up, and the load of the machine changes.
 */
export class TimeLeft {
  #calls = 0;
  /** Sums over the calls so far, in which earlier calls count less. */
  #steps = 0;
  #seconds = 0;
  /** Seconds per image in the last evaluation. */
  #imageSeconds = 0;

  /** Records how long some steps took. */
  trained(steps: number, seconds: number): void {
    const kept = Math.min(MOST_KEPT, this.#calls / (this.#calls + 10));
    this.#calls++;
    this.#steps = kept * this.#steps + steps;
    this.#seconds = kept * this.#seconds + seconds;
  }

  /** Records how long an evaluation took. */
  evaluated(images: number, seconds: number): void {
    if (images > 0) this.#imageSeconds = seconds / images;
  }

  /** Seconds for a number of steps, of which at least one was recorded, and for evaluating a number of images. */
  secondsFor(steps: number, images: number): number {
    return (steps * this.#seconds) / this.#steps + images * this.#imageSeconds;
  }
}
