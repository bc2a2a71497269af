import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Bytes } from "../../src/backends/wasm/bytes.ts";
import { affine, axisIndex, plus, times } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import { contraction, plain } from "../../src/ir/contraction.ts";
import { printKernel } from "../../src/ir/print.ts";
import type { Kernel, Stmt, Value, View } from "../../src/ir/types.ts";
import { at, gather, memory, register } from "../../src/ir/view.ts";
import { elements, fillMemory, kernelOf, layoutOf, pairs, run } from "./backends.ts";
import { load } from "./load.ts";
import { fillRows, kernels, views as randomViews } from "./randomPrograms.ts";

type Calls = readonly (readonly number[])[];

/** Both back ends of each pair leave the same bits in memory, where NaN is NaN. */
async function expectSameBits(kernel: Kernel, views: readonly View[], calls?: Calls, fill = fillMemory) {
  for (const [arithmetic, interpret, wasm] of pairs) {
    const [want, got] = [await run(interpret, kernel, views, calls, fill), await run(wasm, kernel, views, calls, fill)];
    for (const view of views)
      expect(elements(got, views, view), `${view.name}, ${arithmetic}\n${printKernel(kernel)}`).toEqual(
        elements(want, views, view),
      );
  }
}

const x = memory("x", [8]);
const y = memory("y", [8]);
const words = memory("words", [8], "u32");
const bytes = memory("bytes", [8], "u8");
const results = memory("results", [8], "u32");
const views = [x, y, words, bytes, results];
const [n, lane] = [axisIndex("n"), axisIndex("lane")];

/** One store for each of 8 elements: in vectors, one after another, or unrolled. */
const shapes: Readonly<Record<string, (body: (i: ReturnType<typeof axisIndex>) => Stmt) => Stmt>> = {
  serial: (body) => ir.loop({ name: "n", extent: 8 }, "serial", body(n)),
  unrolled: (body) => ir.loop({ name: "n", extent: 8 }, "unrolled", body(n)),
  "vectors in a loop": (body) =>
    ir.nest([{ name: "n", extent: 2 }], "serial", vectorOf(4, body(plus(times(n, 4), lane)))),
  "vectors unrolled": (body) =>
    ir.nest([{ name: "n", extent: 2 }], "unrolled", vectorOf(4, body(plus(times(n, 4), lane)))),
  "vectors of one element": (body) => ir.nest([{ name: "n", extent: 8 }], "serial", vectorOf(1, body(plus(n, lane)))),
};
const vectorOf = (extent: number, body: Stmt): Stmt => ir.loop({ name: "lane", extent }, "vector", body);

/** A value of every kind, of the element i. */
const values: Readonly<Record<string, (i: ReturnType<typeof axisIndex>) => Value>> = {
  constant: () => ir.constant(0.1),
  "negative zero": () => ir.constant(-0),
  load: (i) => ir.load(at(x, i)),
  "load of the same element": () => ir.load(at(x, 3)),
  fma: (i) => ir.fma(ir.load(at(x, i)), ir.load(at(x, 5)), ir.constant(0.3)),
  sqrt: (i) => ir.sqrt(ir.load(at(x, i))),
  toFloat: (i) => ir.toFloat(ir.load(at(words, i))),
  floatFromBits: (i) => ir.floatFromBits(ir.load(at(words, i))),
  bitsFromFloat: (i) => ir.bitsFromFloat(ir.max(ir.constant(1), ir.load(at(x, i)))),
  add: (i) => ir.add(ir.load(at(x, i)), ir.load(at(x, 0))),
  sub: (i) => ir.sub(ir.load(at(x, i)), ir.load(at(x, 0))),
  mul: (i) => ir.mul(ir.load(at(x, i)), ir.load(at(x, 1))),
  div: (i) => ir.div(ir.load(at(x, i)), ir.load(at(x, 1))),
  max: (i) => ir.max(ir.load(at(x, i)), ir.constant(0)),
  "max of a constant": (i) => ir.max(ir.constant(0), ir.load(at(x, i))),
  min: (i) => ir.min(ir.load(at(x, i)), ir.constant(0)),
  "min of a constant": (i) => ir.min(ir.constant(0), ir.load(at(x, i))),
  addInt: (i) => ir.addInt(ir.load(at(words, i)), ir.load(at(words, 0))),
  mulInt: (i) => ir.mulInt(ir.load(at(words, i)), ir.load(at(words, 0))),
  mulHigh: (i) => ir.mulHigh(ir.load(at(words, i)), ir.mulHigh(ir.load(at(words, 0)), ir.load(at(words, i)))),
  and: (i) => ir.and(ir.load(at(words, i)), ir.integer(0xf0f0f0f0)),
  or: (i) => ir.or(ir.load(at(words, i)), ir.integer(0xf0f0f0f0)),
  xor: (i) => ir.xor(ir.load(at(words, i)), ir.integer(0xf0f0f0f0)),
  shiftLeft: (i) => ir.shiftLeft(ir.load(at(words, i)), ir.integer(7)),
  shiftRight: (i) => ir.shiftRight(ir.load(at(words, i)), ir.integer(31)),
  "load of a byte": (i) => ir.load(at(bytes, i)),
  "load of the same byte": () => ir.load(at(bytes, 2)),
  index: (i) => ir.indexValue(plus(times(i, -3), 5)),
  greater: (i) => ir.select(ir.greater(ir.load(at(x, i)), ir.constant(0)), ir.constant(1), ir.constant(2)),
  less: (i) => ir.select(ir.less(ir.load(at(x, i)), ir.constant(0)), ir.integer(1), ir.integer(2)),
  equal: (i) => ir.select(ir.equal(ir.load(at(x, i)), ir.load(at(x, i))), ir.constant(1), ir.constant(2)),
  "equal integers": (i) => ir.select(ir.equal(ir.indexValue(i), ir.integer(3)), ir.constant(1), ir.constant(2)),
  let: (i) => ir.bind("t", ir.mul(ir.load(at(x, i)), ir.constant(3)), (t) => ir.mul(t, t)),
  "let, the same in all lanes": (i) => ir.bind("t", ir.load(at(x, 4)), (t) => ir.mul(t, ir.load(at(x, i)))),
  "let of a mask": (i) =>
    ir.bind("m", ir.greater(ir.load(at(x, i)), ir.constant(0)), (m) => ir.select(m, ir.load(at(x, i)), ir.zero)),
};

/** Zeros of both signs, NaN and infinities among the elements of x. */
function fillSpecial(m: WebAssembly.Memory, size: number) {
  fillMemory(m, size);
  const infinity = Number.POSITIVE_INFINITY;
  new Float32Array(m.buffer, layoutOf(views).offsets.get("x"), 8).set([
    -0,
    2.5,
    Number.NaN,
    0,
    infinity,
    -3,
    1e-40,
    -infinity,
  ]);
}

describe("values in WebAssembly and in the interpreter", () => {
  for (const [shape, nest] of Object.entries(shapes))
    it(`agree, ${shape}`, async () => {
      for (const value of Object.values(values)) {
        const out = ir.typeOf(value(n)) === "f32" ? y : results;
        await expectSameBits(kernelOf(nest((i) => ir.store(at(out, i), value(i)))), views, [[]], fillSpecial);
      }
    });
});

describe("statements in WebAssembly and in the interpreter", () => {
  it("agree where variables are defined outside of a vector and inside of it", async () => {
    const body = ir.define("outside", ir.load(at(x, 2)), (a) =>
      vectorOf(
        4,
        ir.define("inside", ir.mul(a, ir.load(at(x, lane))), (b) => ir.store(at(y, lane), ir.add(a, b))),
      ),
    );
    await expectSameBits(kernelOf(body), views);
  });

  it("agree where rows are gathered, together or lane by lane, also from before the first row", async () => {
    const table = {
      ...memory("table", [4, 8]),
      halo: [
        [2, 0],
        [0, 0],
      ] as const,
    };
    const small = memory("small", [4, 8], "u8");
    const rows = memory("rows", [8], "u32");
    const all = [table, small, rows, y, results];
    const fill = (m: WebAssembly.Memory, size: number) => {
      fillMemory(m, size);
      new Uint32Array(m.buffer, layoutOf(all).offsets.get("rows")).set([3, 0, 2, 1, 1, 3, 0, 2]);
    };
    const both = (row: Value, first: number) =>
      ir.block(
        ir.store(at(y, lane), ir.load(gather(table, row, first, lane))),
        ir.store(at(results, lane), ir.load(gather(small, row, 0, lane))),
      );
    for (const row of [ir.load(at(rows, lane)), ir.load(at(rows, 1)), ir.load(at(rows, 3)), ir.indexValue(lane)])
      for (const first of [0, -2]) await expectSameBits(kernelOf(vectorOf(4, both(row, first))), all, [[]], fill);
    const transposed = vectorOf(
      4,
      ir.store(at(y, lane), ir.load(gather(table, ir.indexValue(lane), 0, times(lane, 2)))),
    );
    await expectSameBits(kernelOf(transposed), all, [[]], fill);
    const scattered = vectorOf(4, ir.store(gather(table, ir.load(at(rows, 0)), 0, lane), ir.constant(7)));
    await expectSameBits(kernelOf(scattered), all, [[]], fill);
  });

  it("agree where pointers run backwards, from the first byte of memory", async () => {
    const body = ir.loop({ name: "n", extent: 8 }, "serial", ir.store(at(y, n), ir.load(at(x, plus(times(n, -1), 7)))));
    await expectSameBits(kernelOf(body), views);
    const outlined = ir.loop(
      { name: "n", extent: 8 },
      "serial",
      ir.call("one", ir.store(at(y, n), ir.load(at(x, plus(times(n, -1), 7))))),
    );
    await expectSameBits(kernelOf(outlined), views);
  });

  it("agree where kernels have axes and call functions of the loops around them", async () => {
    const large = memory("large", [3, 2, 8]);
    const group = axisIndex("group");
    const body = (i: typeof n): Stmt =>
      ir.store(at(large, group, n, i), ir.add(ir.load(at(x, i)), ir.toFloat(ir.indexValue(plus(group, times(n, 2))))));
    for (const mark of ["serial", "unrolled"] as const) {
      const called = ir.call("lanes", ir.block(vectorOf(4, body(lane)), vectorOf(4, body(plus(lane, 4)))));
      const kernel = kernelOf(ir.loop({ name: "n", extent: 2 }, mark, called), [
        { name: "unused", extent: 9 },
        { name: "group", extent: 3 },
      ]);
      await expectSameBits(
        kernel,
        [large, ...views],
        [
          [8, 2],
          [0, 0],
        ],
      );
    }
  });

  it("agree on sums in registers: of a vector, of each lane, and of one element", async () => {
    const sums = register("sums", 2, 4);
    const k = axisIndex("k");
    const tile = (s: Stmt): Stmt => ir.loop({ name: "k", extent: 2 }, "unrolled", vectorOf(4, s));
    const sum = at(sums, k, lane);
    const product = ir.fma(ir.load(at(x, plus(times(k, 4), lane))), ir.load(at(x, n)), ir.load(sum));
    await expectSameBits(
      kernelOf(
        ir.block(
          tile(ir.store(sum, ir.zero)),
          ir.loop({ name: "n", extent: 8 }, "serial", tile(ir.store(sum, product))),
          tile(ir.store(at(y, plus(times(k, 4), lane)), ir.load(sum))),
        ),
      ),
      views,
    );
    const one = ir.scalar("one");
    const perLane = ir.block(
      ir.store(one, ir.load(at(x, lane))),
      ir.loop(
        { name: "n", extent: 5 },
        "serial",
        ir.store(one, ir.fma(ir.load(at(x, n)), ir.constant(0.7), ir.load(one))),
      ),
      ir.store(at(y, lane), ir.load(one)),
    );
    await expectSameBits(kernelOf(vectorOf(4, perLane)), views);
    await expectSameBits(
      kernelOf(ir.block(ir.store(one, ir.load(at(x, 1))), vectorOf(4, ir.store(at(y, lane), ir.load(one))))),
      views,
    );
  });

  it("agree where a store changes what is loaded next", async () => {
    const body = ir.block(
      ir.store(at(y, 0), ir.load(at(x, 0))),
      ir.store(at(x, 0), ir.add(ir.load(at(x, 0)), ir.one)),
      ir.store(at(y, 1), ir.load(at(x, 0))),
      ir.loop({ name: "n", extent: 3 }, "serial", ir.store(at(x, 0), ir.add(ir.load(at(x, 0)), ir.load(at(x, n))))),
      ir.store(at(y, 2), ir.load(at(x, 0))),
    );
    await expectSameBits(kernelOf(body), views);
  });

  it("agree on plain contractions", async () => {
    const [a, b, out] = [memory("a", [3, 7, 4]), memory("b", [7, 5]), memory("out", [3, 5])];
    const c = contraction({ i: 3, j: 5, k: 7 }, ({ i, j, k }) => ({
      out: at(out, i, j),
      a: at(a, i, plus(times(k, -1), 6), 2),
      b: at(b, k, j),
      init: ir.one,
      finish: (sum: Value) => ir.max(sum, ir.zero),
    }));
    await expectSameBits(kernelOf(plain(c)), [a, b, out]);
  });

  it("agree on random programs", async () => {
    const rows = randomViews.find((view) => view.name === "rows")!;
    const fill = (m: WebAssembly.Memory, size: number) => {
      fillMemory(m, size);
      fillRows(new Uint32Array(m.buffer, layoutOf(randomViews).offsets.get("rows"), rows.shape[0]));
    };
    await fc.assert(
      fc.asyncProperty(kernels, async (kernel) => {
        await expectSameBits(kernel, randomViews, [[0], [1]], fill);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe("the WebAssembly back end", () => {
  it("fuses multiply-adds where the engine does", () => {
    expect(wasmBackend().arithmetic).toBe("fma");
    expect(wasmBackend({ fma: false }).arithmetic).toBe("mul-add");
  });

  it("runs kernels over a shared memory", async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    new Float32Array(memory.buffer, 0, 8).fill(2);
    const double = kernelOf(vectorOf(4, ir.store(at(y, lane), ir.add(ir.load(at(x, lane)), ir.load(at(x, lane))))));
    (await load(wasmBackend(), [double], layoutOf([x, y]), memory)).get("kernel")!();
    expect([...new Float32Array(memory.buffer, 64, 5)]).toEqual([4, 4, 4, 4, 0]);
  });

  it("reaches beyond 2 GiB", async () => {
    const start = 2 ** 31 + 4096;
    const memory = new WebAssembly.Memory({ initial: start / 65536 + 1 });
    const layout = {
      bytes: start + 4096,
      offsets: new Map([
        ["x", start],
        ["y", start + 64],
      ]),
    };
    new Float32Array(memory.buffer, start, 8).set([1, 2, 3, 4, 5, 6, 7, 8]);
    const copy = (i: typeof n, j: typeof n) => ir.store(at(y, i), ir.load(at(x, j)));
    const body = ir.block(
      ir.loop({ name: "n", extent: 8 }, "serial", copy(n, plus(times(n, -1), 7))),
      copy(affine(0), affine(3)),
    );
    (await load(wasmBackend(), [kernelOf(body)], layout, memory)).get("kernel")!();
    expect([...new Float32Array(memory.buffer, start + 64, 8)]).toEqual([4, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("rejects vectors that it does not have", async () => {
    const body = ir.loop({ name: "lane", extent: 8 }, "vector", ir.store(at(y, lane), ir.zero));
    const memory = new WebAssembly.Memory({ initial: 1 });
    await expect(load(wasmBackend(), [kernelOf(body)], layoutOf(views), memory)).rejects.toThrow(
      "wasm: a vector has 8 elements, expected 1 or 4",
    );
  });

  it("writes LEB128 as the specification does", () => {
    expect([...new Bytes().unsigned(624485).toArray()]).toEqual([0xe5, 0x8e, 0x26]);
    expect([...new Bytes().unsigned(0xffffffff).toArray()]).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect([...new Bytes().signed(-123456).toArray()]).toEqual([0xc0, 0xbb, 0x78]);
    expect([...new Bytes().signed(64).toArray()]).toEqual([0xc0, 0x00]);
    expect([...new Bytes().signed(2 ** 31).toArray()]).toEqual([0x80, 0x80, 0x80, 0x80, 0x78]);
    expect(() => new Bytes().unsigned(-1)).toThrow("-1 is not an unsigned 32-bit integer");
    expect(() => new Bytes().unsigned(2 ** 32)).toThrow("4294967296 is not");
  });
});
