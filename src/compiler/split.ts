import { sameShape } from "../base/shape.ts";
import { axisIndex, plus, sameAffine, scaleOf, times } from "../ir/affine.ts";
import { accessesOfNest, multiplyAdds, type Nest, outputAxes, rewriteContraction } from "../ir/contraction.ts";
import { rewriteStmt, sizeOfStmt, sumOverExecutions } from "../ir/traverse.ts";
import type { Axis, Stmt } from "../ir/types.ts";
import { strideAlong } from "../ir/view.ts";
import { largestDivisor } from "./groups.ts";
import { substitution } from "./schedule/fuseAxes.ts";
import { PART } from "./storage.ts";

/** The least work for a part, in computed values: about a microsecond. */
const LEAST_WORK = 8192;
const MOST_PARTS = 8;
/** The least extent to which an innermost axis is cut, so that several vectors remain. */
const LEAST_INNERMOST = 64;

/** A nest in parts, one for each value of the axis `PART`; each part writes its own elements of the output. */
export interface Split {
  readonly nest: Nest;
  readonly parts: number;
}

/** Approximately how many values a nest computes. */
const workOf = (nest: Nest): number =>
  nest.kind === "contraction" ? multiplyAdds(nest) : sumOverExecutions(nest, workOfStatement);

/** A variable counts as one value, regardless of how it is computed. */
const workOfStatement = (s: Stmt): number => (s.kind === "store" ? sizeOfStmt(s) : s.kind === "let" ? 1 : 0);

/** Whether a nest is too small to be split, or to be worth a barrier. */
export const isSmall = (nest: Nest): boolean => workOf(nest) < 2 * LEAST_WORK;

/**
 * Splits a nest along one axis of its output into as many parts as pay off. Each element is computed by one part exactly
 * as before, so results do not change.
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

/** The axes whose iterations are independent: none reads or writes what another one writes. */
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

/** The loops with the one over the given axis shortened. */
function shorten(s: Stmt, axis: Axis): Stmt {
  if (s.kind !== "loop") return s;
  return s.axis.name === axis.name ? { ...s, axis } : { ...s, body: shorten(s.body, axis) };
}
