import { wasm128 } from "../ir/machine.ts";
import type { ElementType } from "../ir/types.ts";
import type { Arithmetic, Backend } from "./backend.ts";
import { type Buffer, Interpreter } from "./interpret.ts";
import { float32, float32MulAdd } from "./rounding.ts";

const arrays: Readonly<
  Record<ElementType, (buffer: ArrayBufferLike, from: number, length: number) => Buffer> &
    Record<"size", Readonly<Record<ElementType, number>>>
> = {
  f32: (buffer, from, length) => new Float32Array(buffer, from, length),
  u32: (buffer, from, length) => new Uint32Array(buffer, from, length),
  u8: (buffer, from, length) => new Uint8Array(buffer, from, length),
  size: { f32: 4, u32: 4, u8: 1 },
};

/** The interpreter as a back end: slow, and right by definition. */
export const interpretBackendWith = (arithmetic: Arithmetic): Backend => ({
  name: "interpret",
  arithmetic,
  // The machine of the WebAssembly back end, so that both run the same schedules.
  machine: wasm128,
  async compile(kernels, layout, memory) {
    const interpreter = new Interpreter(
      ({ name, type }) => {
        const from = layout.offsets.get(name);
        if (from === undefined) throw new Error(`interpret: no memory for ${name}`);
        return arrays[type](memory.buffer, from, Math.floor((layout.bytes - from) / arrays.size[type]));
      },
      arithmetic === "fma" ? float32 : float32MulAdd,
    );
    return new Map(kernels.map((kernel) => [kernel.name, interpreter.compile(kernel)]));
  },
});

/** The interpreter with a fused multiply-add. */
export const interpretBackend: Backend = interpretBackendWith("fma");
