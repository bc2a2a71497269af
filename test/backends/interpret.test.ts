import { describe, expect, it } from "vitest";
import { type Buffer, interpret } from "../../src/backends/interpret/interpret.ts";
import { float32, float32MulAdd, float64, type Rounding } from "../../src/backends/interpret/rounding.ts";
import { axisIndex, plus, times } from "../../src/ir/affine.ts";
import {
  add,
  addInt,
  bind,
  bitsFromFloat,
  block,
  constant,
  define,
  equal,
  floatFromBits,
  fma,
  greater,
  indexValue,
  integer,
  less,
  load,
  loop,
  loops,
  max,
  min,
  mulHigh,
  mulInt,
  select,
  shiftLeft,
  shiftRight,
  sqrt,
  store,
  toFloat,
  typeOf,
} from "../../src/ir/build.ts";
import type { Value } from "../../src/ir/types.ts";
import { at, gather, memory, register } from "../../src/ir/view.ts";

/** The value of an expression. */
function evaluate(value: Value, rounding: Rounding = float32): number {
  const out = memory("out", [1], typeOf(value) === "u32" ? "u32" : "f32");
  const buffer = new Float64Array(1);
  interpret(store(at(out, 0), value), new Map([["out", buffer]]), {}, rounding);
  return buffer[0]!;
}
const float = constant;
const nan = float(Number.NaN);

describe("values", () => {
  it("takes the first operand of max and min only if it is strictly greater or less", () => {
    expect(evaluate(max(float(2), float(1)))).toBe(2);
    expect(evaluate(max(float(0), float(-0)))).toBe(-0);
    expect(evaluate(max(float(-0), float(0)))).toBe(0);
    expect(evaluate(max(nan, float(1)))).toBe(1);
    expect(evaluate(max(float(1), nan))).toBeNaN();
    expect(evaluate(min(float(0), float(-0)))).toBe(-0);
    expect(evaluate(min(float(-0), float(0)))).toBe(0);
    expect(evaluate(min(nan, float(1)))).toBe(1);
    expect(evaluate(min(float(1), nan))).toBeNaN();
  });

  it("evaluates every comparison with a NaN to false", () => {
    for (const compare of [greater, less, equal])
      for (const [a, b] of [
        [nan, float(1)],
        [float(1), nan],
        [nan, nan],
      ] as const)
        expect(evaluate(select(compare(a, b), float(1), float(0)))).toBe(0);
  });

  it("computes integers modulo 2^32", () => {
    const most = integer(0xffffffff);
    expect(evaluate(addInt(most, integer(2)))).toBe(1);
    expect(evaluate(mulInt(most, most))).toBe(1);
    expect(evaluate(mulHigh(most, most))).toBe(0xfffffffe);
    expect(evaluate(shiftLeft(most, integer(4)))).toBe(0xfffffff0);
    expect(evaluate(shiftRight(most, integer(4)))).toBe(0x0fffffff);
    expect(evaluate(indexValue(-1))).toBe(0xffffffff);
  });

  it("reads the bits of float32 even in float64", () => {
    for (const rounding of [float32, float64]) {
      expect(evaluate(bitsFromFloat(float(0.1)), rounding)).toBe(0x3dcccccd);
      expect(evaluate(floatFromBits(integer(0x3dcccccd)), rounding)).toBe(Math.fround(0.1));
    }
  });

  it("rounds each operation to float32, and a multiply-add once, twice or not at all", () => {
    expect(evaluate(add(float(0.1), float(0.2)))).toBe(Math.fround(Math.fround(0.1) + Math.fround(0.2)));
    expect(evaluate(sqrt(float(2)))).toBe(Math.fround(Math.SQRT2));
    expect(evaluate(toFloat(integer(0xffffffff)))).toBe(2 ** 32);
    const squared = fma(float(1 + 2 ** -12), float(1 + 2 ** -12), float(-(1 + 2 ** -11)));
    expect(evaluate(squared, float32)).toBe(2 ** -24);
    expect(evaluate(squared, float32MulAdd)).toBe(0);
    expect(evaluate(add(float(0.1), float(0.2)), float64)).toBe(0.1 + 0.2);
  });

  it("binds names to values", () => {
    expect(evaluate(bind("x", float(3), (x) => add(x, x)))).toBe(6);
  });
});

describe("statements", () => {
  const x = memory("x", [3, 4]);
  const y = memory("y", [3, 4]);
  const numbers = (n: number) => Float32Array.from({ length: n }, (_, i) => i);

  it("runs loops of every mark in order, and calls", () => {
    const order = memory("order", [6], "u32");
    const [i, j] = [axisIndex("i"), axisIndex("j")];
    for (const mark of ["serial", "unrolled", "vector"] as const) {
      const buffer = new Uint32Array(6);
      const body = store(at(order, plus(times(i, 3), j)), addInt(mulInt(indexValue(i), integer(10)), indexValue(j)));
      const inner = loop({ name: "j", extent: 3 }, mark, body);
      const nest = loop({ name: "i", extent: 2 }, "serial", { kind: "call", name: "inner", body: inner });
      interpret(nest, new Map([["order", buffer]]));
      expect([...buffer]).toEqual([0, 1, 2, 10, 11, 12]);
    }
  });

  it("reads neighbors in the halo, and moves a view's origin", () => {
    const padded = { ...memory("x", [3]), halo: [[1, 1]] as const };
    const sums = loops({ i: 3 }, ({ i }) =>
      store(at(memory("y", [3]), i), add(load(at(padded, plus(i, -1))), load(at(padded, plus(i, 1))))),
    );
    const buffer = new Float32Array(3);
    interpret(
      sums,
      new Map([
        ["x", Float32Array.of(0, 1, 2, 3, 0)],
        ["y", buffer],
      ]),
    );
    expect([...buffer]).toEqual([2, 4, 2]);
    const row = { ...memory("x", [4]), origin: times(axisIndex("n"), 4) };
    const copy = loops({ i: 4 }, ({ i }) => store(at(memory("y", [4]), i), load(at(row, i))));
    const copied = new Float32Array(4);
    const kernel = { name: "copy", axes: [{ name: "n", extent: 3 }], body: copy };
    interpret(
      kernel,
      new Map([
        ["x", numbers(12)],
        ["y", copied],
      ]),
      { n: 2 },
    );
    expect([...copied]).toEqual([8, 9, 10, 11]);
  });

  it("reads gathered rows", () => {
    const rows = memory("rows", [2], "u32");
    const taken = loops({ i: 2, j: 4 }, ({ i, j }) =>
      store(at(memory("y", [2, 4]), i, j), load(gather(x, load(at(rows, i)), 0, j))),
    );
    const buffers = new Map<string, Buffer>([
      ["x", numbers(12)],
      ["y", new Float32Array(8)],
      ["rows", Uint32Array.of(2, 0)],
    ]);
    interpret(taken, buffers);
    expect([...buffers.get("y")!]).toEqual([8, 9, 10, 11, 0, 1, 2, 3]);
    buffers.set("rows", Uint32Array.of(2, 3));
    expect(() => interpret(taken, buffers)).toThrow("index 3 of axis 0 is outside x, whose extent is 3 (halo 0, 0)");
  });

  it("distinguishes registers by size", () => {
    const [small, large] = [register("sum", 1), register("sum", 2)];
    const body = block(
      store(at(small, 0), float(1)),
      store(at(large, 0), float(2)),
      define("t", load(at(small, 0)), (t) => store(at(y, 0, 0), t)),
    );
    const buffer = new Float32Array(12);
    interpret(body, new Map([["y", buffer]]));
    expect(buffer[0]).toBe(1);
  });

  it("rejects indices outside a view or its buffer, and missing buffers and axes", () => {
    const buffers = new Map([
      ["x", numbers(12)],
      ["y", numbers(12)],
    ]);
    const copy = (shift: number) =>
      loops({ i: 3, j: 4 }, ({ i, j }) => store(at(y, i, j), load(at(x, i, plus(j, shift)))));
    expect(() => interpret(copy(1), buffers)).toThrow("index 4 of axis 1 is outside x, whose extent is 4 (halo 0, 0)");
    expect(() => interpret(copy(-1), buffers)).toThrow("index -1 of axis 1 is outside x");
    expect(() => interpret(copy(0), new Map([["y", numbers(12)]]))).toThrow("no buffer for x");
    expect(() => interpret(copy(0), new Map([...buffers, ["x", numbers(11)]]))).toThrow(
      "x reaches element 11 of a buffer of 11",
    );
    const kernel = { name: "copy", axes: [{ name: "n", extent: 2 }], body: copy(0) };
    expect(() => interpret(kernel, buffers)).toThrow("no value for axis n of copy");
    expect(() => interpret(kernel, buffers, { n: 2 })).toThrow("copy: axis n is 2, expected 0 to 1");
  });
});
