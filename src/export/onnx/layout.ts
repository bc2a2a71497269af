import type { Shape } from "../../base/shape.ts";
import { type WindowAttrs, windowsOf } from "../../ops/window.ts";

/** Padding before the rows and columns, then after them, for windows over x [N,H,W,C]; errors begin with `op`. */
export function padsOf(op: string, x: Shape, size: readonly [number, number], attrs: WindowAttrs): Pads {
  const { rows, columns } = windowsOf(op, x, size, attrs);
  return [rows.before, columns.before, rows.after, columns.after];
}

/** Padding in ONNX's order. */
export type Pads = readonly [top: number, left: number, bottom: number, right: number];

/** [A,B,…] as [B,A,…], with `inner` elements in each place. */
export function exchangeAxes(values: Float32Array, A: number, B: number, inner = 1): Float32Array<ArrayBuffer> {
  const exchanged = new Float32Array(values.length);
  for (let a = 0; a < A; a++)
    for (let b = 0; b < B; b++) {
      const from = (a * B + b) * inner;
      exchanged.set(values.subarray(from, from + inner), (b * A + a) * inner);
    }
  return exchanged;
}

/** A kernel [U,V,I,O] as ONNX has it, [O,I,U,V]. */
export function kernelToOnnx(values: Float32Array, [U, V, I, O]: readonly [number, number, number, number]) {
  return eachFilter(exchangeAxes(values, U * V * I, O), O, (filter) => exchangeAxes(filter, U * V, I));
}

/** ONNX's kernel [O,I,U,V] as [U,V,I,O]. */
export function kernelFromOnnx(values: Float32Array, [O, I, U, V]: readonly [number, number, number, number]) {
  const moved = eachFilter(values.slice(), O, (filter) => exchangeAxes(filter, I, U * V));
  return exchangeAxes(moved, O, U * V * I);
}

/** Changes the values of each of the filters. */
function eachFilter(
  values: Float32Array<ArrayBuffer>,
  filters: number,
  change: (filter: Float32Array) => Float32Array,
) {
  const size = values.length / filters;
  for (let o = 0; o < filters; o++) values.set(change(values.subarray(o * size, (o + 1) * size)), o * size);
  return values;
}
