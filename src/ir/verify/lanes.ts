import { axisIndex, greatestCommonDivisor, plus, rangeOf, scaleOf, substitute, times } from "../affine.ts";
import { printRef } from "../print.ts";
import { accessesOf, foldStatement, operands, substatements } from "../traverse.ts";
import type { Affine, Axis, Kernel, Ref, Stmt, Value } from "../types.ts";
import { addressOf } from "../view.ts";
import type { Fail } from "./scopes.ts";

type Axes = ReadonlyMap<string, Axis>;
type Loop = Extract<Stmt, { kind: "loop" }>;

/** Checks that each vector loop computes the same whether its lanes run one after another or at once. */
export function verifyLanes({ axes, body }: Kernel, fail: Fail): void {
  walk(body, new Map(axes.map((axis) => [axis.name, axis])), fail);
}

function walk(s: Stmt, axes: Axes, fail: Fail): void {
  if (s.kind === "loop" && s.mark === "vector" && s.axis.extent > 1) verifyVector(s, axes, fail);
  else {
    const inside = s.kind === "loop" ? new Map([...axes, [s.axis.name, s.axis]]) : axes;
    for (const x of substatements(s)) walk(x, inside, fail);
  }
}

function verifyVector(s: Loop, outside: Axes, fail: Fail): void {
  const inside = innerAxes(s, fail);
  const varying = new Set<string>();
  noteVarying(s.body, s.axis, varying);
  const { stores, loads } = accessesOf(s.body);
  const inMemory = (refs: readonly Ref[]) => refs.filter((ref) => ref.view.space === "memory");
  const lane = (ref: Ref) => scaleOf(addressOf(ref), s.axis.name);
  for (const ref of inMemory(loads))
    if (!ref.gather && lane(ref) !== 0 && lane(ref) !== 1)
      fail(s, `load of ${printRef(ref)} has stride ${lane(ref)} along the vector, expected 0 or 1`);
  for (const ref of inMemory(stores)) {
    if (lane(ref) !== 1) fail(s, `store to ${printRef(ref)} has stride ${lane(ref)} along the vector, expected 1`);
    if (ref.gather && varies(ref.gather, s.axis, varying))
      fail(s, `store to ${printRef(ref)} writes a different row in each lane`);
    for (const other of inMemory([...stores, ...loads]))
      if (other.view.name === ref.view.name && mayMeet(ref, other, s.axis, inside, outside))
        fail(s, `lanes are not independent: one stores to ${printRef(ref)}, another may use ${printRef(other)}`);
  }
}

/** The axes of the loops inside a vector loop, which each lane runs on its own. */
const innerAxes = (vector: Loop, fail: Fail): Axes =>
  foldStatement<Axes>(vector.body, (s, inside) => {
    if (s.kind === "call") fail(vector, `${s.name} is called inside a vector loop`);
    const own = s.kind === "loop" ? [[s.axis.name, s.axis] as const] : [];
    return new Map([...own, ...inside.flatMap((axes) => [...axes])]);
  });

/** Whether two different lanes may touch the same element, one by `a` and the other by `b`. */
function mayMeet(a: Ref, b: Ref, lanes: Axis, inside: Axes, outside: Axes): boolean {
  if (a.gather || b.gather) return a !== b || inside.size > 0;
  // Inner loops may be at different iterations in the two lanes.
  const renamed = Object.fromEntries([...inside.keys()].map((name) => [name, axisIndex(`${name}'`)]));
  const still = { [lanes.name]: { offset: 0, scale: {} } };
  const distance = plus(substitute(addressOf(a), still), times(substitute(addressOf(b), { ...renamed, ...still }), -1));
  const axes = new Map([...outside, ...inside, ...[...inside].map(([name, axis]) => [`${name}'`, axis] as const)]);
  const [low, high] = rangeOf(distance, axes);
  const step = divisorOf(distance);
  // Lanes are up to extent − 1 apart: 0 is the same lane.
  return !(low >= lanes.extent || high <= -lanes.extent || step === 0 || step >= lanes.extent);
}

/** The greatest number that divides all values of an index; 0 if it is always 0. */
const divisorOf = ({ offset, scale }: Affine): number =>
  [offset, ...Object.values(scale)].reduce((d, x) => greatestCommonDivisor(d, Math.abs(x)), 0);

/** Adds the variables of a statement whose values may differ between lanes. */
function noteVarying(s: Stmt, lanes: Axis, varying: Set<string>): void {
  if (s.kind === "let" && varies(s.value, lanes, varying)) varying.add(s.name);
  for (const x of substatements(s)) noteVarying(x, lanes, varying);
}

/** Whether a value may differ between lanes. Registers are assumed to. */
function varies(v: Value, lanes: Axis, varying: ReadonlySet<string>): boolean {
  if (v.kind === "variable") return varying.has(v.name);
  if (v.kind === "index") return scaleOf(v.at, lanes.name) !== 0;
  if (v.kind === "load" && (v.ref.view.space === "register" || scaleOf(addressOf(v.ref), lanes.name) !== 0))
    return true;
  if (v.kind === "let" && varies(v.value, lanes, varying)) return true;
  return operands(v).some((x) => varies(x, lanes, varying));
}
