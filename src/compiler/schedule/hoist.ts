import { scaleOf } from "../../ir/affine.ts";
import { accessesOf, foldValue, indicesIn, loadsOf } from "../../ir/traverse.ts";
import type { Axis, Stmt, Value } from "../../ir/types.ts";
import { addressOf } from "../../ir/view.ts";

interface Variable {
  readonly name: string;
  readonly value: Value;
}

const variablesOf = (v: Value): readonly string[] =>
  foldValue<readonly string[]>(v, (x, inside) => (x.kind === "variable" ? [x.name] : inside.flat()));

/** Hoists loop-invariant variables at the start of a body out of its loops, such as a seed. */
export function hoist(s: Stmt, axes: readonly Axis[]): { readonly outside: readonly Variable[]; readonly body: Stmt } {
  const stored = new Set(accessesOf(s).stores.map((r) => r.view.name));
  const varying = new Set<string>();
  const isSame = (v: Value): boolean =>
    indicesIn(v).every((index) => axes.every(({ name }) => scaleOf(index, name) === 0)) &&
    variablesOf(v).every((name) => !varying.has(name)) &&
    loadsOf(v).every(
      (r) =>
        r.view.space === "memory" &&
        !stored.has(r.view.name) &&
        axes.every(({ name }) => scaleOf(addressOf(r), name) === 0),
    );
  const outside: Variable[] = [];
  const walk = (x: Stmt): Stmt => {
    if (x.kind !== "let") return x;
    if (isSame(x.value)) {
      outside.push({ name: x.name, value: x.value });
      return walk(x.body);
    }
    varying.add(x.name);
    return { ...x, body: walk(x.body) };
  };
  return { outside, body: walk(s) };
}
