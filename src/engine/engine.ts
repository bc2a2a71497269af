import type { Backend, Code, MemorySize } from "../backends/backend.ts";
import { InklingError } from "../base/error.ts";
import { type Compiled, compile } from "../compiler/compile.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import type { Program } from "../compiler/program.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import type { ElementType, Layout, View } from "../ir/types.ts";
import { spanOf } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import { type Runner, startRunner } from "./runner.ts";

const PAGE = 65536;
const MAX_PAGES = 65536;

type Elements = { readonly f32: Float32Array; readonly u32: Uint32Array; readonly u8: Uint8Array };

/**
 * Compiled programs over one memory. Nothing is allocated after it is made: the host writes what a step
 * needs into the memory, runs steps, and reads results from it.
 */
export class Engine {
  /** The back end that runs it: the requested one, or its fallback. */
  readonly backend: Backend;
  readonly #compiled: Compiled;
  readonly #memory: WebAssembly.Memory;
  readonly #runner: Runner;

  private constructor(backend: Backend, compiled: Compiled, memory: WebAssembly.Memory, runner: Runner) {
    this.backend = backend;
    this.#compiled = compiled;
    this.#memory = memory;
    this.#runner = runner;
  }

  /**
   * Compiles programs that share state, to run on so many threads. Throws `UNSUPPORTED` where they need more memory
   * than there can be, or a thread cannot be started.
   */
  static async create(specs: readonly ProgramSpec[], backend: Backend, threads = 1): Promise<Engine> {
    const compiled = compile(specs, backend.machine, threads);
    const size = memorySize(compiled.layout, threads > 1);
    const memory = allocateMemory(size);
    let code: Code;
    try {
      code = await backend.build(compiled.kernels, compiled.layout, size);
    } catch (failure) {
      const fallback = backend.fallback?.(failure);
      if (!fallback) throw failure;
      return Engine.create(specs, fallback, threads); // compiled again, for its own machine
    }
    return new Engine(backend, compiled, memory, await startRunner({ backend, code, compiled, memory, threads }));
  }

  /** The bytes of the one memory: weights and all values in between. */
  get bytes(): number {
    return this.#compiled.layout.bytes;
  }

  /** A tensor's elements, to read and to write; a tensor of every step has one copy after the other. */
  elements<T extends ElementType>(program: string, tensor: Tensor & { readonly type: T }): Elements[T] {
    const { view, steps } = this.#program(program);
    const found = view(tensor);
    if (found.halo.flat().some((zeros) => zeros > 0)) throw new Error(`${tensor.name} has zeros between its elements`);
    const copies = Object.keys(found.origin.scale).length > 0 ? steps : 1;
    return this.#array(found, spanOf(found) * copies) as Elements[T];
  }

  #array(view: View, length: number): Elements[ElementType] {
    const offset = this.#compiled.layout.offsets.get(view.name);
    if (offset === undefined) throw new Error(`${view.name} has no place in memory`);
    const { buffer } = this.#memory;
    switch (view.type) {
      case "f32":
        return new Float32Array(buffer, offset, length);
      case "u32":
        return new Uint32Array(buffer, offset, length);
      case "u8":
        return new Uint8Array(buffer, offset, length);
    }
  }

  #program(name: string): Program {
    const program = this.#compiled.programs.get(name);
    if (!program) throw new Error(`no program ${name}`);
    return program;
  }

  /** Runs a program's steps firstStep, firstStep + 1, …; random ops depend on their numbers and the seed. */
  async run(name: string, steps: number, firstStep = 0, seed = 0): Promise<void> {
    const program = this.#program(name);
    if (steps > program.steps) throw new Error(`${name}: ${steps} steps in a call, at most ${program.steps}`);
    this.elements(name, seedTensor)[0] = seed;
    this.elements(name, firstStepTensor)[0] = firstStep;
    await this.#runner.run(name, steps);
  }
}

export const memorySize = ({ bytes }: Layout, shared: boolean): MemorySize => ({
  pages: Math.ceil(bytes / PAGE),
  shared,
});

/** The one memory of programs. Throws `UNSUPPORTED` where there can be none of that size. */
export function allocateMemory({ pages, shared }: MemorySize): WebAssembly.Memory {
  const gibibytes = ((pages * PAGE) / 2 ** 30).toFixed(1);
  if (pages > MAX_PAGES)
    throw new InklingError(
      "UNSUPPORTED",
      `the network needs ${gibibytes} GiB of memory, and WebAssembly has 4; use a smaller network or a smaller batch`,
    );
  try {
    return new WebAssembly.Memory({ initial: pages, ...(shared && { maximum: pages, shared }) });
  } catch (cause) {
    throw new InklingError(
      "UNSUPPORTED",
      `this machine has no ${gibibytes} GiB of memory for the network; use a smaller network or a smaller batch`,
      { cause },
    );
  }
}
