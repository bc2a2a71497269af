import { philox, purposes, toUnit } from "../base/philox.ts";
import { sizeOf } from "../base/shape.ts";
import type { Op, Sample } from "../ops/op.ts";

/** Random float32 numbers in [−1, 1), the same in every run. */
export const unitValues = (count: number, stream: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => 2 * toUnit(philox([1, purposes.test], [i, stream, 0, 0])[0]) - 1);

/** Almost 0, the usual size, and far beyond the kinks and saturation of activations. */
const MAGNITUDES = [1e-3, 1, 1, 30];

/** Random float32 numbers of several magnitudes, up to ±30, the same in every run. */
export const wideValues = (count: number, stream: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => {
    const [value, magnitude] = philox([1, purposes.test], [i, stream, 1, 0]);
    return Math.fround((2 * toUnit(value) - 1) * MAGNITUDES[magnitude % MAGNITUDES.length]!);
  });

/** Picks random integers, both ends included, with a preference for small ones; the same for the same stream. */
export function picker(stream: number): (from: number, to: number) => number {
  let drawn = 0;
  return (from, to) => {
    const [first, second] = philox([1, purposes.test], [drawn++, stream, 2, 0]);
    const count = to - from + 1;
    return from + Math.min(first % count, second % count);
  };
}

/** How to draw inputs that a sample does not give. */
export type Draw = (count: number, stream: number) => Float64Array;
export const draws: Readonly<Record<string, Draw>> = { unit: unitValues, wide: wideValues };

/** The inputs of a sample: those that it gives, and random ones for the rest. Integers other than bytes must be given. */
export function inputsOf(
  op: Op,
  { shapes, values }: Sample<string, unknown>,
  draw: Draw,
): Record<string, Float64Array> {
  const input = (name: string, stream: number): Float64Array => {
    const size = sizeOf(shapes[name]!);
    const given = values?.[name];
    if (given) {
      if (given.length !== size)
        throw new Error(`${op.name}: a sample gives ${given.length} values of ${name}, expected ${size}`);
      return Float64Array.from(given, op.types?.[name] ? Number : Math.fround);
    }
    if (op.types?.[name] === "u32") throw new Error(`${op.name}: a sample must give the values of ${name}`);
    return op.types?.[name] === "u8"
      ? unitValues(size, stream).map((value) => Math.floor((value + 1) * 128))
      : draw(size, stream);
  };
  return Object.fromEntries(op.inputs.map((name, k) => [name, input(name, k)]));
}

/** Σ a·b. */
export const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** The largest magnitude. */
export const largest = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The number of wrong elements that a message shows. */
const SHOWN = 5;

function failWith(what: string, wrong: readonly string[], of: number): void {
  if (wrong.length === 0) return;
  const more = wrong.length > SHOWN ? `, … (${wrong.length} of ${of} elements)` : "";
  throw new Error(`${what}: ${wrong.slice(0, SHOWN).join(", ")}${more}`);
}

function checkLength(what: string, got: ArrayLike<number>, want: ArrayLike<number>): void {
  if (got.length !== want.length) throw new Error(`${what}: has ${got.length} elements, expected ${want.length}`);
}

/** Throws with the elements that differ in any bit; all NaNs are equal. */
export function checkSame(what: string, got: Float64Array, want: Float64Array): void {
  checkLength(what, got, want);
  const wrong = [...got].flatMap((value, i) =>
    Object.is(value, want[i]) ? [] : [`[${i}] is ${value}, expected ${want[i]}`],
  );
  failWith(what, wrong, got.length);
}

/** Throws with the elements of `got` that are further from `want` than allowed. */
export function checkClose(
  what: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  allowed: (i: number) => number,
): void {
  checkLength(what, got, want);
  const wrong = Array.from(got).flatMap((value, i) =>
    Math.abs(value - want[i]!) <= allowed(i) ? [] : [`[${i}] is ${value}, expected ${want[i]} ± ${allowed(i)}`],
  );
  failWith(what, wrong, got.length);
}
