import { loadsOf, mapStatement, substatements, valuesIn } from "../ir/traverse.ts";
import type { Ref, Stmt } from "../ir/types.ts";

/** A store, and what it depends on: every buffer and register that its value or an enclosing `let` reads. */
interface Flow {
  readonly to: string;
  readonly from: readonly string[];
}

/**
 * Statements that run one after the other, without stores whose values reach none of the outputs, such as what a layer
 * keeps for its gradient. Statements that are then empty are undefined.
 */
export function withoutDeadStores(
  statements: readonly Stmt[],
  outputs: ReadonlySet<string>,
): readonly (Stmt | undefined)[] {
  const flows = statements.flatMap((s, k) => flowsOf(s, k, []));
  const live = new Set(outputs);
  for (let before = -1; before !== live.size; ) {
    before = live.size;
    for (const { to, from } of flows) if (live.has(to)) for (const name of from) live.add(name);
  }
  return statements.map((s, k) => liveOf(s, (ref) => live.has(placeOf(ref, k))));
}

/** Memory is shared by all statements; registers belong to one. */
const placeOf = ({ view: { space, name } }: Ref, statement: number): string =>
  space === "memory" ? name : `register ${statement} ${name}`;

function flowsOf(s: Stmt, statement: number, outer: readonly string[]): readonly Flow[] {
  const own = valuesIn(s)
    .flatMap(loadsOf)
    .map((ref) => placeOf(ref, statement));
  if (s.kind === "store") return [{ to: placeOf(s.ref, statement), from: [...outer, ...own] }];
  const inner = s.kind === "let" ? [...outer, ...own] : outer;
  return substatements(s).flatMap((x) => flowsOf(x, statement, inner));
}

/** The statement without stores to dead places; undefined if nothing is left. */
function liveOf(s: Stmt, isLive: (ref: Ref) => boolean): Stmt | undefined {
  if (s.kind === "store") return isLive(s.ref) ? s : undefined;
  if (s.kind === "block") {
    const body = s.body.flatMap((x) => liveOf(x, isLive) ?? []);
    return body.length > 0 ? { ...s, body } : undefined;
  }
  const body = liveOf(s.body, isLive);
  return body && mapStatement(s, { statement: () => body });
}
