import { type Buffer, Interpreter } from "../backends/interpret/interpret.ts";
import { float64, type Rounding } from "../backends/interpret/rounding.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import { nodesOf, type Program, planProgram } from "../compiler/program.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import { wasm128 } from "../ir/machine.ts";
import type { View } from "../ir/types.ts";
import { verify } from "../ir/verify.ts";
import { spanOf, stridesOf } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import { addressesOf } from "./opStorage.ts";

/**
 * The shadow of a compiled program: the loops that back ends run, scheduled for WebAssembly, interpreted in float64. It
 * separates faults of compilation from the rounding of float32. Each tensor has a buffer of its own, even if tensors share
 * memory in an engine. Elements are NaN until they are written, and halos are zeros, as in an engine.
 */
export class Shadow {
  readonly program: Program;
  readonly #spec: ProgramSpec;
  readonly #buffers = new Map<string, Buffer>();
  /** The calls that may run in parallel, by phase. */
  readonly #phases: readonly (readonly ((step: number) => void)[])[];

  constructor(spec: ProgramSpec, rounding: Rounding = float64) {
    this.#spec = spec;
    this.program = planProgram(spec, wasm128);
    for (const { view } of this.program.allocations) {
      const make = { f32: Float64Array, u32: Uint32Array, u8: Uint8Array }[view.type];
      this.#buffers.set(view.name, new make(spanOf(view)));
    }
    for (const { view } of this.program.allocations) if (view.type === "f32") this.#buffers.get(view.name)!.fill(NaN);
    for (const { name, halo } of this.tensors()) this.#zeroOutside(name, halo);
    const interpreter = new Interpreter((view) => this.#buffers.get(view.name)!, rounding);
    this.#phases = this.program.phases.map(({ work }) =>
      work.flatMap(({ kernel, parts, first = 0 }) => {
        verify(kernel);
        const run = interpreter.compile(kernel);
        return Array.from({ length: parts }, (_, k) => (step: number) => run(step, first + k, 0));
      }),
    );
  }

  /** Every tensor that the program writes, by the name of its buffer, including its halo. */
  *tensors(): Iterable<{ readonly name: string; readonly halo: View }> {
    for (const { node } of nodesOf(this.#spec))
      for (const t of [...node.writes, ...node.scratch]) {
        const view = this.program.view(t);
        const buffer = this.#buffers.get(view.name);
        if (!buffer) continue;
        const sample = stridesOf(view)[0]!;
        yield { name: view.name, halo: { ...view, shape: [buffer.length / sample, ...view.shape.slice(1)] } };
      }
  }

  #zeroOutside(name: string, view: View): void {
    const buffer = this.#buffers.get(name)!;
    const inside = new Set(addressesOf(view));
    for (let i = 0; i < buffer.length; i++) if (!inside.has(i)) buffer[i] = 0;
  }

  /** The number of zeros in halos, and the number of them that have been overwritten. */
  outside(): { readonly zeros: number; readonly written: number } {
    let [zeros, written] = [0, 0];
    for (const { name, halo } of this.tensors()) {
      const inside = new Set(addressesOf(halo));
      this.#buffers.get(name)!.forEach((value, i) => {
        if (inside.has(i)) return;
        zeros++;
        if (value !== 0) written++;
      });
    }
    return { zeros, written };
  }

  /** A tensor's buffer, which must have no halo. */
  elements(t: Tensor): Buffer {
    const view = this.program.view(t);
    if (view.halo.flat().some((n) => n > 0)) throw new Error(`${t.name} has a halo`);
    return this.#buffers.get(view.name)!;
  }

  /** Runs the parts of a phase in reverse in every other step, since their order must not matter. */
  run(steps = 1, firstStep = 0, seed = 0): void {
    for (const [t, value] of [
      [seedTensor, seed],
      [firstStepTensor, firstStep],
    ] as const)
      this.elements(t)[0] = value;
    for (let step = 0; step < steps; step++)
      for (const parts of this.#phases) for (const run of step % 2 === 0 ? parts.toReversed() : parts) run(step);
  }
}
