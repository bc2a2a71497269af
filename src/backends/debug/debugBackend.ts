import { substatements } from "../../ir/traverse.ts";
import type { Kernel, Stmt } from "../../ir/types.ts";
import type { Backend, Code } from "../backend.ts";

/** What to show; each level includes those before it. */
export const debugLevels = { plan: 1, times: 2, schedule: 3, source: 4, ir: 5 } as const;

/** What to print, and how. */
export interface DebugOptions {
  readonly level: number;
  readonly write: (text: string) => void;
  /** Calls `last` at the very end, when memory can be overwritten. */
  readonly atEnd: (last: () => void) => void;
}

/** Wraps a back end to print its input and the generated code, and to time kernels at the end. */
export function debugBackend(inner: Backend, options: DebugOptions): Backend {
  const { level, write, atEnd } = options;
  const given = new WeakMap<Code, readonly Kernel[]>();
  return {
    ...inner,
    async build(kernels, layout, memory) {
      write(
        `plan: ${kernels.length} kernels for ${inner.machine.name}, ${layout.bytes.toLocaleString("en")} bytes in ${layout.offsets.size} buffers`,
      );
      const [{ printKernel }, { isolateCalls }] = await Promise.all([
        import("../../ir/print.ts"),
        import("./times.ts"),
      ]);
      for (const kernel of kernels) {
        if (level >= debugLevels.schedule)
          write(`schedule of ${kernel.name}\n${scheduleOf(kernel.body, "  ").join("\n")}`);
        if (level >= debugLevels.ir) write(printKernel(kernel));
      }
      if (level >= debugLevels.source)
        write((await inner.source?.(kernels, layout)) ?? `${inner.name} has no readable source`);
      const alone = level >= debugLevels.times ? kernels.flatMap(isolateCalls) : [];
      const code = await inner.build([...kernels, ...alone], layout, memory);
      given.set(code, kernels);
      return code;
    },
    async load(code, memory) {
      const compiled = await inner.load(code, memory);
      if (level >= debugLevels.times) {
        const { timeKernels } = await import("./times.ts");
        atEnd(() =>
          write(
            `times of one part of each kernel, by itself on one thread\n${timeKernels(given.get(code)!, compiled)}`,
          ),
        );
      }
      return compiled;
    },
    fallback(failure) {
      const other = inner.fallback?.(failure);
      return other && debugBackend(other, options);
    },
  };
}

/** Loops and their marks, without the values that they compute. */
function scheduleOf(s: Stmt, indent: string): readonly string[] {
  if (s.kind === "call") return [`${indent}${s.name}`, ...scheduleOf(s.body, `${indent}  `)];
  const loops: string[] = [];
  let body: Stmt = s;
  for (; body.kind === "loop"; body = body.body)
    loops.push(`${body.axis.name} < ${body.axis.extent}${body.mark === "serial" ? "" : ` ${body.mark}`}`);
  if (loops.length > 0) return [`${indent}for ${loops.join(", ")}`, ...scheduleOf(body, `${indent}  `)];
  return substatements(s).flatMap((x) => scheduleOf(x, indent));
}
