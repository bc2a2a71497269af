import type { Moments, Thumbnails } from "./thumbnails.ts";

/** Of 4 × 4 parts. */
const COUNT = 16;

/** Points that are no farther apart than what they stand for. */
export interface Projections {
  /** [rows, size] */
  readonly values: Float32Array;
  readonly size: number;
}

/**
 * [rows, 16] projections of thumbnails less their mean and of length 1, those that vary most first: sums over the parts
 * of an image, each divided by the root of how many numbers it has, and then the Walsh–Hadamard transform of these. Both
 * are orthonormal, so that distances do not grow.
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

/** The numbers of the columns, the one of greatest variance first. */
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
