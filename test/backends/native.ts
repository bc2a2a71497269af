import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Arithmetic, Backend, Code, Kernels } from "../../src/backends/backend.ts";
import { lower } from "../../src/backends/lower/lower.ts";
import { nativeBackend, targetOf } from "../../src/backends/native/node/backend.ts";
import { compileLibrary } from "../../src/backends/native/node/compile.ts";
import { type Compiler, probeCompiler } from "../../src/backends/native/node/compiler.ts";
import { openLibrary } from "../../src/backends/native/node/library.ts";
import { renderRoutines } from "../../src/backends/native/render.ts";
import { sourceOf } from "../../src/backends/native/source.ts";
import { type Machine, neon, sse } from "../../src/ir/machine.ts";
import type { Kernel, Layout } from "../../src/ir/types.ts";

/** The folder for the compiled code of tests, kept from run to run. */
export const directory = join(fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url)), "inkling-test");

const native = [["gcc"], ["clang"]].map((command) => probeCompiler(command));
/** Why a compiler is missing, for the titles of skipped tests. */
export const missing = native.filter((found): found is string => typeof found === "string");
const found = native.filter((compiler) => typeof compiler !== "string");

/** A compiler, the machine to schedule for, and a title for tests. */
export interface Native {
  readonly title: string;
  readonly compiler: Compiler;
  readonly machine: Machine;
}
const titled = (compiler: Compiler, machine: Machine = compiler.machine): Native => {
  const { name, fma, flags } = compiler;
  return { title: `${name} ${flags.at(-1)}, ${machine.name}${fma ? "" : " without fma"}`, compiler, machine };
};

/** The available compilers, for this processor. */
export const natives: readonly Native[] = found.map((compiler) => titled(compiler));

/** The first of them for older processors, whose code runs on this one too, and with narrower vectors. */
export const others: readonly Native[] = found.slice(0, 1).flatMap((compiler) => {
  if (compiler.machine === neon) return [];
  const older = (flag: string): readonly Native[] => {
    const probed = probeCompiler(compiler.command, [flag]);
    return typeof probed !== "string" && probed.features.every((x) => compiler.features.includes(x))
      ? [titled(probed)]
      : [];
  };
  return [...older("-march=haswell"), titled(compiler, sse), ...older("-march=x86-64-v2")];
});

/** The back end of one of these. */
export const backendOf = ({ compiler, machine }: Native): Backend => nativeBackend(compiler, { machine, directory });

interface Module {
  readonly kernels: readonly Kernel[];
  readonly layout: Layout;
}
const keyOf = ({ kernels, layout }: Module) => JSON.stringify([kernels, [...layout.offsets]]);

/**
 * A back end that compiles many programs at once, since starting a compiler is slow. All programs are submitted to it
 * first; then it compiles them, and all are submitted again to run.
 */
export class Batch implements Backend {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  readonly machine: Machine;
  readonly #compiler: Compiler;
  /** With the number of the first kernel. */
  readonly #modules = new Map<string, Module & { readonly first: number }>();
  #kernels = 0;
  #library: string | undefined;

  constructor({ title, compiler, machine }: Native) {
    this.name = `native, ${title}`;
    this.arithmetic = compiler.fma ? "fma" : "mul-add";
    this.#compiler = compiler;
    this.machine = machine;
  }

  async build(kernels: readonly Kernel[], layout: Layout): Promise<Code> {
    const key = keyOf({ kernels, layout });
    if (!this.#library && !this.#modules.has(key)) {
      this.#modules.set(key, { kernels, layout, first: this.#kernels });
      this.#kernels += kernels.length;
    }
    return { content: this.#modules.get(key)!.first, kernels: kernels.map(({ name }) => name) };
  }

  /** Compiles the submitted programs. */
  async compile(): Promise<void> {
    const modules = [...this.#modules.values()];
    const functions = modules.flatMap(({ kernels, layout }, k) => renderRoutines(lower(kernels), layout, `m${k}_`));
    const source = sourceOf(functions, targetOf(this.#compiler, this.machine));
    this.#library = await compileLibrary(source, this.#compiler, directory);
  }

  async load({ content, kernels }: Code, memory: WebAssembly.Memory): Promise<Kernels> {
    const kernel = this.#library ? openLibrary(this.#library, memory) : () => () => {};
    return new Map(kernels.map((name, k) => [name, kernel((content as number) + k)]));
  }
}
