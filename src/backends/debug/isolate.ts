import { foldValue, mapStatement, substatements, sumOverExecutions, valuesIn } from "../../ir/traverse.ts";
import type { Kernel, Stmt, Value } from "../../ir/types.ts";

/** Kernels that each run one function of a kernel alone, in the loops around it. */
export const isolateCalls = (kernel: Kernel): readonly Kernel[] =>
  callsIn(kernel.body).map(({ name, body }) => ({ name: `alone: ${name}`, axes: kernel.axes, body }));

function callsIn(s: Stmt): readonly { readonly name: string; readonly body: Stmt }[] {
  if (s.kind === "call") return [{ name: s.name, body: s.body }];
  const calls = substatements(s).flatMap(callsIn);
  if (s.kind !== "loop") return calls;
  return calls.map(({ name, body }) => ({ name, body: mapStatement(s, { statement: () => body }) }));
}

/** The multiply-adds of a statement. */
export const multiplyAddsOf = (s: Stmt): number =>
  sumOverExecutions(s, (x) => valuesIn(x).reduce((n, v) => n + multiplyAddsIn(v), 0));

const multiplyAddsIn = (v: Value): number =>
  foldValue<number>(v, (x, inside) => inside.reduce((n, more) => n + more, x.kind === "fma" ? 1 : 0));
