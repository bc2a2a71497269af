import type { Image } from "../image/image.ts";

/** The uniform or shaded background of a gray picture, without the ink. */
export interface Surface {
  /** Its gray level at (x, y), with x and y from 0 to 1. */
  readonly at: (x: number, y: number) => number;
  /** The standard deviation of the background pixels from it, in gray levels. */
  readonly noise: number;
}

const TERMS = 6;
const MAX_POINTS = 250;
/** Rounds of fitting, each without the points that are more than {@link REACH} standard deviations off. */
const ROUNDS = 3;
const REACH = 2.5;
/** A pivot below this share of the number of points means that the system is singular. */
const OPEN = 1e-6;
/** The least standard deviation assumed, since gray levels are rounded to integers. */
const LEAST_NOISE = 1;

type Terms = readonly number[];

/**
 * Fits g(x, y) = a + bx + cy + dx² + exy + fy² to the chosen pixels by least squares with outlier rejection: lighting
 * varies slowly across paper, ink does not. If more than a third are outliers, shading cannot be distinguished from ink,
 * and the background is a single gray level: their median.
 */
export function fitSurface({ width, height, pixels }: Image, chosen: readonly number[]): Surface {
  const stride = Math.ceil(chosen.length / MAX_POINTS);
  const points = chosen
    .filter((_, i) => i % stride === 0)
    .map((pixel) => ({
      gray: pixels[pixel]!,
      terms: termsAt((pixel % width) / width, Math.floor(pixel / width) / height),
    }));
  const even = [medianOf(points.map(({ gray }) => gray)), 0, 0, 0, 0, 0];
  let [coefficients, kept, noise] = [even, points, LEAST_NOISE];
  for (let round = 0; round < ROUNDS; round++) {
    const away = points.map(({ gray, terms }) => Math.abs(gray - valueAt(coefficients, terms)));
    noise = Math.max(LEAST_NOISE, 1.4826 * medianOf(away));
    kept = points.filter((_, i) => away[i]! <= REACH * noise);
    const solved = solve(kept);
    if (!solved) break;
    coefficients = solved;
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = kept.length < (2 / 3) * points.length ? even : coefficients;
  const at = (x: number, y: number) => {
    const u = 2 * x - 1;
    const v = 2 * y - 1;
    return a + b * u + c * v + d * u * u + e * u * v + f * v * v;
  };
  return { at, noise };
}

function termsAt(x: number, y: number): Terms {
  const [u, v] = [2 * x - 1, 2 * y - 1];
  return [1, u, v, u * u, u * v, v * v];
}

function valueAt(coefficients: Terms, terms: Terms): number {
  let sum = 0;
  for (let k = 0; k < TERMS; k++) sum += coefficients[k]! * terms[k]!;
  return sum;
}

/** The median (the upper one for an even count); 0 for no values. */
function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}

/** Solves the normal equations by Gaussian elimination; undefined if they are singular. */
function solve(points: readonly { readonly gray: number; readonly terms: Terms }[]): number[] | undefined {
  const matrix = Array.from({ length: TERMS }, () => new Array<number>(TERMS + 1).fill(0));
  for (const { gray, terms } of points)
    for (let a = 0; a < TERMS; a++) {
      const row = matrix[a]!;
      for (let b = 0; b < TERMS; b++) row[b]! += terms[a]! * terms[b]!;
      row[TERMS]! += terms[a]! * gray;
    }
  for (let k = 0; k < TERMS; k++) {
    let pivot = k;
    for (let i = k; i < TERMS; i++) if (Math.abs(matrix[i]![k]!) > Math.abs(matrix[pivot]![k]!)) pivot = i;
    [matrix[k], matrix[pivot]] = [matrix[pivot]!, matrix[k]!];
    const top = matrix[k]!;
    if (Math.abs(top[k]!) < OPEN * points.length) return undefined;
    for (const [i, row] of matrix.entries()) {
      if (i === k) continue;
      const factor = row[k]! / top[k]!;
      for (let b = k; b <= TERMS; b++) row[b]! -= factor * top[b]!;
    }
  }
  return matrix.map((row, k) => row[TERMS]! / row[k]!);
}
