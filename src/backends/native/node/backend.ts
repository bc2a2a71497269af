import type { Machine } from "../../../ir/machine.ts";
import type { Backend } from "../../backend.ts";
import type { Width } from "../prelude.ts";
import type { Source, Target } from "../source.ts";
import type { Compiler } from "./compiler.ts";

/** The settings of the native back end. */
export interface NativeOptions {
  /** The machine to schedule for. Default: the one that the compiler reports. */
  readonly machine?: Machine;
  /** Where compiled code is kept. Default: the `code` folder of the cache directory. */
  readonly directory?: string;
}

/** The target of the C code for a compiler and a machine. */
export const targetOf = ({ fma }: Compiler, { widths }: Machine): Target => ({
  widths: widths as readonly Width[],
  fma,
});

/**
 * Native code, compiled from C by the given compiler. One thread builds the library, and all threads load it. The modules
 * that render and compile C are imported on first use.
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
