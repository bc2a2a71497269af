import { operands } from "../../ir/traverse.ts";
import type { Kernel, Stmt, Value } from "../../ir/types.ts";

/** Kernels that each run one function of a kernel alone, in the loops around it. */
export const isolateCalls = (kernel: Kernel): readonly Kernel[] =>
  callsIn(kernel.body).map(({ name, body }) => ({ name: `alone: ${name}`, axes: kernel.axes, body }));

function callsIn(s: Stmt): readonly { readonly name: string; readonly body: Stmt }[] {
  switch (s.kind) {
    case "call":
      return [{ name: s.name, body: s.body }];
    case "loop":
      return callsIn(s.body).map(({ name, body }) => ({ name, body: { ...s, body } }));
    case "block":
      return s.body.flatMap(callsIn);
    case "let":
    case "store":
      return [];
  }
}

/** The multiply-adds of a statement. */
export function multiplyAddsOf(s: Stmt): number {
  switch (s.kind) {
    case "loop":
      return s.axis.extent * multiplyAddsOf(s.body);
    case "call":
      return multiplyAddsOf(s.body);
    case "block":
      return s.body.reduce((sum, x) => sum + multiplyAddsOf(x), 0);
    case "let":
      return fmasIn(s.value) + multiplyAddsOf(s.body);
    case "store":
      return fmasIn(s.value);
  }
}

const fmasIn = (v: Value): number => operands(v).reduce((sum, x) => sum + fmasIn(x), v.kind === "fma" ? 1 : 0);
