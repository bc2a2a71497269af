import type { Machine } from "../../../ir/machine.ts";
import type { Backend } from "../../backend.ts";
import type { Width } from "../prelude.ts";
import type { Source, Target } from "../source.ts";
import type { Compiler } from "./compiler.ts";

export interface NativeOptions {
  /** The machine to schedule for: by default the one that the compiler reports. */
  readonly machine?: Machine;
  /** Where compiled code is kept, if not in the cache's directory. */
  readonly directory?: string;
}

/** What the C for a machine may use. */
export const targetOf = ({ fma }: Compiler, { widths }: Machine): Target => ({
  widths: widths as readonly Width[],
  fma,
});

/**
 * Kernels in the machine's own code, from C by the compiler given. Other threads load the library that one has built.
 * What writes C and compiles it is loaded when it is first needed.
 */
export function nativeBackend(
  compiler: Compiler,
  { machine = compiler.machine, directory }: NativeOptions = {},
): Backend {
  const sourceOf: (...args: Parameters<NonNullable<Backend["source"]>>) => Promise<Source> = async (kernels, layout) =>
    (await import("../source.ts")).renderSource(kernels, layout, targetOf(compiler, machine));
  return {
    name: "native",
    arithmetic: compiler.fma ? "fma" : "mul-add",
    machine,
    compiler: compiler.name,
    async build(kernels, layout) {
      const [{ compileLibrary }, { checkLibrary }] = await Promise.all([
        import("./compile.ts"),
        import("./library.ts"),
      ]);
      const path = await compileLibrary(await sourceOf(kernels, layout), compiler, directory);
      checkLibrary(path);
      return { content: path, kernels: kernels.map(({ name }) => name) };
    },
    load: async (code, memory) => (await import("./library.ts")).nativeLoad(code, memory),
    source: async (kernels, layout) => (await sourceOf(kernels, layout)).units.join("\n"),
  };
}
