/** The offsets of the counters: on separate cache lines, since all threads write them. */
const LINE = 16;
const [NEXT, ARRIVED, GENERATION, SLEEPING, STOPPED, MESSAGE_BYTES, PRESENT, SLEPT] = [0, 1, 2, 3, 4, 5, 6, 7].map(
  (k) => k * LINE,
) as [number, number, number, number, number, number, number, number];
const WORDS = 8 * LINE;
const MOST_MESSAGE_BYTES = 1024;

/** The values of STOPPED. A thread that fails writes its reason before others may read it. */
const [RUNNING, FAILING, FAILED] = [0, 1, 2] as [number, number, number];

/** How often a waiting thread polls before it sleeps: about 0.1 ms, longer than threads normally wait. */
const SPINS = 50_000;
/** With more threads than processors, a waiting thread should yield to others sooner. */
const SPINS_IF_CROWDED = 50;

/**
 * How threads share the parts of a phase and wait for one another: a few counters in shared memory.
 *
 * A waiting thread spins for a bounded time, and then sleeps until it is woken, so that having more threads than
 * processors costs time but never stalls.
 */
export class Synchronization {
  readonly buffer: SharedArrayBuffer;
  readonly crowded: boolean;
  readonly #words: Int32Array;
  readonly #message: Uint8Array;

  /** Uses the buffer of another thread's instance, or a new one. `crowded` means more threads than processors. */
  constructor(crowded: boolean, buffer = new SharedArrayBuffer(4 * WORDS + MOST_MESSAGE_BYTES)) {
    this.buffer = buffer;
    this.crowded = crowded;
    this.#words = new Int32Array(buffer, 0, WORDS);
    this.#message = new Uint8Array(buffer, 4 * WORDS);
  }

  /** Sets how many threads take part from now on; only while none runs. */
  gather(threads: number): void {
    Atomics.store(this.#words, PRESENT, threads);
  }

  /** How often threads have waited long enough to sleep, since the last call. */
  takeSleeps(): number {
    return Atomics.exchange(this.#words, SLEPT, 0);
  }

  /** Takes the next part of the phase: 0, 1, … */
  next(): number {
    return Atomics.add(this.#words, NEXT, 1);
  }

  /** Waits until all threads have arrived. Returns false if one of them has failed. */
  arrive(): boolean {
    const words = this.#words;
    const generation = Atomics.load(words, GENERATION);
    if (this.#hasFailed) return false;
    if (Atomics.add(words, ARRIVED, 1) === Atomics.load(words, PRESENT) - 1) {
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
    Atomics.add(words, SLEPT, 1);
    Atomics.add(words, SLEEPING, 1);
    while (Atomics.load(words, GENERATION) === generation) Atomics.wait(words, GENERATION, generation);
    Atomics.sub(words, SLEEPING, 1);
  }

  /** Stops all threads at their next `arrive`. Only the first reason is kept. */
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

  /** Why a thread failed; undefined if none has. */
  get reason(): string | undefined {
    if (!this.#hasFailed) return undefined;
    return new TextDecoder().decode(this.#message.slice(0, Atomics.load(this.#words, MESSAGE_BYTES)));
  }
}
