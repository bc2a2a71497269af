import type { Affine, Axis } from "./types.ts";

/** offset + Σ scale · axis. */
export const affine = (offset = 0, scale: Readonly<Record<string, number>> = {}): Affine => ({ offset, scale });

/** The index that is a single axis. */
export const axisIndex = (name: string): Affine => affine(0, { [name]: 1 });

/** A number as an affine expression; an affine expression stays as it is. */
export const toAffine = (index: Affine | number): Affine => (typeof index === "number" ? affine(index) : index);

/** k · a */
export function times(a: Affine, k: number): Affine {
  if (k === 1) return a;
  const scale: Record<string, number> = {};
  if (k !== 0) for (const name in a.scale) scale[name] = a.scale[name]! * k;
  return { offset: a.offset * k, scale };
}

/** The sum of indices. A hot spot of compilation, hence the plain loops. */
export function plus(...terms: readonly (Affine | number)[]): Affine {
  const scale: Record<string, number> = {};
  let offset = 0;
  let cancels = false;
  for (const term of terms) {
    if (typeof term === "number") {
      offset += term;
      continue;
    }
    offset += term.offset;
    for (const name in term.scale) {
      scale[name] = (scale[name] ?? 0) + term.scale[name]!;
      cancels ||= scale[name] === 0;
    }
  }
  return { offset, scale: cancels ? Object.fromEntries(Object.entries(scale).filter(([, s]) => s !== 0)) : scale };
}

/** How much `a` grows when an axis grows by 1. */
export const scaleOf = (a: Affine, axis: string): number => a.scale[axis] ?? 0;

/** Replaces axes by affine expressions of other axes. */
export const substitute = (a: Affine, by: Readonly<Record<string, Affine>>): Affine =>
  plus(a.offset, ...Object.entries(a.scale).map(([name, s]) => times(by[name] ?? axisIndex(name), s)));

/** Whether two expressions are equal for all values of their axes. */
export const sameAffine = (a: Affine, b: Affine): boolean => {
  const difference = plus(a, times(b, -1));
  return difference.offset === 0 && Object.keys(difference.scale).length === 0;
};

/** The smallest and the largest value over all values of the axes. Throws if an axis is not given. */
export function rangeOf(a: Affine, axes: ReadonlyMap<string, Axis>): readonly [number, number] {
  let [low, high] = [a.offset, a.offset];
  for (const [name, scale] of Object.entries(a.scale)) {
    const axis = axes.get(name);
    if (axis === undefined) throw new Error(`axis ${name} is used outside its loop`);
    const reach = scale * (axis.extent - 1);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}

/** The greatest common divisor of numbers of at least 0; that of 0 and 0 is 0. */
export const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
