import { describe, expect, it } from "vitest";
import type { Instruction } from "../../src/backends/lower/instructions.ts";
import { lower } from "../../src/backends/lower/lower.ts";
import { axisIndex, plus, times } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import type { Affine } from "../../src/ir/types.ts";
import { at, gather, memory } from "../../src/ir/view.ts";
import { kernelOf } from "./backends.ts";

const x = memory("x", [8, 8]);
const y = memory("y", [8, 8]);
const bytes = memory("bytes", [8, 8], "u8");
const [i, j, lane] = [axisIndex("i"), axisIndex("j"), axisIndex("lane")];

/** All instructions, including those inside loops. */
const flatten = (code: readonly Instruction[]): readonly Instruction[] =>
  code.flatMap((x) => (x.kind === "loop" ? [x, ...flatten(x.body)] : [x]));
const kinds = (code: readonly Instruction[]) => code.map((x) => x.kind);

describe("lowering", () => {
  it("advances a pointer for each buffer with the loops that move it, in bytes", () => {
    const copy = ir.store(at(y, i, j), ir.add(ir.load(at(x, j, i)), ir.toFloat(ir.load(at(bytes, i, plus(j, 1))))));
    const body = ir.loop({ name: "i", extent: 8 }, "serial", ir.loop({ name: "j", extent: 7 }, "serial", copy));
    const [routine] = lower([kernelOf(body)]);
    const steps = flatten(routine!.body).flatMap((x) =>
      x.kind === "loop" ? [[x.axis, x.count, x.steps.map((p) => p.key).sort()]] : [],
    );
    expect(steps).toEqual([
      ["i", 8, ["bytes+i*8", "x+i*4", "y+i*32"]],
      ["j", 7, ["bytes+i*8+j*1", "x+i*4+j*32", "y+i*32+j*4"]],
    ]);
  });

  it("loads an element once, until a store or a loop boundary", () => {
    const twice = (r: number) => ir.store(at(y, 0, r), ir.mul(ir.load(at(x, 0, 0)), ir.load(at(x, 0, 0))));
    const body = ir.block(twice(0), twice(1), ir.loop({ name: "i", extent: 2 }, "serial", twice(2)));
    const [routine] = lower([kernelOf(body)]);
    expect(kinds(flatten(routine!.body))).toEqual(["set", "store", "set", "store", "loop", "set", "store"]);
  });

  it("computes a variable once if it is the same in all lanes", () => {
    const row = ir.load(at(bytes, i, 0));
    const body = ir.loop(
      { name: "lane", extent: 4 },
      "vector",
      ir.define("row", row, (r) => ir.store(at(y, i, lane), ir.load(gather(x, r, 0, lane)))),
    );
    const [routine] = lower([kernelOf(body, [{ name: "i", extent: 8 }])]);
    const widths = routine!.body.flatMap((x) => (x.kind === "set" ? [[x.value.kind, x.value.width]] : []));
    expect(widths).toEqual([
      ["load", 1],
      ["register", 1],
      ["load", 4],
    ]);
  });

  it("outlines a body that is called twice once, unless it has a negative stride along an axis of a different extent", () => {
    const calls = (index: Affine, ...extents: readonly number[]) => {
      const body = ir.call("one", ir.store(at(y, index, 0), ir.zero));
      return kernelOf(ir.block(...extents.map((extent) => ir.loop({ name: "i", extent }, "serial", body))));
    };
    const exported = (kernel: ReturnType<typeof calls>) => lower([kernel]).map((r) => r.exported);
    expect(exported(calls(i, 3, 3))).toEqual([false, true]);
    expect(exported(calls(i, 3, 4))).toEqual([false, true]);
    const backwards = plus(times(i, -1), 7);
    expect(exported(calls(backwards, 3, 3))).toEqual([false, true]);
    expect(exported(calls(backwards, 3, 4))).toEqual([false, false, true]);
  });

  it("passes the outer axes that a function reads", () => {
    const inner = ir.loop({ name: "j", extent: 8 }, "serial", ir.store(at(y, i, j), ir.zero));
    const body = ir.loop(
      { name: "k", extent: 2 },
      "serial",
      ir.loop({ name: "i", extent: 8 }, "unrolled", ir.call("row", inner)),
    );
    const routines = lower([kernelOf(body, [{ name: "n", extent: 2 }])]);
    expect(routines.map((r) => r.parameters.map((axis) => axis.name))).toEqual([["i"], ["n"]]);
    expect(routines[0]!.pointers.map((p) => p.key)).toEqual(["y+i*32"]);
    const values = flatten(routines[1]!.body).flatMap((x) => (x.kind === "call" ? x.values.map((v) => v.offset) : []));
    expect(values).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("rejects what vectors cannot do", () => {
    const vector = (s: Parameters<typeof ir.call>[1]) => kernelOf(ir.loop({ name: "lane", extent: 4 }, "vector", s));
    const reject = (s: Parameters<typeof ir.call>[1], message: string) =>
      expect(() => lower([vector(s)])).toThrow(message);
    reject(ir.store(at(y, 0, lane), ir.load(at(x, 0, times(lane, 2)))), "x has stride 2 along a vector");
    reject(ir.store(at(y, lane, 0), ir.zero), "the lanes of a store to y are not adjacent");
    reject(ir.call("inner", ir.store(at(y, 0, lane), ir.zero)), "inner is called inside a vector loop");
    reject(
      ir.loop({ name: "l", extent: 2 }, "vector", ir.store(at(y, 0, lane), ir.zero)),
      "vector loop l is inside another",
    );
  });
});
