/** The offset of each number: cache lines apart, since all threads write them. */
const LINE = 16;
const [NEXT, ARRIVED, GENERATION, SLEEPING, STOPPED, MESSAGE_BYTES] = [0, 1, 2, 3, 4, 5].map((k) => k * LINE) as [
  number,
  number,
  number,
  number,
  number,
  number,
];
const WORDS = 6 * LINE;
const MOST_MESSAGE_BYTES = 1024;

/** The values of STOPPED: a thread that fails writes its reason before the others may read it. */
const [RUNNING, FAILING, FAILED] = [0, 1, 2] as [number, number, number];

/** How often a thread reads a number before it sleeps: some 0.1 ms, longer than threads wait for one another. */
const SPINS = 50_000;
/** With more threads than processors, a thread that waits should let another run. */
const SPINS_IF_CROWDED = 50;

/**
 * How threads share the parts of a phase and wait for one another: a few numbers in shared memory.
 *
 * A thread that waits looks at a number for a bounded time, and then sleeps until it is woken, so that more threads
 * than processors cost time but never stall.
 */
export class Synchronization {
  readonly buffer: SharedArrayBuffer;
  readonly threads: number;
  readonly crowded: boolean;
  readonly #words: Int32Array;
  readonly #message: Uint8Array;

  /** Over the buffer of another thread's, or a new one. `crowded`: there are more threads than processors. */
  constructor(threads: number, crowded: boolean, buffer = new SharedArrayBuffer(4 * WORDS + MOST_MESSAGE_BYTES)) {
    this.buffer = buffer;
    this.threads = threads;
    this.crowded = crowded;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#message = new Uint8Array(buffer, 4 * WORDS);
  }

  /** The number of the next part that no thread has taken: 0, 1, … */
  next(): number {
    return Atomics.add(this.#words, NEXT, 1);
  }

  /** Waits until all threads are here; false if one of them has failed. */
  arrive(): boolean {
    const words = this.#words;
    const generation = Atomics.load(words, GENERATION);
    if (this.#hasFailed) return false;
    if (Atomics.add(words, ARRIVED, 1) === this.threads - 1) {
      Atomics.store(words, ARRIVED, 0);
      Atomics.store(words, NEXT, 0);
      this.#release();
    } else this.#waitFor(generation);
    return !this.#hasFailed;
  }

  #release(): void {
    Atomics.add(this.#words, GENERATION, 1);
    if (Atomics.load(this.#words, SLEEPING) > 0) Atomics.notify(this.#words, GENERATION);
  }

  #waitFor(generation: number): void {
    const words = this.#words;
    const spins = this.crowded ? SPINS_IF_CROWDED : SPINS;
    for (let k = 0; k < spins; k++) if (Atomics.load(words, GENERATION) !== generation) return;
    Atomics.add(words, SLEEPING, 1);
    while (Atomics.load(words, GENERATION) === generation) Atomics.wait(words, GENERATION, generation);
    Atomics.sub(words, SLEEPING, 1);
  }

  /** Ends the work of all threads, at their next `arrive`. The first one's reason is kept. */
  fail(reason: string): void {
    const bytes = new TextEncoder().encode(reason).subarray(0, MOST_MESSAGE_BYTES);
    if (Atomics.compareExchange(this.#words, STOPPED, RUNNING, FAILING) !== RUNNING) return;
    this.#message.set(bytes);
    Atomics.store(this.#words, MESSAGE_BYTES, bytes.length);
    Atomics.store(this.#words, STOPPED, FAILED);
    this.#release();
  }

  get #hasFailed(): boolean {
    return Atomics.load(this.#words, STOPPED) === FAILED;
  }

  /** Why a thread failed; nothing where none has. */
  get reason(): string | undefined {
    if (!this.#hasFailed) return undefined;
    return new TextDecoder().decode(this.#message.slice(0, Atomics.load(this.#words, MESSAGE_BYTES)));
  }
}
