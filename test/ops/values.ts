import { philox, purposes, toUnit } from "../../src/base/philox.ts";
import { sizeOf } from "../../src/base/shape.ts";
import type { Op, Sample } from "../../src/ops/op.ts";

/** Random numbers in [−1, 1) that float32 holds, the same in every run. */
export const randomValues = (count: number, stream: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => 2 * toUnit(philox([1, purposes.test], [i, stream, 0, 0])[0]) - 1);

/** The inputs of a sample: those it gives, and others at random. Integers other than bytes must be given. */
export function inputsOf(op: Op, { shapes, values }: Sample<string, unknown>): Record<string, Float64Array> {
  const input = (name: string, stream: number): Float64Array => {
    const size = sizeOf(shapes[name]!);
    const given = values?.[name];
    if (given) {
      if (given.length !== size) throw new Error(`${op.name}: ${name} has ${given.length} values, expected ${size}`);
      return Float64Array.from(given, op.types?.[name] ? Number : Math.fround);
    }
    const random = randomValues(size, stream);
    if (op.types?.[name] === "u32") throw new Error(`${op.name}: a sample must give the values of ${name}`);
    return op.types?.[name] === "u8" ? random.map((value) => Math.floor((value + 1) * 128)) : random;
  };
  return Object.fromEntries(op.inputs.map((name, k) => [name, input(name, k)]));
}

export const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** The elements that differ in a bit; NaNs are all alike. */
export const differences = (a: Float64Array, b: Float64Array): readonly string[] =>
  [...a].flatMap((value, i) => (Object.is(value, b[i]) ? [] : [`[${i}] ${value} ≠ ${b[i]}`]));

/** The elements of `got` that are further from `want` than allowed. */
export const beyond = (got: Float64Array, want: Float64Array, allowed: (i: number) => number): readonly string[] =>
  [...got].flatMap((value, i) =>
    Math.abs(value - want[i]!) <= allowed(i) ? [] : [`[${i}] ${value}, expected ${want[i]} ± ${allowed(i)}`],
  );
