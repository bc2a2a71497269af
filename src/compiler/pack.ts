import { axisIndex, plus, scaleOf, times } from "../ir/affine.ts";
import { load, nest, store } from "../ir/build.ts";
import { type Contraction, factors, outputAxes, reducedAxes } from "../ir/contraction.ts";
import type { Axis, Ref, Stmt, View } from "../ir/types.ts";
import { addressOf, at, memory, strideAlong, substituteRef } from "../ir/view.ts";
import { largestDivisor } from "./groups.ts";

/** A copy of an operand in the order in which a contraction reads it. Each program has its own. */
export interface Packing {
  readonly name: string;
  readonly view: View;
  readonly nest: Stmt;
}

/** A contraction, and the packing of its operand, if it needs one. */
export interface Packed {
  readonly contraction: Contraction;
  readonly packing?: Packing;
}

/**
 * Packs a factor in which an axis of the output is not contiguous, so that the axis can be vectorized: the
 * transposed and flipped weights of an input gradient, for example. Only operands that `mayPack` allows are
 * copied: those that are the same for many samples.
 */
export function packOperand(c: Contraction, program: string, mayPack: (view: View) => boolean): Packed {
  const axis = outputAxes(c).find((x) => x.extent > 1 && strideAlong(c.out, x) === 1);
  const blocking = axis ? factors(c).filter((r) => strideAlong(r, axis) !== 0 && strideAlong(r, axis) !== 1) : [];
  const [operand] = blocking;
  if (!axis || !operand || operand.gather || blocking.length > 1 || !mayPack(operand.view)) return { contraction: c };
  const address = addressOf(operand);
  const order = [...reducedAxes(c), ...outputAxes(c).filter((x) => x !== axis), axis].filter(
    (x) => scaleOf(address, x.name) !== 0,
  );
  const signature = order.map((x) => `${x.extent}s${scaleOf(address, x.name)}`).join("_");
  const own = operand.view.name.replace(`${program}/`, "");
  const name = `${own}.packed${address.offset}_${signature}`.replaceAll("-", "m");
  const view = memory(
    `${program}/${name}`,
    order.map((x) => x.extent),
  );
  const packed = at(view, ...order.map((x) => axisIndex(x.name)));
  return {
    contraction: c.a === operand ? { ...c, a: packed } : { ...c, b: packed },
    packing: { name, view, nest: copy(packed, operand, order) },
  };
}

/** How many elements of the last axis to copy for all other axes before moving on, so that cache lines are reused. */
const STRIP = 128;

/** Copies an operand to a view of the given axes, strip by strip. */
function copy(to: Ref, from: Ref, order: readonly Axis[]): Stmt {
  const axis = order.at(-1)!;
  const extent = largestDivisor(axis.extent, STRIP);
  if (extent === axis.extent || extent < STRIP / 2) return nest(order, "serial", store(to, load(from)));
  const strip: Axis = { name: `${axis.name}.strip`, extent: axis.extent / extent };
  const by = { [axis.name]: plus(times(axisIndex(strip.name), extent), axisIndex(axis.name)) };
  const body = store(substituteRef(to, by), load(substituteRef(from, by)));
  return nest([strip, ...order.slice(0, -1), { ...axis, extent }], "serial", body);
}
