import { sameShape } from "../base/shape.ts";
import { axisIndex, plus, sameAffine, scaleOf, times } from "../ir/affine.ts";
import { accessesOfNest, multiplyAdds, type Nest, outputAxes, rewriteContraction } from "../ir/contraction.ts";
import { rewriteStmt, sizeOfStmt, sumOverExecutions } from "../ir/traverse.ts";
import type { Axis, Stmt } from "../ir/types.ts";
import { strideAlong } from "../ir/view.ts";
import { largestDivisor } from "./groups.ts";
import { substitution } from "./schedule/fuseAxes.ts";
import { PART } from "./storage.ts";

/** Less than this, in values computed, is not worth a part of its own: about a microsecond. */
const LEAST_WORK = 8192;
const MOST_PARTS = 8;
/** An innermost axis is cut only where vectors in a row remain. */
const LEAST_INNERMOST = 64;

/** A nest as `parts` nests for the values of the axis `PART`, each for its own elements of the output. */
export interface Split {
  readonly nest: Nest;
  readonly parts: number;
}

/** How many values a nest computes, about. */
export const workOf = (nest: Nest): number =>
  nest.kind === "contraction" ? multiplyAdds(nest) : sumOverExecutions(nest, workOfStatement);

/** A variable counts as one value, however it is computed. */
const workOfStatement = (s: Stmt): number => (s.kind === "store" ? sizeOfStmt(s) : s.kind === "let" ? 1 : 0);

/** Whether a nest is too little to be cut, or to wait for. */
export const isSmall = (nest: Nest): boolean => workOf(nest) < 2 * LEAST_WORK;

/**
 * Cuts a nest along one axis of what it writes, into as many parts as pay off. Every element is computed by one part
 * as it was before, so the numbers stay the same.
 */
export function split(nest: Nest): Split {
  const most = Math.min(MOST_PARTS, Math.floor(workOf(nest) / LEAST_WORK));
  const [first, ...others] = separableAxes(nest).map((axis) => ({ axis, parts: partsOf(axis, nest, most) }));
  const best = others.reduce((a, b) => (b.parts > (a?.parts ?? 1) ? b : a), first);
  return best && best.parts > 1 ? { nest: cut(nest, best.axis, best.parts), parts: best.parts } : { nest, parts: 1 };
}

function partsOf(axis: Axis, nest: Nest, most: number): number {
  const { stores } = accessesOfNest(nest);
  const isInnermost = stores.some((ref) => strideAlong(ref, axis) === 1);
  const limit = isInnermost ? Math.min(most, Math.floor(axis.extent / LEAST_INNERMOST)) : most;
  return largestDivisor(axis.extent, limit);
}

/** The axes along which nothing that one turn writes is read or written by another. */
function separableAxes(nest: Nest): readonly Axis[] {
  if (nest.kind === "contraction") return outputAxes(nest).filter((axis) => isSeparable(nest, axis));
  const axes: Axis[] = [];
  for (let s: Stmt = nest; s.kind === "loop"; s = s.body) axes.push(s.axis);
  return axes.filter((axis) => isSeparable(nest, axis));
}

function isSeparable(nest: Nest, axis: Axis): boolean {
  const { stores, loads } = accessesOfNest(nest);
  return stores
    .filter((w) => w.view.space === "memory")
    .every((w) => {
      const own = w.index.findIndex((i) => Object.keys(i.scale).length === 1 && scaleOf(i, axis.name) !== 0);
      const others = [...stores, ...loads].filter((r) => r.view.name === w.view.name);
      return (
        own >= 0 &&
        !w.gather &&
        others.every(
          (r) =>
            !r.gather &&
            sameShape(r.view.shape, w.view.shape) &&
            sameAffine(r.view.origin, w.view.origin) &&
            sameAffine(r.index[own]!, w.index[own]!),
        )
      );
    });
}

function cut(nest: Nest, axis: Axis, parts: number): Nest {
  const short: Axis = { ...axis, extent: axis.extent / parts };
  const index = plus(axisIndex(axis.name), times(axisIndex(PART), short.extent));
  const by = substitution({ [axis.name]: index });
  if (nest.kind !== "contraction") return shorten(rewriteStmt(nest, by), short);
  return rewriteContraction(
    nest,
    nest.axes.map((x) => (x.name === axis.name ? short : x)),
    by,
  );
}

/** The loops with the one over an axis shortened. */
function shorten(s: Stmt, axis: Axis): Stmt {
  if (s.kind !== "loop") return s;
  return s.axis.name === axis.name ? { ...s, axis } : { ...s, body: shorten(s.body, axis) };
}
