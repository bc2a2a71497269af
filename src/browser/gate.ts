/** Lets the training go on, or stops it between two events. */
export class Gate {
  /** The number of events that may pass. */
  #open = Number.POSITIVE_INFINITY;
  #ahead = 0;
  #changed: () => void = () => {};
  readonly #most: number;

  /** `most`: how many events may be sent that are not taken yet. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  /** Waits until the next event may be computed. */
  async pass(): Promise<void> {
    while (this.#open <= 0 || this.#ahead >= this.#most)
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
  }

  /** Counts an event that is sent; a step is over once its progress is. */
  sent(isProgress: boolean): void {
    this.#ahead++;
    if (isProgress) this.#open--;
  }

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
