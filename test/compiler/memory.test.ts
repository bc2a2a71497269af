import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Groups, groupsOf } from "../../src/compiler/groups.ts";
import { halosOf } from "../../src/compiler/halo.ts";
import { type Allocation, allocate } from "../../src/compiler/memory.ts";
import { affine, plus, times } from "../../src/ir/affine.ts";
import { load, loops, store } from "../../src/ir/build.ts";
import { contraction } from "../../src/ir/contraction.ts";
import { at, bytesOf, gather, memory, spanOf } from "../../src/ir/view.ts";
import { range } from "../../src/ops/window.ts";

const allocations: fc.Arbitrary<readonly Allocation[]> = fc
  .array(
    fc.record({
      size: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constantFrom(1024, 4096)),
      type: fc.constantFrom("f32", "u32", "u8"),
      halo: fc.integer({ min: 0, max: 3 }),
      live: fc.option(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 6 })), { freq: 4 }),
    }),
    { maxLength: 25 },
  )
  .map((list) =>
    list.map(
      ({ size, type, halo, live }, k): Allocation => ({
        view: { ...memory(`b${k}`, [size], type), halo: [[halo, halo]] },
        live: live ? { from: live[0], to: live[0] + live[1] } : "always",
      }),
    ),
  );

const meet = (a: Allocation["live"], b: Allocation["live"]) =>
  a === "always" || b === "always" || (a.from <= b.to && b.from <= a.to);

describe("allocate", () => {
  it("never overlaps buffers that are live at the same time, and aligns all of them to cache lines", () => {
    fc.assert(
      fc.property(allocations, (list) => {
        const { bytes, offsets } = allocate(list);
        const placed = list.map(({ view, live }) => {
          const start = offsets.get(view.name)!;
          return { live, start, end: start + spanOf(view) * bytesOf[view.type] };
        });
        for (const [k, a] of placed.entries()) {
          expect(a.start % 64).toBe(0);
          expect(a.start).toBeGreaterThan(0);
          expect(a.end).toBeLessThanOrEqual(bytes);
          for (const b of placed.slice(k + 1))
            if (meet(a.live, b.live) && a.start < b.end && b.start < a.end)
              throw new Error(`${JSON.stringify(a)} overlaps ${JSON.stringify(b)}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("shares memory between buffers that are never live at the same time", () => {
    const buffer = (name: string, from: number, to: number): Allocation => ({
      view: memory(name, [1000]),
      live: { from, to },
    });
    const { bytes, offsets } = allocate([buffer("a", 0, 1), buffer("b", 1, 2), buffer("c", 2, 3)]);
    expect(offsets.get("c")).toBe(offsets.get("a"));
    expect(offsets.get("b")).not.toBe(offsets.get("a"));
    expect(bytes).toBeLessThan(3 * 4000);
  });

  it("leaves a cache line between buffers whose rows would share a set of the cache", () => {
    const { offsets } = allocate(["a", "b"].map((name) => ({ view: memory(name, [1024]), live: "always" })));
    expect((offsets.get("b")! - offsets.get("a")!) % 4096).not.toBe(0);
  });
});

describe("groupsOf", () => {
  /** The samples of each group, in order of summation. */
  const samplesOf = ({ tile, groupStride, tileStride, shares }: Groups) =>
    shares.flatMap(({ first, count, tiles }) =>
      range(first, first + count).map((group) =>
        range(0, tiles).flatMap((t) => range(0, tile).map((n) => groupStride * group + tileStride * t + n)),
      ),
    );

  it("assigns each sample to one group, with as many groups as possible up to 8", () => {
    for (let batch = 1; batch <= 300; batch++) {
      const groups = groupsOf(batch);
      const samples = samplesOf(groups);
      const sizes = samples.map((group) => group.length);
      expect(samples.flat().toSorted((a, b) => a - b)).toEqual(range(0, batch));
      expect(samples).toHaveLength(groups.count);
      expect(groups.count).toBeLessThanOrEqual(8);
      if (batch > 1) expect(groups.count).toBeGreaterThan(1);
      expect(groups.tile).toBeLessThanOrEqual(4);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      for (const group of samples) expect(group).toEqual(group.toSorted((a, b) => a - b));
    }
  });

  it.each([
    [1, 1, 1, 1],
    [5, 5, 1, 1],
    [12, 6, 2, 2],
    [16, 8, 2, 2],
    [22, 2, 11, 1],
    [128, 8, 16, 4],
    [27, 3, 9, 3],
  ])("divides %i into %i equal groups of %i in tiles of %i", (batch, count, size, tile) => {
    const shares = [{ first: 0, count, tiles: size / tile }];
    expect(groupsOf(batch)).toEqual({ batch, count, tile, groupStride: size, tileStride: tile, shares });
  });

  it.each([
    [11, [2, 2, 2, 1, 1, 1, 1, 1]],
    [13, [2, 2, 2, 2, 2, 1, 1, 1]],
    [97, [13, 12, 12, 12, 12, 12, 12, 12]],
    [121, [16, 15, 15, 15, 15, 15, 15, 15]],
  ])("deals %i, which no number up to 8 divides, out to 8 groups", (batch, sizes) => {
    expect(samplesOf(groupsOf(batch)).map((group) => group.length)).toEqual(sizes);
  });
});

describe("halosOf", () => {
  const [x, y, w] = [memory("x", [6, 5]), memory("y", [6, 5]), memory("w", [3])];

  it("reaches as far as indices do, on each side and axis, over all nests", () => {
    const nests = [
      contraction({ r: 6, c: 5, u: 3 }, ({ r, c, u }) => ({
        out: at(y, r, c),
        a: at(x, plus(r, u, -1), c),
        b: at(w, u),
      })),
      loops({ r: 6, c: 5 }, ({ r, c }) => store(at(y, r, c), load(at(x, r, plus(times(c, -1), 7))))),
      loops({ r: 2 }, ({ r }) => store(at(y, r, 0), load(at(x, times(r, 7), 0)))),
    ];
    expect(halosOf(nests)).toEqual(
      new Map([
        [
          "x",
          [
            [1, 2],
            [0, 3],
          ],
        ],
        [
          "y",
          [
            [0, 0],
            [0, 0],
          ],
        ],
        ["w", [[0, 0]]],
      ]),
    );
  });

  it("ignores gathered rows, but not the reads that locate them", () => {
    const rows = memory("rows", [5], "u32");
    const nest = loops({ c: 5 }, ({ c }) =>
      store(at(y, 0, c), load(gather(x, load(at(rows, plus(c, 1))), affine(-3), plus(c, -1)))),
    );
    expect(halosOf([nest]).get("x")).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(halosOf([nest]).get("rows")).toEqual([[0, 1]]);
  });
});
