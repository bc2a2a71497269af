import type { Command } from "opentype.js/dist/opentype.mjs";

/** A closed line x0 y0 x1 y1 …; the last point joins the first. */
export type Contour = readonly number[];

/** One coordinate of a cubic Bézier curve. */
type Cubic = readonly [number, number, number, number];

/** A quadratic curve as a cubic one. */
const cubic = (a: number, b: number, c: number): Cubic => [a, a + (2 / 3) * (b - a), c + (2 / 3) * (b - c), c];

const at = ([a, b, c, d]: Cubic, t: number): number => {
  const u = 1 - t;
  return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
};

/** Where a coordinate of a curve is largest or smallest: the zeros of its derivative. */
function turns([a, b, c, d]: Cubic): number[] {
  const [p, q, r] = [d - 3 * c + 3 * b - a, 2 * (c - 2 * b + a), b - a];
  const root = Math.sqrt(q * q - 4 * p * r); // NaN where it never turns
  // A quadratic curve has p = 0 but for rounding; r / (…) stays exact there.
  const far = -0.5 * (q + (q < 0 ? -root : root));
  return [far / p, r / far].filter((t) => t > 0 && t < 1);
}

/** Points a curve is replaced by: evenly spaced in t, more on a longer curve, and all where it turns, so that bounds are exact. */
function curve(x: Cubic, y: Cubic): number[] {
  const reach = [0, 1, 2].reduce((sum, i) => sum + Math.abs(x[i + 1]! - x[i]!) + Math.abs(y[i + 1]! - y[i]!), 0);
  const pieces = Math.min(64, 4 + Math.ceil(reach));
  const times = Array.from({ length: pieces }, (_, i) => (i + 1) / pieces);
  times.push(...turns(x), ...turns(y));
  return times.sort((s, t) => s - t).flatMap((t) => [at(x, t), at(y, t)]);
}

/** The closed contours of an outline, its curves flattened to lines. Contours without area are left out. */
export function flatten(commands: readonly Command[]): Contour[] {
  const contours: number[][] = [];
  let [x, y] = [0, 0];
  for (const step of commands) {
    if (step.type === "Z") continue;
    const line = contours.at(-1);
    if (step.type === "M" || !line) contours.push([step.x, step.y]);
    else if (step.type === "L") line.push(step.x, step.y);
    else if (step.type === "C") line.push(...curve([x, step.x1, step.x2, step.x], [y, step.y1, step.y2, step.y]));
    else line.push(...curve(cubic(x, step.x1, step.x), cubic(y, step.y1, step.y)));
    [x, y] = [step.x, step.y];
  }
  return contours.filter((line) => line.length >= 6);
}
