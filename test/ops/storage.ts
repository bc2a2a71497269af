import type { Backend, Kernels } from "../../src/backends/backend.ts";
import { type Buffer, interpret } from "../../src/backends/interpret/interpret.ts";
import { float64 } from "../../src/backends/interpret/rounding.ts";
import { schedule } from "../../src/compiler/schedule/schedule.ts";
import { type Nest, plainNest } from "../../src/ir/contraction.ts";
import type { Layout, Stmt, View } from "../../src/ir/types.ts";
import { verify } from "../../src/ir/verify.ts";
import { spanOf, stridesOf } from "../../src/ir/view.ts";
import { load } from "../backends/load.ts";
import { type Program, runtimeNumbers } from "./program.ts";

/** The addresses of a view's elements in row-major order, without its halo. */
function addresses(view: View): readonly number[] {
  const strides = stridesOf(view);
  return view.shape.reduce(
    (heads, extent, d) =>
      heads.flatMap((head) => Array.from({ length: extent }, (_, i) => head + (i + view.halo[d]![0]) * strides[d]!)),
    [0],
  );
}

/** The buffers of a program, whose elements are garbage until they are written, and the way to run its nests. */
export class Storage {
  readonly #views: ReadonlyMap<string, View>;
  readonly #buffers: ReadonlyMap<string, Buffer>;
  readonly #run: (part: string) => void;

  constructor(views: Program["views"], buffers: ReadonlyMap<string, Buffer>, run: (part: string) => void) {
    this.#views = views;
    this.#buffers = buffers;
    this.#run = run;
    for (const view of views.values()) this.write(view.name, new Array(addresses(view).length).fill(Number.NaN));
    for (const [name, value] of Object.entries(runtimeNumbers)) this.write(name, [value]);
  }

  write(name: string, values: ArrayLike<number>): void {
    const buffer = this.#buffers.get(name)!;
    addresses(this.#views.get(name)!).forEach((address, i) => {
      buffer[address] = values[i]!;
    });
  }

  read(name: string): Float64Array {
    const buffer = this.#buffers.get(name)!;
    return Float64Array.from(addresses(this.#views.get(name)!), (address) => buffer[address]!);
  }

  /** Runs the forward nests, or the backward rule of an input. */
  run(part: string): void {
    this.#run(part);
    for (const [name, view] of this.#views) {
      const inside = new Set(addresses(view));
      if (this.#buffers.get(name)!.some((value, i) => value !== 0 && !inside.has(i)))
        throw new Error(`${part} writes into the halo of ${name}`);
    }
  }
}

const partsOf = ({ forward, backward }: Program): ReadonlyMap<string, readonly Nest[]> =>
  new Map([["forward", forward], ...backward]);

/** Plain nests over float64, on the interpreter. */
export function float64Storage(program: Program): Storage {
  const parts = partsOf(program);
  const buffers = new Map<string, Buffer>();
  for (const [name, view] of program.views)
    buffers.set(name, view.type === "f32" ? new Float64Array(spanOf(view)) : new Uint32Array(spanOf(view)));
  return new Storage(program.views, buffers, (part) => {
    for (const nest of parts.get(part)!) interpret(plainNest(nest), buffers, {}, float64);
  });
}

/** Float32 on a back end, each nest a kernel of its own: plain, or as scheduled for the back end's machine. */
export async function backendStorage(program: Program, backend: Backend, loops: "plain" | "scheduled") {
  let bytes = 0;
  const offsets = new Map<string, number>();
  for (const [name, view] of program.views) {
    offsets.set(name, bytes);
    bytes += Math.ceil((4 * spanOf(view)) / 64) * 64;
  }
  const layout: Layout = { bytes, offsets };
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536), maximum: 1024, shared: true });
  const buffers = new Map<string, Buffer>();
  for (const [name, view] of program.views) {
    const array = { f32: Float32Array, u32: Uint32Array, u8: Uint8Array }[view.type];
    buffers.set(name, new array(memory.buffer, offsets.get(name)!, spanOf(view)));
  }
  const render = (nest: Nest): Stmt => (loops === "plain" ? plainNest(nest) : schedule(nest, backend.machine));
  const names = new Map([...partsOf(program)].map(([part, nests]) => [part, nests.map((_, k) => `${part}_${k}`)]));
  const kernels = [...partsOf(program)].flatMap(([part, nests]) =>
    nests.map((nest, k) => ({ name: names.get(part)![k]!, axes: [], body: render(nest) })),
  );
  for (const kernel of kernels) verify(kernel);
  const compiled: Kernels = await load(backend, kernels, layout, memory);
  return new Storage(program.views, buffers, (part) => {
    for (const name of names.get(part)!) compiled.get(name)!();
  });
}
