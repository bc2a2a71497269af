import type { Backend, Code } from "../backends/backend.ts";
import { InklingError } from "../base/error.ts";
import type { Compiled } from "../compiler/compile.ts";
import { AdaptiveThreads } from "./adaptiveThreads.ts";
import { callsOf, Steps } from "./steps.ts";
import { Synchronization } from "./synchronization.ts";
import { acquireThreads, mayWait, processors, releaseThreads, type Thread } from "./threads.ts";
import type { Assignment } from "./worker.ts";

/** Runs the steps of an engine's programs. */
export interface Runner {
  run(program: string, steps: number): Promise<void>;
  /** Frees the code, and gives back the threads. */
  close(): void;
  /** The number of threads that run a program at present. */
  threads(program: string): number;
}

/** What a runner needs. */
export interface Parts {
  readonly backend: Backend;
  readonly code: Code;
  readonly compiled: Compiled;
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
}

/** A runner on `threads` threads, which include the caller's unless that may not block. */
export const startRunner = (parts: Parts): Promise<Runner> =>
  parts.threads === 1 ? singleThreadRunner(parts) : ThreadedRunner.start(parts);

async function loadSteps({ backend, code, compiled, memory }: Parts): Promise<ReadonlyMap<string, Steps>> {
  const kernels = await backend.load(code, memory);
  return new Map([...compiled.programs].map(([name, program]) => [name, new Steps(callsOf(program), kernels, 0)]));
}

async function singleThreadRunner(parts: Parts): Promise<Runner> {
  const programs = await loadSteps(parts);
  return {
    async run(program, steps) {
      programs.get(program)!.runAlone(steps);
    },
    close() {},
    threads: () => 1,
  };
}

let engines = 0;
/** Closes runners that were not closed, once they are garbage-collected. */
const forgotten = new FinalizationRegistry<() => void>((close) => close());

/** Sleeps in a step, on average, from which threads have waited long for one another. */
const MANY_SLEEPS = 1;

const notStarted = (reason: string, cause?: unknown): InklingError =>
  new InklingError("UNSUPPORTED", `a thread could not be started: ${reason}; try a single thread (--threads 1)`, {
    cause,
  });

/** So many threads besides the caller's. Throws `UNSUPPORTED` where the machine does not start them. */
function threadsFor(count: number): readonly Thread[] {
  try {
    return acquireThreads(count);
  } catch (cause) {
    throw notStarted((cause as Error).message, cause);
  }
}

/**
 * Shares each phase with other threads, as many as are fastest at present. The calling thread works too, unless it may not
 * block, such as the main thread of a page, which is sent a message when the others are done.
 */
class ThreadedRunner implements Runner {
  readonly #engine: number;
  readonly #threads: readonly Thread[];
  readonly #own: ReadonlyMap<string, Steps> | undefined;
  readonly #synchronization: Synchronization;
  readonly #release: () => void;
  readonly #adaptive: ReadonlyMap<string, AdaptiveThreads>;

  private constructor(
    engine: number,
    threads: readonly Thread[],
    own: ReadonlyMap<string, Steps> | undefined,
    synchronization: Synchronization,
    release: () => void,
    adaptive: ReadonlyMap<string, AdaptiveThreads>,
  ) {
    this.#engine = engine;
    this.#threads = threads;
    this.#own = own;
    this.#synchronization = synchronization;
    this.#release = release;
    this.#adaptive = adaptive;
    forgotten.register(this, release, this);
  }

  close(): void {
    forgotten.unregister(this);
    this.#release();
  }

  static async start(parts: Parts): Promise<ThreadedRunner> {
    const { backend, code, compiled, memory, threads } = parts;
    const engine = engines++;
    const first = mayWait() ? 1 : 0;
    const others = threadsFor(threads - first);
    const bytes = memory.buffer.byteLength;
    const release = () => {
      for (const thread of others) void thread.send({ type: "forget", engine });
      releaseThreads(others, bytes);
    };
    const synchronization = new Synchronization(threads > processors());
    const shared: Omit<Assignment, "arena"> = {
      engine,
      backend: backend.name,
      code,
      memory,
      programs: new Map([...compiled.programs].map(([name, program]) => [name, callsOf(program)])),
      crowded: synchronization.crowded,
      synchronization: synchronization.buffer,
    };
    const arenaWords = compiled.layout.arenaBytes / Uint32Array.BYTES_PER_ELEMENT;
    const loading = others.map((thread, k) =>
      thread.send({ type: "load", ...shared, arena: (first + k) * arenaWords }),
    );
    let own: ReadonlyMap<string, Steps> | undefined;
    try {
      own = first === 1 ? await loadSteps(parts) : undefined;
      const error = (await Promise.all(loading)).find((answer) => answer.error !== undefined)?.error;
      if (error !== undefined) throw notStarted(error);
    } catch (error) {
      release();
      throw error;
    }
    const adaptive = new Map([...compiled.programs.keys()].map((name) => [name, new AdaptiveThreads(threads)]));
    return new ThreadedRunner(engine, others, own, synchronization, release, adaptive);
  }

  threads(program: string): number {
    return this.#adaptive.get(program)!.threads;
  }

  async run(program: string, steps: number): Promise<void> {
    const adaptive = this.#adaptive.get(program)!;
    const started = performance.now();
    await this.#runOn(adaptive.next, program, steps);
    const { reason } = this.#synchronization;
    if (reason !== undefined) throw new Error(`a thread failed: ${reason}`);
    const sleeps = this.#synchronization.takeSleeps();
    adaptive.record((performance.now() - started) / 1000 / steps, sleeps >= MANY_SLEEPS * steps);
  }

  async #runOn(threads: number, program: string, steps: number): Promise<void> {
    if (threads === 1 && this.#own) return this.#own.get(program)!.runAlone(steps);
    this.#synchronization.gather(threads);
    const others = this.#threads.slice(0, threads - (this.#own ? 1 : 0));
    const done = others.map(async (thread) => {
      const { error } = await thread.send({ type: "run", engine: this.#engine, program, steps });
      if (error !== undefined) this.#synchronization.fail(error);
    });
    if (this.#own) this.#own.get(program)!.runTogether(steps, this.#synchronization);
    else await Promise.all(done);
  }
}
