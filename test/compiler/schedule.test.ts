import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Buffer, interpret } from "../../src/backends/interpret/interpret.ts";
import { packOperand } from "../../src/compiler/pack.ts";
import { fuseAxes } from "../../src/compiler/schedule/fuseAxes.ts";
import { fuseContraction, schedule } from "../../src/compiler/schedule/schedule.ts";
import { pieces, piecesOf, tileContraction } from "../../src/compiler/schedule/tile.ts";
import { bestTiling, candidates } from "../../src/compiler/schedule/tilings.ts";
import { vectorize } from "../../src/compiler/schedule/vectorize.ts";
import { affine, plus, rangeOf, times } from "../../src/ir/affine.ts";
import { add, block, call, constant, define, integer, load, loops, mul, store, toFloat } from "../../src/ir/build.ts";
import { type Contraction, contraction, type Nest, outputAxes, plain, plainNest } from "../../src/ir/contraction.ts";
import { type Machine, wasm128 } from "../../src/ir/machine.ts";
import { printStmt } from "../../src/ir/print.ts";
import { buffersOf } from "../../src/ir/traverse.ts";
import type { Affine, Axis, Stmt, View } from "../../src/ir/types.ts";
import { verify } from "../../src/ir/verify.ts";
import { at, gather, memory, spanOf } from "../../src/ir/view.ts";
import { randomFloats } from "./graphs.ts";

/** A native machine with wide vectors, and one without vectors. */
const machines: readonly Machine[] = [
  wasm128,
  { ...wasm128, widths: [16, 8, 4], registers: 31, hoistsLoads: false },
  { ...wasm128, widths: [], registers: 6 },
];

/** The buffer `out` after running a statement on random numbers, which are the same each time. */
function outputOf(views: readonly View[], out: string, ...statements: readonly Stmt[]): number[] {
  const buffers = new Map<string, Buffer>(
    views.map((view, k) => [
      view.name,
      view.type === "f32"
        ? randomFloats([spanOf(view)], k, 2)
        : Uint32Array.from({ length: spanOf(view) }, (_, i) => (i * 7 + 2) % 3),
    ]),
  );
  for (const s of statements) {
    verify({ name: "kernel", axes: [], body: s });
    for (const view of buffersOf(s))
      if (!buffers.has(view.name)) buffers.set(view.name, new Float32Array(spanOf(view)).fill(NaN));
    interpret(s, buffers);
  }
  return Array.from(buffers.get(out)!);
}

const loopsOf = (s: Stmt): readonly Extract<Stmt, { kind: "loop" }>[] => {
  switch (s.kind) {
    case "loop":
      return [s, ...loopsOf(s.body)];
    case "block":
      return s.body.flatMap(loopsOf);
    case "let":
    case "call":
      return loopsOf(s.body);
    case "store":
      return [];
  }
};
const hasVectors = (s: Stmt) => loopsOf(s).some(({ mark, axis }) => mark === "vector" && axis.extent > 1);

describe("pieces", () => {
  it("cover every index of an axis exactly once, in order, with vectors that halve to single elements", () => {
    const sizes = fc.record({
      extent: fc.integer({ min: 0, max: 200 }),
      tile: fc.integer({ min: 1, max: 64 }),
      width: fc.constantFrom(1, 4, 8, 16),
    });
    fc.assert(
      fc.property(sizes, ({ extent, tile, width }) => {
        const found = pieces(extent, tile, width);
        const covered = found.flatMap(({ start, count, vectors, width: w }) =>
          Array.from({ length: count * vectors * w }, (_, i) => start + i),
        );
        expect(covered).toEqual(Array.from({ length: extent }, (_, i) => i));
        for (const p of found) {
          expect([1, 4, 8, 16].filter((w) => w <= width)).toContain(p.width);
          expect(p.vectors * p.width).toBeLessThanOrEqual(Math.max(tile, width));
          expect(p.count * p.vectors).toBeGreaterThan(0);
        }
      }),
    );
  });
});

/** An index of an operand: an axis, or a sliding window of two axes, such as 2·r + u. */
type Index = { readonly axes: readonly [axis: number, by?: number]; readonly stride: number };
const names = ["p", "q", "r", "s", "t"];

/** Any contraction over five axes: output and reduced axes in any order, and operands with any of them in any order. */
const contractions: fc.Arbitrary<Contraction> = fc
  .record({
    extents: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 }),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
    out: fc.shuffledSubarray([0, 1, 2, 3, 4], { maxLength: 3 }),
    a: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
    b: fc.option(fc.shuffledSubarray([0, 1, 2, 3, 4])),
    window: fc.integer({ min: 0, max: 2 }),
    form: fc.constantFrom("plain", "init", "finish"),
  })
  .map(({ extents, order, out, a, b, window, form }) => {
    const axes = order.map((k): Axis => ({ name: names[k]!, extent: extents[k]! }));
    const all = new Map(axes.map((axis) => [axis.name, axis]));
    const ref = (name: string, indices: readonly Index[]) => {
      const index = indices.map(
        ({ axes: [k, by], stride }): Affine =>
          by === undefined
            ? affine(0, { [names[k]!]: 1 })
            : plus(affine(0, { [names[k]!]: stride }), affine(0, { [names[by]!]: 1 })),
      );
      return at(
        memory(
          name,
          index.map((i) => rangeOf(i, all)[1] + 1),
        ),
        ...index,
      );
    };
    const single = (list: readonly number[]): Index[] => list.map((k) => ({ axes: [k], stride: 1 }));
    // The first two axes of a slide over one axis of its view, as in a convolution.
    const slid =
      window > 0 && a.length > 1
        ? [{ axes: [a[0]!, a[1]!], stride: window } as const, ...single(a.slice(2))]
        : single(a);
    const [first] = single(out);
    return {
      kind: "contraction",
      axes,
      out: ref("out", single(out)),
      a: ref("a", slid),
      ...(b && { b: ref("b", single(b)) }),
      init: form === "init" && first ? load(ref("start", [first])) : constant(form === "init" ? 0.5 : 0),
      ...(form === "finish" && { finish: (sum) => mul(sum, first ? load(ref("factor", [first])) : constant(3)) }),
    };
  });

const viewsOf = (nest: Nest) => buffersOf(plainNest(nest));

describe("schedule", () => {
  it("gives the same bits as the plain nest, for any contraction, on any machine", () => {
    fc.assert(
      fc.property(contractions, fc.constantFrom(...machines), (c, machine) => {
        expect(outputOf(viewsOf(c), "out", schedule(c, machine))).toEqual(outputOf(viewsOf(c), "out", plain(c)));
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it("gives the same bits with packed operands", () => {
    let packed = 0;
    fc.assert(
      fc.property(contractions, (c) => {
        const { contraction: changed, packing } = packOperand(c, "p", () => true);
        if (!packing) return;
        packed++;
        const statements = [schedule(packing.nest, wasm128), schedule(changed, wasm128)];
        expect(outputOf(viewsOf(c), "out", ...statements)).toEqual(outputOf(viewsOf(c), "out", plain(c)));
      }),
      { numRuns: 150, seed: 2 },
    );
    expect(packed).toBeGreaterThan(10);
  });

  it("gives the same bits for every tiling among the candidates", () => {
    const c = contraction({ n: 2, r: 5, o: 7, u: 3, i: 3 }, ({ n, r, o, u, i }) => ({
      out: at(memory("out", [2, 5, 7]), n, r, o),
      a: at(memory("a", [2, 11, 3]), n, plus(times(r, 2), u), i),
      b: at(memory("b", [3, 3, 7]), u, i, o),
    }));
    const want = outputOf(viewsOf(c), "out", plain(c));
    const fused = fuseContraction(c);
    for (const machine of machines) {
      const tilings = candidates(fused, machine);
      expect(tilings.length).toBeGreaterThan(3);
      expect(tilings).toContainEqual(bestTiling(fused, machine));
      for (const tiling of tilings) {
        const sums = outputAxes(fused).map((axis) => piecesOf(axis, tiling)[0]!.vectors);
        expect(sums.reduce((x, y) => x * y)).toBeLessThanOrEqual(machine.registers);
        expect(outputOf(viewsOf(c), "out", tileContraction(fused, tiling))).toEqual(want);
      }
    }
  });

  it("packs only allowed operands, and only if an axis could not be vectorized otherwise", () => {
    const dx = (weights: string) =>
      contraction({ n: 4, i: 8, o: 6 }, ({ n, i, o }) => ({
        out: at(memory("dx", [4, 8]), n, i),
        a: at(memory("dy", [4, 6]), n, o),
        b: at(memory(weights, [8, 6]), i, o),
      }));
    const { packing, contraction: packed } = packOperand(dx("w"), "p", (view) => view.name === "w");
    expect(packing!.view.shape).toEqual([6, 8]);
    expect(hasVectors(schedule(packed, wasm128))).toBe(true);
    expect(packOperand(dx("values"), "p", (view) => view.name === "w").packing).toBeUndefined();
    const forward = contraction({ n: 4, o: 6, i: 8 }, ({ n, o, i }) => ({
      out: at(memory("y", [4, 6]), n, o),
      a: at(memory("x", [4, 8]), n, i),
      b: at(memory("w", [8, 6]), i, o),
    }));
    expect(packOperand(forward, "p", () => true).packing).toBeUndefined();
  });
});

describe("fuseAxes", () => {
  const axes = (...extents: number[]): Axis[] => extents.map((extent, k) => ({ name: names[k]!, extent }));

  it("fuses axes that all references traverse contiguously, and drops those of extent 1", () => {
    const move = affine(3, { p: 20, q: 5, r: 7, s: 1 }); // q·5 + s: neighbors, with r of extent 1 between
    expect(fuseAxes(axes(2, 4, 1, 5), [move])).toEqual({
      axes: [{ name: "s", extent: 40 }],
      by: { p: affine(), q: affine(), r: affine() },
    });
  });

  it("does not fuse axes that one reference traverses differently", () => {
    const [x, w] = [affine(0, { p: 8, q: 1 }), affine(0, { p: 4, q: 1 })];
    expect(fuseAxes(axes(3, 4), [x, w]).axes).toEqual(axes(3, 4));
    expect(fuseAxes(axes(3, 4), [w]).axes).toEqual([{ name: "q", extent: 12 }]);
    expect(fuseAxes(axes(3, 4), [affine(0, { q: 1 })]).axes).toEqual(axes(3, 4)); // a sum over p
  });

  it("fuses the columns and channels of a convolution window, but not its rows", () => {
    const c = contraction({ r: 6, u: 3, v: 3, i: 4, o: 8 }, ({ r, u, v, i, o }) => ({
      out: at(memory("out", [6, 8]), r, o),
      a: at(memory("a", [8, 5, 4]), plus(r, u), v, i),
      b: at(memory("b", [3, 3, 4, 8]), u, v, i, o),
    }));
    expect(fuseContraction(c).axes.map(({ extent }) => extent)).toEqual([6, 3, 12, 8]);
  });
});

describe("vectorize", () => {
  const [x, y, wide] = [memory("x", [3, 40]), memory("y", [3, 40]), memory("wide", [3, 80])];
  const rows = memory("rows", [40], "u32");
  const overRows = (body: (n: Affine, k: Affine) => Stmt, extent = 37) =>
    loops({ n: 3, k: extent }, ({ n, k }) => body(n, k));
  const views = [x, y, wide, rows];

  const independent: Record<string, Stmt> = {
    "a copy": overRows((n, k) => store(at(y, n, k), load(at(x, n, k)))),
    "an update in place": overRows((n, k) => store(at(y, n, k), add(load(at(y, n, k)), load(at(x, n, 0))))),
    "a neighbor of another buffer": overRows((n, k) => store(at(y, n, k), load(at(x, n, plus(k, 1))))),
    "a row that is the same for all lanes": overRows((n, k) =>
      store(at(y, n, k), load(gather(x, load(at(rows, n)), 0, k))),
    ),
    "several statements": overRows((n, k) =>
      block(store(at(y, n, k), load(at(x, n, k))), store(at(wide, n, k), mul(load(at(y, n, k)), constant(2)))),
    ),
    "inside a function": call(
      "f",
      overRows((n, k) => store(at(y, n, k), load(at(x, n, k)))),
    ),
  };
  const dependent: Record<string, Stmt> = {
    "a running sum": overRows((n, k) => store(at(y, n, plus(k, 1)), add(load(at(y, n, k)), load(at(x, n, k))))),
    "a neighbor of what is stored": overRows((n, k) => store(at(y, n, k), load(at(y, n, plus(k, 1))))),
    "a sum in one element": overRows((n, k) => store(at(y, n, 0), add(load(at(y, n, 0)), load(at(x, n, k))))),
    "every second element": overRows((n, k) => store(at(wide, n, times(k, 2)), load(at(x, n, k)))),
    "every second element read": overRows((n, k) => store(at(y, n, k), load(at(wide, n, times(k, 2))))),
    backwards: overRows((n, k) => store(at(y, n, plus(36, times(k, -1))), load(at(x, n, k)))),
    "a row of its own for each lane": overRows((n, k) => store(at(y, n, k), load(gather(x, load(at(rows, k)), 0, n)))),
    "rows to store to": overRows((n, k) =>
      store(gather(memory("out", [6, 40]), load(at(rows, n)), 0, k), load(at(x, n, k))),
    ),
  };

  const apart = (distance: number): Stmt =>
    loops({ n: 3, k: 10 }, ({ n, k }) =>
      block(
        store(at(wide, n, k), load(at(wide, n, plus(k, distance)))),
        store(at(wide, n, plus(k, 2 * distance)), load(at(x, n, k))),
      ),
    );
  it.each([
    [3, false],
    [4, true],
    [9, true],
  ] as const)("takes elements that lie %i apart across vectors of 4: %s", (distance, across) => {
    const vectors = vectorize(apart(distance), wasm128);
    expect(hasVectors(vectors)).toBe(across);
    expect(outputOf(views, "wide", vectors)).toEqual(outputOf(views, "wide", apart(distance)));
  });

  it.each(Object.entries(independent))("takes %s across vectors", (_name, s) => {
    const vectors = vectorize(s, wasm128);
    expect(hasVectors(vectors)).toBe(true);
    for (const out of ["y", "wide"]) expect(outputOf(views, out, vectors)).toEqual(outputOf(views, out, s));
  });

  it.each(Object.entries(dependent))("leaves %s serial", (_name, s) => {
    const vectors = vectorize(s, wasm128);
    expect(hasVectors(vectors)).toBe(false);
    for (const out of ["y", "wide"])
      expect(outputOf([...views, memory("out", [6, 40])], out, vectors)).toEqual(
        outputOf([...views, memory("out", [6, 40])], out, s),
      );
  });

  it("hoists loop-invariant values out of loops", () => {
    const s = overRows((n, k) =>
      define("outside", load(at(x, 0, 1)), (a) =>
        define("inside", load(at(x, n, k)), (b) =>
          define("changes", load(at(y, 0, 0)), (c) => store(at(y, n, k), add(mul(a, b), c))),
        ),
      ),
    );
    const scheduled = vectorize(s, wasm128);
    expect(scheduled).toMatchObject({ kind: "let", name: "outside", body: { kind: "loop" } });
    expect(printStmt(scheduled).match(/let outside/g)).toHaveLength(1);
    expect(outputOf(views, "y", scheduled)).toEqual(outputOf(views, "y", s));
  });

  it("does not fuse axes if one of them is used as a number", () => {
    const s = loops({ n: 3, k: 40 }, ({ n, k }) =>
      store(at(y, n, k), add(load(at(x, n, k)), toFloat({ kind: "index", at: n }))),
    );
    expect(outputOf(views, "y", vectorize(s, wasm128))).toEqual(outputOf(views, "y", s));
    const none = loops({ n: 3, k: 40 }, ({ n, k }) => store(at(y, n, k), add(load(at(x, n, k)), toFloat(integer(2)))));
    expect(loopsOf(vectorize(none, wasm128)).filter(({ mark }) => mark === "serial")).toHaveLength(1);
    expect(loopsOf(vectorize(s, wasm128)).filter(({ mark }) => mark === "serial")).toHaveLength(2);
  });
});
