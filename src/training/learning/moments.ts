/** Count, mean and sum of squared deviations of a sample (Welford, "Note on a method for calculating …", 1962). */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** The moments of no values. */
export const none: Moments = { count: 0, mean: 0, squares: 0 };

/** The moments with one more value. */
export const plus = ({ count, mean, squares }: Moments, value: number): Moments => {
  const delta = value - mean;
  const next = mean + delta / (count + 1);
  return { count: count + 1, mean: next, squares: squares + delta * (value - next) };
};

/** The moments of values. */
export const momentsOf = (values: ArrayLike<number>): Moments => Array.from(values).reduce(plus, none);

/** The moments of two samples together (Chan, Golub and LeVeque, 1979). */
export function together(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  if (count === 0) return none;
  const delta = b.mean - a.mean;
  const squares = a.squares + b.squares + (delta * delta * a.count * b.count) / count;
  return { count, mean: a.mean + (delta * b.count) / count, squares };
}

/** The standard error of the mean. */
export const errorOf = ({ count, squares }: Moments): number =>
  count < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / (count - 1) / count);
