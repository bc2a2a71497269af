import type { Image } from "../image/image.ts";

/** The even or shaded background of a grey picture, as if there were no ink. */
export interface Surface {
  /** Its grey at a place, 0 to 1 in both directions. */
  readonly at: (x: number, y: number) => number;
  /** The standard deviation of the background about it. */
  readonly noise: number;
}

const TERMS = 6;
const MAX_POINTS = 250;
/** Rounds of fitting and leaving out what lies further off than {@link REACH} deviations. */
const ROUNDS = 3;
const REACH = 2.5;
/** A pivot below this share of the points leaves its term open. */
const OPEN = 1e-6;
/** What rounding to whole greys leaves, and so the least deviation that is assumed. */
const LEAST_NOISE = 1;

type Terms = readonly number[];

/**
 * Fits g(x, y) = a + bx + cy + dx² + exy + fy² to the pixels chosen, by least squares without outliers: the light
 * that falls on paper changes slowly, ink does not. Where more than a third are outliers, shading cannot be told
 * from ink, and the background is one grey: their median.
 */
export function fitSurface({ width, height, pixels }: Image, chosen: readonly number[]): Surface {
  const stride = Math.ceil(chosen.length / MAX_POINTS);
  const points = chosen
    .filter((_, i) => i % stride === 0)
    .map((pixel) => ({
      grey: pixels[pixel]!,
      terms: termsAt((pixel % width) / width, Math.floor(pixel / width) / height),
    }));
  const even = [medianOf(points.map(({ grey }) => grey)), 0, 0, 0, 0, 0];
  let [coefficients, kept, noise] = [even, points, LEAST_NOISE];
  for (let round = 0; round < ROUNDS; round++) {
    const away = points.map(({ grey, terms }) => Math.abs(grey - valueAt(coefficients, terms)));
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

export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}

/** Least squares by the normal equations and Gaussian elimination; nothing where the points leave a term open. */
function solve(points: readonly { readonly grey: number; readonly terms: Terms }[]): number[] | undefined {
  const matrix = Array.from({ length: TERMS }, () => new Array<number>(TERMS + 1).fill(0));
  for (const { grey, terms } of points)
    for (let a = 0; a < TERMS; a++) {
      const row = matrix[a]!;
      for (let b = 0; b < TERMS; b++) row[b]! += terms[a]! * terms[b]!;
      row[TERMS]! += terms[a]! * grey;
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
