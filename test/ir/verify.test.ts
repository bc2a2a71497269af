import { describe, expect, it } from "vitest";
import { affine, axisIndex, plus, times } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import type { Axis, Mark, Stmt, Value } from "../../src/ir/types.ts";
import { verify } from "../../src/ir/verify.ts";
import { at, gather, memory, register } from "../../src/ir/view.ts";

const x = memory("x", [4, 8]);
const y = memory("y", [4, 8]);
const words = memory("words", [4, 8], "u32");
const bytes = memory("bytes", [4, 8], "u8");
const padded = {
  ...memory("padded", [4, 8]),
  halo: [
    [1, 1],
    [1, 1],
  ] as const,
};
const [i, j, lane] = [axisIndex("i"), axisIndex("j"), axisIndex("lane")];

const rows = (body: Stmt, mark: Mark = "serial") => ir.loop({ name: "i", extent: 4 }, mark, body);
const columns = (body: Stmt, mark: Mark = "serial") => ir.loop({ name: "j", extent: 8 }, mark, body);
const lanes = (body: Stmt) => ir.loop({ name: "lane", extent: 4 }, "vector", body);
const everywhere = (value: Value) => rows(columns(ir.store(at(y, i, j), value)));
const across = (value: Value) => rows(lanes(ir.store(at(y, i, lane), value)));
const check = (body: Stmt, axes: readonly Axis[] = []) => verify({ name: "k", axes, body });
const float = ir.load(at(x, i, j));
const integer = ir.load(at(words, i, j));
const mask = ir.greater(float, ir.zero);
const sum = at(register("sum", 8), 0);

/** Kernels that are valid except for one problem. */
const rejected: Readonly<Record<string, readonly [Stmt, string]>> = {
  "an index beyond the extent": [
    everywhere(ir.load(at(x, i, plus(j, 1)))),
    "index 8 of axis 1 is outside x, whose extent is 8 (halo 0, 0)",
  ],
  "an index beyond the halo": [
    everywhere(ir.load(at(padded, plus(i, -2), j))),
    "index -2 of axis 0 is outside padded, whose extent is 4 (halo 1, 1)",
  ],
  "too few indices": [everywhere(ir.load(at(x, i))), "x has 2 axes, but 1 indices"],
  "an origin before the buffer": [
    everywhere(ir.load(at({ ...x, origin: times(i, -1) }, 0, 0))),
    "origin of x reaches -3",
  ],
  "a store to the halo": [
    rows(columns(ir.store(at(padded, i, plus(j, -1)), ir.zero))),
    "a store must not write to the halo: index -1 of axis 1",
  ],
  "an axis outside its loop": [rows(ir.store(at(y, i, j), ir.zero)), "axis j is used outside its loop"],
  "an axis of an index value outside its loop": [
    everywhere(ir.toFloat(ir.indexValue(axisIndex("k")))),
    "axis k is used outside its loop",
  ],
  "an axis that is shadowed": [rows(rows(ir.store(at(y, i, 0), ir.zero))), "i is bound twice"],
  "a variable that is not bound": [everywhere({ kind: "variable", name: "t", type: "f32" }), "variable t is not bound"],
  "a variable of another type": [
    everywhere(ir.bind("t", integer, () => ({ kind: "variable", name: "t", type: "f32" }))),
    "variable t is used as f32, but is u32",
  ],
  "a variable that is shadowed": [
    everywhere(ir.bind("t", float, (t) => ir.bind("t", t, (u) => u))),
    "t is bound twice",
  ],
  "a variable with the name of an axis": [everywhere(ir.bind("i", float, (t) => t)), "i is bound twice"],
  "a variable of the function around": [
    ir.define("t", ir.one, (t) => ir.call("inner", ir.store(at(y, 0, 0), t))),
    "variable t is not bound",
  ],
  "float arithmetic of integers": [everywhere(ir.add(integer, float)), "type of words[i, j] is u32, expected f32"],
  "a multiply-add of integers": [everywhere(ir.fma(float, integer, float)), "type of words[i, j] is u32, expected f32"],
  "integer arithmetic of floats": [
    everywhere(ir.toFloat(ir.mulHigh(integer, float))),
    "type of x[i, j] is f32, expected u32",
  ],
  "the bits of an integer": [everywhere(ir.toFloat(ir.bitsFromFloat(integer))), "type of words[i, j] is u32"],
  "a conversion of a float": [everywhere(ir.toFloat(float)), "type of x[i, j] is f32, expected u32"],
  "a comparison of integers by size": [
    everywhere(ir.select(ir.greater(integer, integer), float, float)),
    "type of words[i, j] is u32, expected f32",
  ],
  "a comparison of different types": [
    everywhere(ir.select(ir.equal(integer, float), float, float)),
    "type of x[i, j] is f32, expected u32",
  ],
  "arithmetic of a mask": [everywhere(ir.add(mask, float)), "type of (x[i, j] > 0) is mask, expected f32"],
  "a choice by a number": [everywhere(ir.select(float, float, float)), "type of x[i, j] is f32, expected mask"],
  "a choice between masks": [everywhere(ir.select(mask, mask, mask)), "type of (x[i, j] > 0) is mask, expected f32"],
  "a shift by a value": [
    everywhere(ir.toFloat(ir.shiftLeft(integer, integer))),
    "shift by words[i, j], expected a constant below 32",
  ],
  "a row that is a float": [everywhere(ir.load(gather(x, float, 0, j))), "type of x[i, j] is f32, expected u32"],
  "a store of an integer to floats": [everywhere(integer), "type of words[i, j] is u32, expected f32"],
  "a store of a mask": [everywhere(mask), "type of (x[i, j] > 0) is mask, expected f32"],
  "a store to bytes": [rows(ir.store(at(bytes, i, 0), ir.integer(1))), "bytes is u8, which is only read"],
  "a register that is not written": [everywhere(ir.load(sum)), "register sum[0] of 8 is read before it is written"],
  "a register that another function wrote": [
    ir.block(ir.store(sum, ir.one), ir.call("inner", everywhere(ir.load(sum)))),
    "register sum[0] of 8 is read before it is written",
  ],
  "a register that is written too late": [
    rows(ir.block(ir.store(at(y, i, 0), ir.load(sum)), ir.store(sum, ir.zero))),
    "register sum[0] of 8 is read before it is written",
  ],
  "a register of another size": [
    ir.block(ir.store(at(register("sum", 1), 0), ir.one), everywhere(ir.load(sum))),
    "register sum[0] of 8 is read before it is written",
  ],
  "an element of a vector register": [
    ir.block(lanes(ir.store(at(register("sum", 8), lane), ir.one)), everywhere(ir.load(sum))),
    "register sum[0] of 8 is read before it is written",
  ],
  "a register indexed by a serial loop": [
    rows(ir.store(at(register("sum", 4), i), ir.one)),
    "register sum is indexed by i, whose loop is not unrolled",
  ],
  "a register of a lane after its vector loop": [
    ir.block(across(ir.zero), lanes(ir.store(sum, ir.one)), everywhere(ir.load(sum))),
    "register sum[0] of 8 is read before it is written",
  ],
  "a sum over lanes": [
    ir.block(ir.store(sum, ir.zero), lanes(ir.store(sum, ir.add(ir.load(sum), ir.load(at(x, 0, lane)))))),
    "register sum[0] of 8 of each lane is read before it is written",
  ],
  "a register with another stride than 1": [
    lanes(ir.store(at(register("sum", 8), times(lane, 2)), ir.one)),
    "register sum has stride 2 along a vector, expected 0 or 1",
  ],
  "a vector loop inside another": [
    rows(lanes(ir.loop({ name: "l", extent: 2 }, "vector", ir.store(at(y, i, plus(lane, axisIndex("l"))), ir.zero)))),
    "vector loop l is inside another",
  ],
  "a call inside a vector loop": [
    rows(lanes(ir.call("inner", ir.store(at(y, i, lane), ir.zero)))),
    "inner is called inside a vector loop",
  ],
  "lanes that store to the same element": [
    rows(lanes(ir.store(at(y, i, 0), ir.zero))),
    "store to y[i, 0] has stride 0 along the vector, expected 1",
  ],
  "lanes that store further apart": [
    rows(lanes(ir.store(at(y, i, times(lane, 2)), ir.zero))),
    "store to y[i, 2*lane] has stride 2 along the vector, expected 1",
  ],
  "lanes that load further apart": [
    across(ir.load(at(x, lane, 0))),
    "load of x[lane, 0] has stride 8 along the vector, expected 0 or 1",
  ],
  "lanes that store to different rows": [
    lanes(ir.store(gather(y, ir.indexValue(lane), 0, lane), ir.zero)),
    "writes a different row in each lane",
  ],
  "a lane that loads what its neighbor stores": [
    rows(lanes(ir.store(at(y, i, plus(lane, 1)), ir.load(at(y, i, lane))))),
    "lanes are not independent: one stores to y[i, lane + 1], another may use y[i, lane]",
  ],
  "lanes that load what one of them stores": [
    rows(lanes(ir.store(at(y, i, lane), ir.load(at(y, i, 2))))),
    "lanes are not independent: one stores to y[i, lane], another may use y[i, 2]",
  ],
  "a lane that stores where its neighbor does": [
    rows(lanes(ir.block(ir.store(at(y, i, lane), ir.zero), ir.store(at(y, i, plus(lane, 1)), ir.one)))),
    "lanes are not independent",
  ],
  "a lane that stores where its neighbor does in another iteration": [
    lanes(rows(ir.store(at(y, 0, plus(lane, i)), ir.toFloat(ir.indexValue(i))))),
    "lanes are not independent",
  ],
};

const accepted: Readonly<Record<string, Stmt>> = {
  "loads from the halo": everywhere(ir.load(at(padded, plus(i, -1), plus(j, 1)))),
  "rows that are data": everywhere(ir.load(gather(x, ir.load(at(bytes, i, j)), -1, j))),
  "a mask with a name": everywhere(ir.bind("m", mask, (m) => ir.select(m, float, ir.zero))),
  "one name on two paths": ir.block(everywhere(float), everywhere(float)),
  "an update in place": rows(lanes(ir.store(at(y, i, lane), ir.add(ir.load(at(y, i, lane)), ir.one)))),
  "lanes apart from what other turns touch": lanes(
    rows(
      ir.loop(
        { name: "j", extent: 2 },
        "serial",
        ir.store(at(y, i, plus(times(j, 4), lane)), ir.load(at(y, i, plus(times(j, 4), lane)))),
      ),
    ),
  ),
  "a load far from the store": rows(lanes(ir.store(at(y, i, lane), ir.load(at(y, i, plus(lane, 4)))))),
  "a column loaded lane by lane": across(ir.load(gather(x, ir.indexValue(lane), 0, 0))),
  "sums in registers": ir.block(
    rows(ir.store(at(register("sum", 4), i), ir.zero), "unrolled"),
    columns(
      rows(ir.store(at(register("sum", 4), i), ir.fma(float, float, ir.load(at(register("sum", 4), i)))), "unrolled"),
    ),
    rows(ir.store(at(y, i, 0), ir.load(at(register("sum", 4), i))), "unrolled"),
  ),
  "a register of all lanes that was written before": ir.block(ir.store(sum, ir.one), across(ir.load(sum))),
};

describe("the verifier", () => {
  for (const [what, [body, message]] of Object.entries(rejected))
    it(`rejects ${what}`, () => {
      expect(() => check(body)).toThrow(message);
    });

  for (const [what, body] of Object.entries(accepted)) it(`accepts ${what}`, () => check(body));

  it("names the kernel and the statement", () => {
    expect(() => check(everywhere(integer))).toThrow(
      "kernel k: type of words[i, j] is u32, expected f32\n  in: y[i, j] = words[i, j]",
    );
  });

  it("accepts the axes of a kernel", () => {
    const body = ir.store(at(y, i, 0), ir.one);
    expect(() => check(body)).toThrow("axis i is used outside its loop");
    expect(() => check(body, [{ name: "i", extent: 5 }])).toThrow("index 4 of axis 0 is outside y");
    expect(() => check(rows(body), [{ name: "i", extent: 4 }])).toThrow("i is bound twice");
    check(ir.store(at(y, affine(3), 0), ir.one), [{ name: "i", extent: 5 }]);
  });
});
