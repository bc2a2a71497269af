import type { Moments, Thumbnails } from "./thumbnails.ts";

/** The number of projections: one for each of 4 × 4 parts of an image. */
const COUNT = 16;

/** Points that are at most as far apart as the thumbnails they represent. */
export interface Projections {
  /** [rows, size] */
  readonly values: Float32Array;
  readonly size: number;
}

/**
 * Shape [rows, 16]: projections of centered, unit-length thumbnails, in descending order of variance. Each part of an image is
 * summed and divided by the square root of its number of elements, and the sums are Walsh–Hadamard transformed. Both
 * steps are orthonormal, so distances do not increase.
 */
export function projectionsOf(
  { pixels, size, parts }: Thumbnails,
  { sums, norms }: Moments,
  rows: Uint32Array,
): Projections {
  const counts = new Float64Array(COUNT);
  for (const part of parts) counts[part]!++;
  const all = new Float64Array(rows.length * COUNT);
  const of = new Float64Array(COUNT);
  for (const [i, row] of rows.entries()) {
    of.fill(0);
    for (let k = 0; k < size; k++) of[parts[k]!]! += pixels[row * size + k]!;
    // (p − mean) / length, where length is norm / √n.
    const scale = Math.sqrt(size) / norms[row]!;
    for (let part = 0; part < COUNT; part++)
      if (counts[part]! > 0)
        of[part] = ((of[part]! - (counts[part]! * sums[row]!) / size) * scale) / Math.sqrt(counts[part]!);
    transform(of);
    all.set(of, i * COUNT);
  }
  const order = byVariance(all);
  return { values: Float32Array.from(all, (_, i) => all[i - (i % COUNT) + order[i % COUNT]!]!), size: COUNT };
}

/** The orthonormal Walsh–Hadamard transform of 16 numbers, in place. */
function transform(values: Float64Array): void {
  for (let half = 1; half < COUNT; half *= 2)
    for (let i = 0; i < COUNT; i++)
      if (!(i & half)) {
        const [a, b] = [values[i]!, values[i + half]!];
        values[i] = a + b;
        values[i + half] = a - b;
      }
  for (let i = 0; i < COUNT; i++) values[i]! /= Math.sqrt(COUNT);
}

/** The indices of the columns, in descending order of variance. */
function byVariance(values: Float64Array): readonly number[] {
  const rows = values.length / COUNT;
  const variances = Array.from({ length: COUNT }, (_, k) => {
    let [sum, squares] = [0, 0];
    for (let i = k; i < values.length; i += COUNT) {
      sum += values[i]!;
      squares += values[i]! * values[i]!;
    }
    return squares / rows - (sum / rows) ** 2;
  });
  return variances.map((_, k) => k).sort((a, b) => variances[b]! - variances[a]! || a - b);
}
