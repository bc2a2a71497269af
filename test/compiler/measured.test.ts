import { describe, expect, it } from "vitest";
import { Interpreter } from "../../src/backends/interpret/interpret.ts";
import { float64 } from "../../src/backends/interpret/rounding.ts";
import { alone, contractionKey, isTimeable, withTilings } from "../../src/compiler/schedule/measured.ts";
import { fuseContraction } from "../../src/compiler/schedule/schedule.ts";
import { bestTiling, candidates } from "../../src/compiler/schedule/tilings.ts";
import { plus } from "../../src/ir/affine.ts";
import { constant, load } from "../../src/ir/build.ts";
import { type Contraction, contraction, plain } from "../../src/ir/contraction.ts";
import { wasm128 } from "../../src/ir/machine.ts";
import { at, gather, memory } from "../../src/ir/view.ts";

/** y[r,o] = 1 + Σ_{u,i} x[r+u,i]·w[u,i,o] over named buffers, with rows of x of a width. */
const windows = (prefix: string, width = 4): Contraction =>
  contraction({ r: 6, o: 8, u: 3, i: 4 }, ({ r, o, u, i }) => ({
    out: at(memory(`${prefix}y`, [6, 8]), r, o),
    a: at(memory(`${prefix}x`, [8, width]), plus(r, u), i),
    b: at(memory(`${prefix}w`, [3, 4, 8]), u, i, o),
    init: constant(1),
  }));
const fused = (c: Contraction) => fuseContraction(c);

describe("measured tilings", () => {
  it("are identified by the axes and strides of a contraction, whatever its buffers are", () => {
    expect(contractionKey(fused(windows("a")))).toBe(contractionKey(fused(windows("b"))));
    expect(contractionKey(fused(windows("a")))).not.toBe(contractionKey(fused(windows("a", 5))));
  });

  it("replace the one that is expected to be the fastest", () => {
    const c = fused(windows(""));
    const expected = bestTiling(c, wasm128);
    const other = candidates(c, wasm128).find((t) => JSON.stringify(t) !== JSON.stringify(expected))!;
    const machine = withTilings(wasm128, { [contractionKey(c)]: other });
    expect(bestTiling(c, machine)).toEqual(other);
    expect(bestTiling(fused(windows("", 5)), machine)).toEqual(bestTiling(fused(windows("", 5)), wasm128));
  });

  it("are ignored if they are not valid for the contraction", () => {
    const c = fused(windows(""));
    for (const wrong of [
      { vector: "o", width: 4, tile: { o: 4096 }, unroll: 1 },
      { vector: "r", width: 4, tile: {}, unroll: 1 },
      { ...bestTiling(c, wasm128), unroll: 1000 },
    ])
      expect(bestTiling(c, withTilings(wasm128, { [contractionKey(c)]: wrong }))).toEqual(bestTiling(c, wasm128));
  });
});

describe("a contraction in isolation", () => {
  it("computes the same sums, from zero, over its own buffers", () => {
    const c = fused(windows(""));
    const single = alone(c, "trial");
    const views = [single.out, single.a, single.b!].map(({ view }) => view);
    expect(views.map(({ name, shape }) => [name, ...shape])).toEqual([
      ["trial.out", 48],
      ["trial.a", 32],
      ["trial.b", 96],
    ]);
    const run = (of: Contraction, names: readonly string[]) => {
      const buffers = new Map(names.map((name, k) => [name, Float64Array.from({ length: 96 }, (_, i) => k * (i % 7))]));
      new Interpreter((view) => buffers.get(view.name)!, float64).compile({ name: "k", axes: [], body: plain(of) })();
      return buffers.get(names[0]!)!.subarray(0, 48);
    };
    const sums = run(single, ["trial.out", "trial.a", "trial.b"]);
    expect([...run(c, ["y", "x", "w"])]).toEqual([...sums].map((sum) => sum + 1));
  });

  it("is not timed if its operands are not floats at fixed addresses", () => {
    const rows = memory("rows", [6], "u32");
    const c = contraction({ n: 6, i: 4 }, ({ n, i }) => ({
      out: at(memory("y", [6]), n),
      a: gather(memory("x", [6, 4]), load(at(rows, n)), 0, i),
    }));
    expect([isTimeable(c), isTimeable(windows(""))]).toEqual([false, true]);
  });
});
