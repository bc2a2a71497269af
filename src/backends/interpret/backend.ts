import { wasm128 } from "../../ir/machine.ts";
import type { Kernel, Layout } from "../../ir/types.ts";
import type { Arithmetic, Backend } from "../backend.ts";

const arrayTypes = { f32: Float32Array, u32: Uint32Array, u8: Uint8Array } as const;

/** The interpreter as a back end: slow, and correct by definition. It is imported on first use. */
export const interpretBackendWith = (arithmetic: Arithmetic): Backend => ({
  name: "interpret",
  arithmetic,
  // The machine of the WebAssembly back end, so that both run the same schedules.
  machine: wasm128,
  async build(kernels, layout) {
    return { content: { kernels, layout }, kernels: kernels.map(({ name }) => name) };
  },
  async load({ content }, memory) {
    const { kernels, layout } = content as { readonly kernels: readonly Kernel[]; readonly layout: Layout };
    const [{ Interpreter }, { float32, float32MulAdd }] = await Promise.all([
      import("./interpret.ts"),
      import("./rounding.ts"),
    ]);
    const interpreter = new Interpreter(
      ({ name, type }) => {
        const from = layout.offsets.get(name);
        if (from === undefined) throw new Error(`interpret: no memory for ${name}`);
        const ArrayType = arrayTypes[type];
        return new ArrayType(memory.buffer, from, Math.floor((layout.bytes - from) / ArrayType.BYTES_PER_ELEMENT));
      },
      arithmetic === "fma" ? float32 : float32MulAdd,
    );
    return new Map(kernels.map((kernel) => [kernel.name, interpreter.compile(kernel)]));
  },
});

/** The interpreter with a fused multiply-add. */
export const interpretBackend: Backend = interpretBackendWith("fma");
