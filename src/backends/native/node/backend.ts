import type { Machine } from "../../../ir/machine.ts";
import type { Backend } from "../../backend.ts";
import type { Width } from "../prelude.ts";
import { renderSource, type Target } from "../source.ts";
import { compileLibrary } from "./compile.ts";
import type { Compiler } from "./compiler.ts";
import { checkLibrary } from "./library.ts";
import { nativeLoad } from "./load.ts";

export interface NativeOptions {
  /** What to schedule for, if not what the compiler says of the processor. */
  readonly machine?: Machine;
  /** Where compiled code is kept, if not in the cache's directory. */
  readonly directory?: string;
}

/** What the C for a machine may use. */
export const targetOf = ({ fma }: Compiler, { widths }: Machine): Target => ({
  widths: widths as readonly Width[],
  fma,
});

/** Kernels in the machine's own code, from C by the compiler given. Other threads load the library that one has built. */
export function nativeBackend(
  compiler: Compiler,
  { machine = compiler.machine, directory }: NativeOptions = {},
): Backend {
  return {
    name: "native",
    arithmetic: compiler.fma ? "fma" : "mul-add",
    machine,
    compiler: compiler.name,
    async build(kernels, layout) {
      const source = renderSource(kernels, layout, targetOf(compiler, machine));
      const path = await compileLibrary(source, compiler, directory);
      checkLibrary(path);
      return { content: path, kernels: kernels.map(({ name }) => name) };
    },
    load: nativeLoad,
    source: (kernels, layout) => renderSource(kernels, layout, targetOf(compiler, machine)).units.join("\n"),
  };
}
