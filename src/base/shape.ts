import { InklingError } from "./error.ts";

/** Extents of a tensor, outermost first, e.g. [N, H, W, C]. */
export type Shape = readonly number[];

/** The number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);

/** A shape as text: (16, 28, 28, 1), or (16,) for rank 1. */
export const formatShape = (shape: Shape): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** Whether two shapes have the same extents. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, i) => extent === b[i]);

/** The `INVALID_SHAPE` error for incompatible operands: names the op, the quantity, what it got and what it expected. */
export const shapeError = (op: string, what: string, got: unknown, expected: unknown): InklingError =>
  new InklingError("INVALID_SHAPE", `${op}: ${what} is ${got}, expected ${expected}`);

type Tuple<N extends number, T extends number[] = []> = T["length"] extends N ? T : Tuple<N, [...T, number]>;

/** The extents of a shape of known rank, as a tuple. Throws `INVALID_SHAPE` if the rank is different. */
export function dims<const N extends number>(op: string, name: string, shape: Shape, rank: N): Tuple<N> {
  if (shape.length !== rank) throw shapeError(op, `rank of ${name}`, shape.length, rank);
  return shape as unknown as Tuple<N>;
}
