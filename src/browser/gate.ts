import type { TrainEvent } from "../training/index.ts";

/** Lets the training go on, or stops it between two events. */
export class Gate {
  /** The number of events that may pass. */
  #open = Number.POSITIVE_INFINITY;
  #ahead = 0;
  #changed: () => void = () => {};
  readonly #most: number;

  /** `most`: how many events may be computed that are not taken yet. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** The events of a training, each computed as soon as it may be; a step is over once its progress is. */
  async *events(run: AsyncIterable<TrainEvent>): AsyncGenerator<TrainEvent, void> {
    const events = run[Symbol.asyncIterator]();
    for (;;) {
      await this.#pass();
      const { done, value } = await events.next();
      if (done) return;
      this.#ahead++;
      if (value.type === "progress") this.#open--;
      yield value;
    }
  }

  async #pass(): Promise<void> {
    while (this.#open <= 0 || this.#ahead >= this.#most)
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
  }

  /** Counts an event as taken. */
  taken(): void {
    this.#ahead--;
    this.#changed();
  }

  /** Whether more than single steps may pass. */
  get isOpen(): boolean {
    return this.#open > 1;
  }

  /** How many more reports of progress may pass. */
  set open(count: number) {
    this.#open = count;
    this.#changed();
  }
}
