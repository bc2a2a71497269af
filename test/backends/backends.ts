import type { Backend } from "../../src/backends/backend.ts";
import { interpretBackend, interpretBackendWith } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import type { Axis, Kernel, Layout, Stmt, View } from "../../src/ir/types.ts";
import { verify } from "../../src/ir/verify.ts";
import { spanOf } from "../../src/ir/view.ts";
import { loadKernels } from "../../src/testing/opStorage.ts";

enableRelaxedSimd();

/** Pairs of back ends that must agree bit for bit. */
export const pairs: readonly (readonly [string, Backend, Backend])[] = [
  ["fma", interpretBackend, wasmBackend({ fma: true })],
  ["mul-add", interpretBackendWith("mul-add"), wasmBackend({ fma: false })],
];

/** Consecutive buffers from address 0 on, each aligned to a cache line. */
export function layoutOf(views: readonly View[]): Layout {
  const offsets = new Map<string, number>();
  let bytes = 0;
  for (const view of views) {
    offsets.set(view.name, bytes);
    bytes += Math.ceil((spanOf(view) * 4) / 64) * 64;
  }
  return { bytes, offsets };
}

export const kernelOf = (body: Stmt, axes: readonly Axis[] = []): Kernel => ({ name: "kernel", axes, body });

/** Words that read as floats and as integers: small numbers, huge ones, signed zeros, infinities, NaN. */
export function fillMemory(memory: WebAssembly.Memory, bytes: number): void {
  const floats = new Float32Array(memory.buffer, 0, bytes / 4);
  const words = new Uint32Array(memory.buffer, 0, bytes / 4);
  const special = [0, -0, Number.POSITIVE_INFINITY, Number.NaN, 3e38, 1e-40, 1, -1];
  for (let i = 0; i < floats.length; i++) {
    const noise = Math.imul(i + 1, 0x9e3779b1) >>> 0;
    if (noise % 5 === 0) words[i] = noise;
    else floats[i] = noise % 7 === 0 ? special[(noise >>> 8) % special.length]! : ((noise >>> 8) / 2 ** 24) * 4 - 2;
  }
}

/** Verifies and runs a kernel over filled memory, for each value of its axes, and returns that memory. */
export async function run(
  backend: Backend,
  kernel: Kernel,
  views: readonly View[],
  calls: readonly (readonly number[])[] = [[]],
  fill: (memory: WebAssembly.Memory, bytes: number) => void = fillMemory,
): Promise<WebAssembly.Memory> {
  verify(kernel);
  const layout = layoutOf(views);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(layout.bytes / 65536) });
  fill(memory, layout.bytes);
  const compiled = (await loadKernels(backend, [kernel], layout, memory)).get(kernel.name)!;
  for (const values of calls) compiled(...values);
  return memory;
}

/** The elements of a view, with its halo. */
export function elements(memory: WebAssembly.Memory, views: readonly View[], view: View): readonly number[] {
  const start = layoutOf(views).offsets.get(view.name)!;
  const ArrayType = { f32: Float32Array, u32: Uint32Array, u8: Uint8Array }[view.type];
  return Array.from(new ArrayType(memory.buffer, start, spanOf(view)));
}
