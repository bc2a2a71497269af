/** Who wants less motion gets the latest now and then. */
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");
const CALM_MILLISECONDS = 500;

/** Milliseconds from one frame to the next, at most, however long a frame takes. */
const LONGEST = 250;

/** Draws with the browser's frames, and less often where a frame takes long. */
export class Frames {
  readonly #draw: () => void;
  /** Runs after the frame that has been drawn. */
  readonly #after = new MessageChannel();
  #began = 0;
  #ended = 0;
  /** Milliseconds that the last frame took, with its layout and painting. */
  #cost = 0;
  #timer = 0;
  #frame = 0;

  constructor(draw: () => void) {
    this.#draw = draw;
    this.#after.port1.onmessage = () => {
      this.#ended = performance.now();
      this.#cost = this.#ended - this.#began;
    };
  }

  /** Draws soon, unless that was requested before: so late that drawing takes the given part of the time. */
  request(share: number): void {
    if (this.#timer || this.#frame) return;
    const pause = Math.min(LONGEST, this.#cost * (1 / share - 1));
    const wait = isCalm.matches ? CALM_MILLISECONDS : this.#ended + pause - performance.now();
    if (wait <= 0) this.#requestFrame();
    else this.#timer = window.setTimeout(() => this.#requestFrame(), wait);
  }

  #requestFrame(): void {
    this.#timer = 0;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#began = performance.now();
      this.#draw();
      this.#after.port2.postMessage(undefined);
    });
  }
}
