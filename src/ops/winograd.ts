import { dims } from "../base/shape.ts";
import { plus, times } from "../ir/affine.ts";
import { add, block, constant, defineEach, fma, load, loops, mul, store, sub } from "../ir/build.ts";
import type { Affine, Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute } from "./check.ts";
import { cellRuns, range, read, type Taps, type Window } from "./window.ts";

/** Rows of coefficients. */
export type Matrix = readonly (readonly number[])[];

/**
 * Winograd's F(m, r): m outputs of a convolution with r taps along one axis, with m + r − 1 multiplications.
 *
 *   y = Aᵀ[(G·w) ⊙ (Bᵀ·x)]     x: m + r − 1 inputs, w: r taps, y: m outputs
 *
 * It evaluates two polynomials at m + r − 2 points and at infinity, multiplies the values, and interpolates: each
 * row of `input` (Bᵀ), `kernel` (G) and `output` (A) belongs to a point.
 *
 * Source: A. Lavin and S. Gray, Fast algorithms for convolutional neural networks, 2015 (arXiv:1509.09308).
 */
export interface Winograd {
  readonly input: Matrix;
  readonly kernel: Matrix;
  readonly output: Matrix;
}

/** The best points first: small and exact, and in pairs ±p, whose rows share their sums of even and of odd terms. */
const POINTS = [0, 1, -1, 2, -2, 0.5, -0.5];

/** The coefficients of Π (t − root), starting with that of t⁰. */
const polynomial = (roots: readonly number[]): readonly number[] =>
  roots.reduce<readonly number[]>(
    (p, root) => range(0, p.length + 1).map((k) => (p[k - 1] ?? 0) - root * (p[k] ?? 0)),
    [1],
  );
const powers = (point: number, count: number): readonly number[] => range(0, count).map((k) => point ** k);
const atInfinity = (count: number): readonly number[] => range(0, count).map((k) => (k === count - 1 ? 1 : 0));

/** The matrices of F(m, r), by the Toom–Cook construction. */
export function winograd(m: number, r: number): Winograd {
  const points = POINTS.slice(0, m + r - 2);
  const others = (point: number) => points.filter((p) => p !== point);
  const scale = (point: number) => others(point).reduce((product, p) => product * (point - p), 1);
  return {
    input: [...points.map((p) => [...polynomial(others(p)), 0]), polynomial(points)],
    kernel: [...points.map((p) => powers(p, r).map((x) => x / scale(p))), atInfinity(r)],
    output: [...points.map((p) => powers(p, m)), atInfinity(m)],
  };
}

/** The kernel sizes r for which F(m, r) is used. */
export const WINOGRAD_SIZES: readonly number[] = [3, 5];

/** The number of multiplications that F(m, r) needs for the given number of outputs along an axis. */
export const multiplications = (outputs: number, m: number, r: number): number => Math.ceil(outputs / m) * (m + r - 1);

/** The m of F(m, r), 2 or 4, that needs the fewest multiplications for the given number of outputs along an axis. */
export const tileSize = (outputs: number, r: number): number =>
  multiplications(outputs, 4, r) < multiplications(outputs, 2, r) ? 4 : 2;

/** Throws `INVALID_ARGUMENT` if there is no F(m, r) for the tile and the kernel. */
export function checkTile(op: string, tile: readonly number[], kernel: readonly number[]): void {
  for (const [d, axis] of ["height", "width"].entries()) {
    const most = POINTS.length + 2 - kernel[d]!;
    const fits = Number.isInteger(tile[d]) && tile[d]! >= 1 && tile[d]! <= most;
    checkAttribute(op, `tile along the ${axis}`, tile[d]!, fits, `a whole number from 1 to ${most}`);
  }
}

/** Σ coefficient · value, without the terms whose coefficient is 0. */
export function combine(coefficients: readonly number[], values: readonly Value[]): Value {
  const terms = coefficients.map((c, k) => ({ c, x: values[k]! })).filter(({ c }) => c !== 0);
  const [first, ...rest] = terms.toSorted((a, b) => Number(b.c === 1) - Number(a.c === 1));
  if (!first) return constant(0);
  const product = first.c === 1 ? first.x : mul(constant(first.c), first.x);
  return rest.reduce((sum, { c, x }) => {
    if (c === 1) return add(sum, x);
    return c === -1 ? sub(sum, x) : fma(constant(c), x, sum);
  }, product);
}

const only = (row: readonly number[], parity: number) => row.map((c, k) => (k % 2 === parity ? c : 0));

/** Whether two rows belong to points ±p: they differ in the sign of their odd terms. */
const areMirrored = (row: readonly number[], next: readonly number[] = []): boolean =>
  only(row, 1).some((c) => c !== 0) && row.every((c, k) => next[k] === (k % 2 === 1 ? -c : c));

/** Binds values to names made of a prefix and their index, for the statement that uses them. */
export const defineAll = (prefix: string, values: readonly Value[], body: (named: readonly Value[]) => Stmt): Stmt =>
  defineEach(Object.fromEntries(values.map((value, k) => [`${prefix}${k}`, value])), (named) =>
    body(Object.values(named)),
  );

/** T·x for named values, one value per row. The rows of points ±p share their sums. */
function multiply(T: Matrix, x: readonly Value[], body: (y: readonly Value[]) => Stmt): Stmt {
  const next = (y: readonly Value[]): Stmt => {
    const j = y.length;
    const row = T[j];
    if (row === undefined) return body(y);
    if (!areMirrored(row, T[j + 1])) return next([...y, combine(row, x)]);
    const halves = [0, 1].map((parity) => combine(only(row, parity), x));
    return defineAll(`sum${j}.`, halves, ([even, odd]) => next([...y, add(even!, odd!), sub(even!, odd!)]));
  };
  return next([]);
}

/** Binds the values x to names and writes T·x, one value per row. */
export const transform = (T: Matrix, prefix: string, x: readonly Value[], write: (j: number, y: Value) => Stmt): Stmt =>
  defineAll(prefix, x, (named) => multiply(T, named, (y) => block(...y.map((value, j) => write(j, value)))));

/** The terms of Tᵀ·y: values, each with its coefficients in the rows of Tᵀ. Points ±p become a sum and a difference. */
function termsOf(
  T: Matrix,
  y: readonly Value[],
): readonly { readonly value: Value; readonly row: readonly number[] }[] {
  return T.flatMap((row, j) => {
    if (j > 0 && areMirrored(T[j - 1]!, row)) return [];
    if (!areMirrored(row, T[j + 1])) return [{ value: y[j]!, row }];
    return [
      { value: add(y[j]!, y[j + 1]!), row: only(row, 0) },
      { value: sub(y[j]!, y[j + 1]!), row: only(row, 1) },
    ];
  });
}

/** Windows that slide along one spatial axis; the k-th element of each is multiplied by column k of `points`. */
export interface Sliding {
  readonly window: Window;
  readonly points: Matrix;
}

/**
 * Evaluates each window at the points of both axes: A·B values for A and B points.
 *
 *   v[n,B·a+b,r,c,i] = Σ_{k,l} rows[a,k] · columns[b,l] · x[n,s·r+k−p,s·c+l−p,i]
 *
 * First along the rows, into `scratch` [N,A,W,I], then along the columns.
 */
export function toPoints(x: View, v: View, scratch: View, rows: Sliding, columns: Sliding): Stmt {
  const [N, , R, C, I] = dims("winograd", "v", v.shape, 5);
  const [A, B] = [rows.points.length, columns.points.length];

  const alongRows = (n: Affine, r: Affine): Stmt =>
    loops({ w: columns.window.input, i: I }, ({ w, i }) => {
      const elements = range(0, rows.window.size).map((k) => load(at(x, n, read(rows.window, r, k), w, i)));
      return transform(rows.points, "x", elements, (a, y) => store(at(scratch, n, a, w, i), y));
    });

  const alongColumns = (n: Affine, r: Affine): Stmt =>
    loops({ a: A, c: C, i: I }, ({ a, c, i }) => {
      const elements = range(0, columns.window.size).map((l) => load(at(scratch, n, a, read(columns.window, c, l), i)));
      return transform(columns.points, "x", elements, (b, y) => store(at(v, n, plus(times(a, B), b), r, c, i), y));
    });

  return loops({ n: N, r: R }, ({ n, r }) => block(alongRows(n, r), alongColumns(n, r)));
}

/**
 * Writes elements `from` to `to` of a cell, each the sum over the windows that contain it: the one that begins with the
 * cell, and some before it. `element` is the value at a point of the window that begins `back` cells earlier.
 */
function addWindows(
  { points, window: { size, stride } }: Sliding,
  { from, to }: Taps,
  element: (back: number, point: number) => Value,
  write: (phase: number, y: Value) => Stmt,
): Stmt {
  const terms = range(0, Math.ceil(size / stride)).flatMap((back) => {
    const values = range(0, points.length).map((j) => element(back, j));
    return termsOf(points, values).map(({ value, row }) => ({ value, row: row.slice(stride * back) }));
  });
  const sumAt = (phase: number, named: readonly Value[]): Value =>
    combine(
      terms.map(({ row }) => row[phase] ?? 0),
      named,
    );
  return defineAll(
    "y",
    terms.map(({ value }) => value),
    (named) => block(...range(from, to).map((phase) => write(phase, sumAt(phase, named)))),
  );
}

/**
 * The adjoint of `toPoints`: sums the values of all windows that contain an element.
 *
 *   x[n,h,w,i] = Σ_{a,b,r,c} rows[a,h−s·r+p] · columns[b,w−s·c+p] · v[n,B·a+b,r,c,i]
 *
 * Cell by cell of s rows; first along the rows, into `scratch` [N,s,B,C,I], then along the columns.
 */
export function fromPoints(v: View, x: View, scratch: View, rows: Sliding, columns: Sliding): Stmt {
  const [N, , , C, I] = dims("winograd", "v", v.shape, 5);
  const B = columns.points.length;

  /** The elements of the r-th cell of a run of rows. */
  const alongRows = (n: Affine, r: Affine, run: Taps): Stmt =>
    loops({ b: B, c: C, i: I }, ({ b, c, i }) =>
      addWindows(
        rows,
        run,
        (back, a) => load(at(v, n, plus(b, B * a), plus(r, run.start - back), c, i)),
        (phase, y) => store(at(scratch, n, phase, b, c, i), y),
      ),
    );

  /** The same cell's elements in a run of columns. */
  const alongColumns = (n: Affine, r: Affine, rowRun: Taps, run: Taps): Stmt =>
    loops({ h: rowRun.to - rowRun.from, c: run.count, i: I }, ({ h, c, i }) => {
      const phase = plus(h, rowRun.from);
      const row = read(rows.window, plus(r, rowRun.start), phase);
      return addWindows(
        columns,
        run,
        (back, b) => load(at(scratch, n, phase, b, plus(c, run.start - back), i)),
        (column, y) => store(at(x, n, row, read(columns.window, plus(c, run.start), column), i), y),
      );
    });

  const cell = (n: Affine, r: Affine, run: Taps): Stmt =>
    block(alongRows(n, r, run), ...cellRuns(columns.window).map((columnRun) => alongColumns(n, r, run, columnRun)));
  return loops({ n: N }, ({ n }) =>
    block(...cellRuns(rows.window).map((run) => loops({ r: run.count }, ({ r }) => cell(n, r, run)))),
  );
}
