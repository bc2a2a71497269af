import { axisIndex, plus, scaleOf, times } from "../../ir/affine.ts";
import { block, loop } from "../../ir/build.ts";
import type { Machine } from "../../ir/machine.ts";
import {
  accessesOf,
  indicesOf,
  loadsOf,
  mapStatement,
  rewriteStmt,
  sizeOfStmt,
  substatements,
} from "../../ir/traverse.ts";
import type { Affine, Axis, Ref, Stmt } from "../../ir/types.ts";
import { addressOf } from "../../ir/view.ts";
import { addressesOf, flattening, fuseAxes, substitution } from "./fuseAxes.ts";
import { hoist } from "./hoist.ts";
import { insideOf, pieces, repeat, within } from "./tile.ts";

/** Bodies of up to this many values are unrolled, to amortize loop control. */
const SMALL_BODY = 10;
const UNROLL = 4;

/** Vectorizes the innermost axis of each loop nest whose lanes are independent. */
export const vectorize = (s: Stmt, m: Machine): Stmt =>
  s.kind === "loop" ? vectorizeLoops(s, m) : mapStatement(s, { statement: (x) => vectorize(x, m) });

/** The perfectly nested loops of a statement, and their body. */
function perfectNest(s: Stmt): { readonly axes: readonly Axis[]; readonly body: Stmt } {
  if (s.kind !== "loop") return { axes: [], body: s };
  const { axes, body } = perfectNest(s.body);
  return { axes: [s.axis, ...axes], body };
}

function vectorizeLoops(s: Stmt, m: Machine): Stmt {
  const { axes, body } = perfectNest(rewriteStmt(s, flattening));
  const { stores, loads } = accessesOf(body);
  const fused = fuseAxes(axes, [...addressesOf([...stores, ...loads]), ...indicesOf(body)]);
  const inner = rewriteStmt(body, substitution(fused.by));
  const outer = fused.axes.slice(0, -1);
  const innermost = fused.axes.at(-1);
  if (!innermost) return vectorize(inner, m);
  const { outside, body: rest } = hoist(inner, fused.axes);
  const nested =
    isStraight(rest) && lanesAreIndependent(rest, innermost, widthAlong(innermost, m))
      ? acrossVectors(rest, innermost, m)
      : loop(innermost, "serial", vectorize(rest, m));
  const loops = outer.reduceRight<Stmt>((x, axis) => loop(axis, "serial", x), nested);
  return outside.reduceRight<Stmt>((x, { name, value }) => ({ kind: "let", name, value, body: x }), loops);
}

/** Whether there are no loops inside. */
const isStraight = (s: Stmt): boolean => s.kind !== "loop" && s.kind !== "call" && substatements(s).every(isStraight);

/** The vector width for an axis. */
const widthAlong = (axis: Axis, m: Machine): number => m.widths.find((width) => width <= axis.extent) ?? 1;

/** Whether every lane of a vector stores to its own elements, and reads only what it stored itself or what no lane stores. */
function lanesAreIndependent(body: Stmt, axis: Axis, width: number): boolean {
  const { stores, loads } = accessesOf(body);
  const step = (r: Ref) => scaleOf(addressOf(r), axis.name);
  const sameBuffer = (a: Ref, b: Ref) => a.view.name === b.view.name;
  const gathers = [...stores, ...loads].flatMap((r) => (r.gather ? loadsOf(r.gather) : []));
  return (
    stores.every((r) => r.view.space === "memory" && !r.gather && step(r) === 1) &&
    loads.every((r) => r.view.space === "memory" && (step(r) === 0 || step(r) === 1)) &&
    gathers.every((r) => step(r) === 0) &&
    [...stores, ...loads].every((r) =>
      stores.filter((w) => sameBuffer(r, w)).every((w) => !r.gather && neverMeet(addressOf(r), addressOf(w), width)),
    )
  );
}

/** Whether two addresses move in parallel and are either equal or at least a vector apart. */
function neverMeet(a: Affine, b: Affine, width: number): boolean {
  const { offset, scale } = plus(a, times(b, -1));
  return Object.keys(scale).length === 0 && (offset === 0 || Math.abs(offset) >= width);
}

function acrossVectors(body: Stmt, axis: Axis, m: Machine): Stmt {
  const unroll = sizeOfStmt(body) <= SMALL_BODY ? UNROLL : 1;
  const width = widthAlong(axis, m);
  return block(
    ...pieces(axis.extent, width * unroll, width).map((p) => {
      const { unrolled, lanes } = insideOf(axis, p);
      const index = plus(within(axis, p), axisIndex(".lane"));
      const vector = loop(lanes.axis, lanes.mark, rewriteStmt(body, substitution({ [axis.name]: index })));
      return repeat(axis, p.count, loop(unrolled.axis, unrolled.mark, vector));
    }),
  );
}
