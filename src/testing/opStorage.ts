import type { Backend, Kernels } from "../backends/backend.ts";
import { type Buffer, interpret } from "../backends/interpret/interpret.ts";
import { float64 } from "../backends/interpret/rounding.ts";
import { schedule } from "../compiler/schedule/schedule.ts";
import { type Nest, plainNest } from "../ir/contraction.ts";
import type { Kernel, Layout, Stmt, View } from "../ir/types.ts";
import { verify } from "../ir/verify.ts";
import { spanOf, stridesOf } from "../ir/view.ts";
import { type OpProgram, runtimeNumbers } from "./opProgram.ts";

/** The addresses of a view's elements in row-major order, without its halo. */
export function addressesOf(view: View): readonly number[] {
  const strides = stridesOf(view);
  return view.shape.reduce(
    (heads, extent, d) =>
      heads.flatMap((head) => Array.from({ length: extent }, (_, i) => head + (i + view.halo[d]![0]) * strides[d]!)),
    [0],
  );
}

/** The memory of a view: the addresses of its elements, and those of its halo. */
interface Place {
  readonly buffer: Buffer;
  readonly addresses: readonly number[];
  readonly halo: readonly number[];
}

function placeOf(view: View, buffer: Buffer): Place {
  const addresses = addressesOf(view);
  const inside = new Set(addresses);
  const halo = Array.from({ length: buffer.length }, (_, address) => address).filter((address) => !inside.has(address));
  return { buffer, addresses, halo };
}

/** The buffers of a program, whose elements are NaN until they are written, and a function to run its nests. */
export class Storage {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #run: (part: string) => void;

  constructor(views: OpProgram["views"], buffers: ReadonlyMap<string, Buffer>, run: (part: string) => void) {
    this.#places = new Map([...views].map(([name, view]) => [name, placeOf(view, buffers.get(name)!)]));
    this.#run = run;
    this.clear();
  }

  /** Resets every element to NaN, except the seed and the step for random ops. */
  clear(): void {
    this.spoil(this.#places.keys());
    for (const [name, value] of Object.entries(runtimeNumbers)) this.write(name, [value]);
  }

  /** Sets the elements of the given views to NaN. */
  spoil(names: Iterable<string>): void {
    for (const name of names)
      this.write(
        name,
        this.#places.get(name)!.addresses.map(() => Number.NaN),
      );
  }

  write(name: string, values: ArrayLike<number>): void {
    const { buffer, addresses } = this.#places.get(name)!;
    addresses.forEach((address, i) => {
      buffer[address] = values[i]!;
    });
  }

  read(name: string): Float64Array {
    const { buffer, addresses } = this.#places.get(name)!;
    return Float64Array.from(addresses, (address) => buffer[address]!);
  }

  /** Runs the forward nests, or the backward rule of an input. Throws if they write to a halo. */
  run(part: string): void {
    this.#run(part);
    for (const [name, { buffer, halo }] of this.#places)
      if (halo.some((address) => buffer[address] !== 0)) throw new Error(`${part} writes to the halo of ${name}`);
  }
}

const partsOf = ({ forward, backward }: OpProgram): ReadonlyMap<string, readonly Nest[]> =>
  new Map([["forward", forward], ...backward]);

/** Plain nests in float64, on the interpreter. */
export function float64Storage(program: OpProgram): Storage {
  const parts = partsOf(program);
  const buffers = new Map<string, Buffer>();
  for (const [name, view] of program.views)
    buffers.set(name, view.type === "f32" ? new Float64Array(spanOf(view)) : new Uint32Array(spanOf(view)));
  return new Storage(program.views, buffers, (part) => {
    for (const nest of parts.get(part)!) interpret(plainNest(nest), buffers, {}, float64);
  });
}

/** Builds kernels and loads them in this thread, over an existing memory. */
export async function loadKernels(
  backend: Backend,
  kernels: readonly Kernel[],
  layout: Layout,
  memory: WebAssembly.Memory,
): Promise<Kernels> {
  const shared = memory.buffer instanceof SharedArrayBuffer;
  const pages = Math.ceil(layout.bytes / 65536);
  return backend.load(await backend.build(kernels, layout, { pages, shared }), memory);
}

/** Float32 on a back end, with a kernel for each nest, either plain or scheduled for the machine of the back end. */
export async function backendStorage(program: OpProgram, backend: Backend, loops: "plain" | "scheduled") {
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
  const compiled = await loadKernels(backend, kernels, layout, memory);
  return new Storage(program.views, buffers, (part) => {
    for (const name of names.get(part)!) compiled.get(name)!();
  });
}
