import { loadsOf, registersStoredBy, substatements, valuesIn } from "../traverse.ts";
import type { Axis, Kernel, Ref, Stmt, Value } from "../types.ts";
import { addressOf, spanOf } from "../view.ts";
import type { Fail } from "./scopes.ts";

/** Where a register is used. */
interface Place {
  /** The values of unrolled axes. */
  readonly fixed: Map<string, number>;
  /** The enclosing vector loop, and the views that are private to its lanes. */
  readonly vector?: { readonly axis: Axis; readonly isPrivate: ReadonlySet<string> };
}

/**
 * Checks that each register is written before it is read, in the same form: as one element, as
 * adjacent elements along a vector, or as one element per lane, which lives only inside its vector loop.
 */
export function verifyRegisters({ body }: Kernel, fail: Fail): void {
  walk(body, { fixed: new Map() }, new Set(), fail);
}

/** Adds the registers that the statement writes to `written`. */
function walk(s: Stmt, place: Place, written: Set<string>, fail: Fail): void {
  for (const v of valuesIn(s)) checkReads(v, s, place, written, fail);
  if (s.kind === "store" && s.ref.view.space === "register") written.add(registerOf(s.ref, place, s, fail));
  if (s.kind === "loop") walkLoop(s, place, written, fail);
  // Registers are private to a function.
  else for (const x of substatements(s)) walk(x, place, s.kind === "call" ? new Set() : written, fail);
}

function walkLoop(s: Extract<Stmt, { kind: "loop" }>, place: Place, written: Set<string>, fail: Fail): void {
  const { axis, mark, body } = s;
  if (mark === "vector" && axis.extent > 1) {
    if (place.vector) fail(s, `vector loop ${axis.name} is inside another`);
    const inside = new Set(written);
    walk(body, { ...place, vector: { axis, isPrivate: registersStoredBy(body) } }, inside, fail);
    for (const register of inside) if (!register.endsWith(PRIVATE)) written.add(register);
  } else if (mark === "serial" && axis.extent > 1) walk(body, place, written, fail);
  else {
    for (let i = 0; i < axis.extent; i++) {
      place.fixed.set(axis.name, i);
      walk(body, place, written, fail);
    }
    place.fixed.delete(axis.name);
  }
}

function checkReads(v: Value, s: Stmt, place: Place, written: ReadonlySet<string>, fail: Fail): void {
  for (const ref of loadsOf(v)) {
    if (ref.view.space !== "register") continue;
    const register = registerOf(ref, place, s, fail);
    if (!written.has(register)) fail(s, `register ${register} is read before it is written`);
  }
}

const PRIVATE = " of each lane";

/** A register's element and form. */
function registerOf(ref: Ref, { fixed, vector }: Place, s: Stmt, fail: Fail): string {
  const { name } = ref.view;
  const { offset, scale } = addressOf(ref);
  let element = offset;
  let lane = 0;
  for (const [axis, k] of Object.entries(scale)) {
    const value = fixed.get(axis);
    if (value !== undefined) element += k * value;
    else if (axis === vector?.axis.name) lane = k;
    else if (k !== 0) fail(s, `register ${name} is indexed by ${axis}, whose loop is not unrolled`);
  }
  const register = `${name}[${element}] of ${spanOf(ref.view)}`;
  if (lane !== 0 && lane !== 1) fail(s, `register ${name} has stride ${lane} along a vector, expected 0 or 1`);
  if (lane === 1) return `${register}, a vector of ${vector!.axis.extent}`;
  return vector?.isPrivate.has(name) ? `${register}${PRIVATE}` : register;
}
