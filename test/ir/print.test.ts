import { describe, expect, it } from "vitest";
import { affine, axisIndex, plus, times } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import { contraction, plain } from "../../src/ir/contraction.ts";
import { printAffine, printKernel, printRef, printStmt, printValue } from "../../src/ir/print.ts";
import { at, gather, memory } from "../../src/ir/view.ts";

const [r, u] = [axisIndex("r"), axisIndex("u")];

describe("printing", () => {
  it("prints indices", () => {
    expect(printAffine(affine())).toBe("0");
    expect(printAffine(plus(times(r, 2), u, -3))).toBe("2*r + u - 3");
    expect(printAffine(plus(times(r, -1), times(u, -2), 7))).toBe("-r - 2*u + 7");
  });

  it("prints elements with the origin of their view and their gathered index", () => {
    const rows = memory("rows", [4], "u32");
    const view = { ...memory("x", [4, 8]), origin: times(axisIndex("n"), 32) };
    expect(printRef(at(view, r, plus(u, 1)))).toBe("x@(32*n)[r, u + 1]");
    expect(printRef(gather(memory("x", [4, 8]), ir.load(at(rows, r)), 0, u))).toBe("x[{rows[r]} + 0, u]");
  });

  it("prints values", () => {
    const x = ir.load(at(memory("x", [4]), r));
    expect(printValue(ir.max(ir.fma(x, ir.one, ir.constant(-0)), ir.div(x, x)))).toBe(
      "max(fma(x[r], 1, -0), (x[r] / x[r]))",
    );
    expect(printValue(ir.shiftRight(ir.xor(ir.indexValue(r), ir.integer(3)), ir.integer(8)))).toBe(
      "((index(r) ^ 3u) >> 8u)",
    );
    const selected = ir.bind("t", x, (t) => ir.select(ir.greater(t, ir.zero), ir.sqrt(t), ir.zero));
    expect(printValue(selected)).toBe("(let t = x[r] in select((t > 0), sqrt(t), 0))");
  });

  it("prints statements and kernels", () => {
    const [a, b, y] = [memory("a", [4, 3]), memory("b", [3, 8]), memory("y", [4, 8])];
    const product = contraction({ i: 4, j: 8, k: 3 }, ({ i, j, k }) => ({
      out: at(y, i, j),
      a: at(a, i, k),
      b: at(b, k, j),
    }));
    expect(`\n${printStmt(plain(product))}\n`).toBe(`
for i < 4
  for j < 8
    sum[] = 0
    for k < 3
      sum[] = fma(a[i, k], b[k, j], sum[])
    y[i, j] = sum[]
`);
    const lane = axisIndex("lane");
    const body = ir.call(
      "half",
      ir.define("c", ir.constant(0.5), (c) =>
        ir.loop({ name: "lane", extent: 4 }, "vector", ir.store(at(y, axisIndex("n"), lane), c)),
      ),
    );
    expect(`\n${printKernel({ name: "half", axes: [{ name: "n", extent: 4 }], body })}\n`).toBe(`
kernel half(n < 4)
  call half
    let c = 0.5
    for lane < 4 vector
      y[n, lane] = c
`);
  });
});
