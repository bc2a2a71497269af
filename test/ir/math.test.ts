import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backends/interpret/interpret.ts";
import { float32, float32MulAdd, float64, type Rounding } from "../../src/backends/interpret/rounding.ts";
import { load, loops, store, toFloat } from "../../src/ir/build.ts";
import { cos, exp, log, power, sin, tanh, wholePart } from "../../src/ir/math.ts";
import type { Value } from "../../src/ir/types.ts";
import { at, memory } from "../../src/ir/view.ts";

/** A function of each number, by the interpreter. */
function evaluate(f: (x: Value) => Value, xs: readonly number[], rounding: Rounding): Float64Array {
  const [x, y] = [memory("x", [xs.length]), memory("y", [xs.length])];
  const result = new Float64Array(xs.length);
  const program = loops({ i: xs.length }, ({ i }) => store(at(y, i), f(load(at(x, i)))));
  interpret(program, new Map([["x", Float64Array.from(xs)] as const, ["y", result] as const]), {}, rounding);
  return result;
}

/** Evenly spaced float32 numbers from `from` to `to`. */
const spread = (from: number, to: number, count = 20001): readonly number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(from + ((to - from) * i) / (count - 1)));

/** The largest error, in float32 units in the last place. */
function worst(got: Float64Array, want: readonly number[]): number {
  const ulp = (value: number) => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(value)))) - 23);
  return want.reduce((most, value, i) => Math.max(most, Math.abs(got[i]! - value) / ulp(value)), 0);
}

const positive = [...spread(-126, 127).map((e) => Math.fround(2 ** e)), ...spread(0.5, 2), 2 ** -126, 1, 2.4e38];

const functions: readonly (readonly [string, (x: Value) => Value, (x: number) => number, readonly number[], number])[] =
  [
    ["exp", exp, Math.exp, [...spread(-87.3, 88.3), ...spread(-1, 1), 0], 1.5],
    ["log", log, Math.log, positive, 1.5],
    ["tanh", tanh, Math.tanh, [...spread(-12, 12), ...spread(-0.7, 0.7), 1e-30, 100, -100], 3],
    ["sin", sin, Math.sin, [...spread(-3.1415925, 3.1415925), ...spread(-0.01, 0.01), 0], 2],
    ["cos", cos, Math.cos, [...spread(-3.1415925, 3.1415925), ...spread(1.57, 1.571), 0], 2],
    ["power 0.5", (x) => power(x, 0.5), Math.sqrt, positive, 0.5],
    ["power 0.25", (x) => power(x, 0.25), (x) => x ** 0.25, positive, 1],
    ["power 0.75", (x) => power(x, 0.75), (x) => x ** 0.75, positive, 2.5],
    ["power -0.75", (x) => power(x, -0.75), (x) => x ** -0.75, positive, 4],
    ["power -1", (x) => power(x, -1), (x) => 1 / x, spread(0.01, 100), 0.5],
    ["power 1", (x) => power(x, 1), (x) => x, positive, 0],
    ["power 0", (x) => power(x, 0), () => 1, positive, 0],
    ["power 7.25", (x) => power(x, 7.25), (x) => x ** 7.25, spread(0.1, 10), 8],
    ["power 0.6", (x) => power(x, 0.6), (x) => x ** 0.6, spread(0.01, 100), 8],
    ["power -1.3", (x) => power(x, -1.3), (x) => x ** -1.3, spread(0.1, 10), 8],
  ];

describe.each(functions)("%s", (_, f, definition, xs, ulps) => {
  const want = xs.map(definition);
  test(`is within ${ulps} units of the last place in float32`, () => {
    expect(worst(evaluate(f, xs, float32), want)).toBeLessThanOrEqual(ulps);
  });
  test(`is within ${2 * ulps} units without fma`, () => {
    expect(worst(evaluate(f, xs, float32MulAdd), want)).toBeLessThanOrEqual(2 * ulps);
  });
  test("is within 1e-9 in float64", () => {
    const got = evaluate(f, xs, float64);
    const relative = want.map((value, i) => Math.abs(got[i]! - value) / Math.max(1e-9, Math.abs(value)));
    // Near x = 1 the logarithm is near 0, and the absolute error matters.
    expect(Math.max(...relative.map((e, i) => Math.min(e, Math.abs(got[i]! - want[i]!))))).toBeLessThan(1e-9);
  });
});

test("exp is clamped to normal numbers, and keeps a NaN", () => {
  const [least, most, nan] = [-Infinity, Infinity, Number.NaN].map((x) => evaluate(exp, [x], float32)[0]!);
  expect(least).toBeGreaterThanOrEqual(2 ** -126);
  expect(least).toBeLessThan(1.2e-38);
  expect(most).toBeGreaterThan(2e38);
  expect(Number.isFinite(most)).toBe(true);
  expect(nan).toBeNaN();
  expect([...evaluate(exp, [-1e4, 1e4, 0], float32)]).toEqual([least, most, 1]);
});

test("wholePart is the largest integer up to x", () => {
  const xs = [0, 0.25, 0.5, 0.99999994, 1, 1.5, 2, 2.5, 3.4999998, 1000.75, 4194303, 4194303.5];
  for (const rounding of [float32, float64])
    expect([...evaluate((x) => toFloat(wholePart(x)), xs, rounding)]).toEqual(xs.map(Math.floor));
});
