import type { Backend, Code, MemorySize } from "../backends/backend.ts";
import { InklingError } from "../base/error.ts";
import { claimMemory, MORE_MEMORY, mebibytes } from "../base/memory.ts";
import { sizeOf } from "../base/shape.ts";
import { type Compiled, compile } from "../compiler/compile.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import type { Program } from "../compiler/program.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import type { ElementType, Layout, View } from "../ir/types.ts";
import { spanOf, stridesOf } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import { type Runner, startRunner } from "./runner.ts";

const PAGE = 65536;
const MAX_PAGES = 65536;

type Elements = { readonly f32: Float32Array; readonly u32: Uint32Array; readonly u8: Uint8Array };

/**
 * Compiled programs that share one memory. Nothing is allocated after creation: the host writes inputs to the
 * memory, runs steps, and reads results from it.
 */
export class Engine {
  /** The back end in use: the requested one, or its fallback. */
  readonly backend: Backend;
  readonly #compiled: Compiled;
  #memory: WebAssembly.Memory | undefined;
  #runner: Runner | undefined;

  private constructor(backend: Backend, compiled: Compiled, memory: WebAssembly.Memory, runner: Runner) {
    this.backend = backend;
    this.#compiled = compiled;
    this.#memory = memory;
    this.#runner = runner;
  }

  /**
   * Compiles programs that share state, to run on the given number of threads. Throws `UNSUPPORTED` if they need more
   * memory than is available, or if a thread cannot be started.
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
      return Engine.create(specs, fallback, threads); // compile again, for the fallback's machine
    }
    return new Engine(backend, compiled, memory, await startRunner({ backend, code, compiled, memory, threads }));
  }

  /** The number of threads that run a program at present: fewer than the engine was created for on a busy machine. */
  threads(program: string): number {
    return (this.#runner ?? closed()).threads(program);
  }

  /** The size of the memory in bytes: weights and all intermediate values. */
  get bytes(): number {
    return this.#compiled.layout.bytes;
  }

  /** The elements of a tensor, to read or write. Tensors that are fed or read per step have one copy per step, in order. */
  elements<T extends ElementType>(program: string, tensor: Tensor & { readonly type: T }): Elements[T] {
    const { view, steps } = this.#program(program);
    const found = view(tensor);
    if (found.halo.flat().some((zeros) => zeros > 0))
      throw new Error(`${tensor.name} has a halo, so its elements are not contiguous`);
    const copies = Object.keys(found.origin.scale).length > 0 ? steps : 1;
    return this.#array(found, spanOf(found) * copies) as Elements[T];
  }

  /**
   * Copies the samples [count,…] of a tensor that is kept for the whole batch to the start of the target, without the zeros
   * that may surround each of them.
   */
  copySamples(program: string, tensor: Tensor & { readonly type: "f32" }, count: number, target: Float32Array): void {
    const view = this.#program(program).view(tensor);
    const from = this.#array(view, spanOf(view)) as Float32Array;
    const strides = stridesOf(view);
    const shape = [count, ...view.shape.slice(1)];
    const start = view.halo.reduce((sum, [before], d) => sum + before * strides[d]!, 0);
    // Elements are adjacent from the last axis that has zeros around it.
    const axis = Math.max(
      0,
      view.halo.findLastIndex(([before, after]) => before + after > 0),
    );
    const block = sizeOf(shape.slice(axis));
    const index = shape.slice(0, axis).fill(0);
    for (let to = 0; to < sizeOf(shape); to += block) {
      const first = index.reduce((sum, i, d) => sum + i * strides[d]!, start);
      target.set(from.subarray(first, first + block), to);
      for (let d = axis - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0;
    }
  }

  #array(view: View, length: number): Elements[ElementType] {
    const offset = this.#compiled.layout.offsets.get(view.name);
    if (offset === undefined) throw new Error(`${view.name} has no place in memory`);
    const { buffer } = this.#memory ?? closed();
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

  /** Runs the given number of steps of a program: firstStep, firstStep + 1, …. Random ops depend on the step number and the seed. */
  async run(name: string, steps: number, firstStep = 0, seed = 0): Promise<void> {
    const program = this.#program(name);
    if (steps > program.steps) throw new Error(`${name}: ${steps} steps in a call, at most ${program.steps}`);
    this.elements(name, seedTensor)[0] = seed;
    this.elements(name, firstStepTensor)[0] = firstStep;
    await (this.#runner ?? closed()).run(name, steps);
  }

  /**
   * Frees the memory, the code and the engine's share of other threads, which otherwise are freed when the engine is
   * garbage-collected, if at all. Arrays of elements that were read before must no longer be used. Does nothing if the
   * engine is closed already.
   */
  close(): void {
    this.#runner?.close();
    this.#runner = undefined;
    this.#memory = undefined;
  }

  /** As {@link close}, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

const closed = (): never => {
  throw new Error("the engine is closed");
};

/** The size of a memory for a layout. */
export const memorySize = ({ bytes }: Layout, shared: boolean): MemorySize => ({
  pages: Math.ceil(bytes / PAGE),
  shared,
});

/** A memory of fewer bytes than this fails for want of addresses, of which engines reserve gigabytes for each. */
const SMALL = 2 ** 28;
const SMALLER = "use a smaller network or a smaller batch";

/** Allocates the memory of programs. Throws `UNSUPPORTED` if that size is not available. */
export function allocateMemory({ pages, shared }: MemorySize): WebAssembly.Memory {
  const bytes = pages * PAGE;
  if (pages > MAX_PAGES)
    throw new InklingError(
      "UNSUPPORTED",
      `the network needs ${(bytes / 2 ** 30).toFixed(1)} GiB of memory, but WebAssembly is limited to 4; ${SMALLER}`,
    );
  claimMemory(bytes, "the network", SMALLER);
  try {
    return new WebAssembly.Memory({ initial: pages, ...(shared && { maximum: pages, shared }) });
  } catch (cause) {
    throw new InklingError(
      "UNSUPPORTED",
      `this process cannot allocate ${mebibytes(bytes)} of memory for the network; ${bytes < SMALL ? MORE_MEMORY : SMALLER}`,
      { cause },
    );
  }
}
