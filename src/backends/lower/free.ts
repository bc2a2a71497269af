import { operands, substatements, valuesIn } from "../../ir/traverse.ts";
import type { Affine, Ref, Stmt, Value } from "../../ir/types.ts";

/** The outer axes that a statement reads, in order of first use. */
export function freeAxes(s: Stmt): readonly string[] {
  const free = new Set<string>();
  const ofAffine = (a: Affine, bound: ReadonlySet<string>) => {
    for (const [name, k] of Object.entries(a.scale)) if (k !== 0 && !bound.has(name)) free.add(name);
  };
  const ofRef = ({ view, index, gather }: Ref, bound: ReadonlySet<string>): void => {
    for (const a of [view.origin, ...index]) ofAffine(a, bound);
    if (gather) ofValue(gather, bound);
  };
  const ofValue = (v: Value, bound: ReadonlySet<string>): void => {
    if (v.kind === "index") ofAffine(v.at, bound);
    if (v.kind === "load") ofRef(v.ref, bound);
    else for (const x of operands(v)) ofValue(x, bound);
  };
  const ofStmt = (x: Stmt, bound: ReadonlySet<string>): void => {
    if (x.kind === "store") ofRef(x.ref, bound);
    for (const v of valuesIn(x)) ofValue(v, bound);
    const inside = x.kind === "loop" ? new Set([...bound, x.axis.name]) : bound;
    for (const y of substatements(x)) ofStmt(y, inside);
  };
  ofStmt(s, new Set());
  return [...free];
}
