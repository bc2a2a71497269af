import { axisIndex, plus, times } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import { contraction, plain } from "../../src/ir/contraction.ts";
import type { Affine, Kernel, Stmt, Value, View } from "../../src/ir/types.ts";
import { at, gather, memory, register } from "../../src/ir/view.ts";
import { fillMemory, kernelOf, layoutOf } from "./backends.ts";
import { fillRows, views as randomViews } from "./randomPrograms.ts";

/** A kernel to run on two back ends, which must leave the same bits in memory. */
export interface Case {
  readonly kernel: Kernel;
  readonly views: readonly View[];
  /** The values of its axes in each call. */
  readonly calls?: readonly (readonly number[])[];
  readonly fill?: (memory: WebAssembly.Memory, bytes: number) => void;
}

/** Elements of each view: two vectors of the widest kind. */
const SIZE = 32;
const x = memory("x", [SIZE]);
const y = memory("y", [SIZE]);
const words = memory("words", [SIZE], "u32");
const bytes = memory("bytes", [SIZE], "u8");
const results = memory("results", [SIZE], "u32");
export const views = [x, y, words, bytes, results];
const [n, lane] = [axisIndex("n"), axisIndex("lane")];
const vectorOf = (extent: number, body: Stmt): Stmt => ir.loop({ name: "lane", extent }, "vector", body);

/** One store for each element: in vectors, one after another, or unrolled. */
const shapes = (width: number): readonly ((body: (i: Affine) => Stmt) => Stmt)[] => {
  const vectors = { name: "n", extent: SIZE / width };
  return [
    (body) => ir.loop({ name: "n", extent: SIZE }, "serial", body(n)),
    (body) => ir.loop({ name: "n", extent: SIZE }, "unrolled", body(n)),
    (body) => ir.nest([vectors], "serial", vectorOf(width, body(plus(times(n, width), lane)))),
    (body) => ir.nest([vectors], "unrolled", vectorOf(width, body(plus(times(n, width), lane)))),
    (body) => ir.nest([{ name: "n", extent: SIZE }], "serial", vectorOf(1, body(plus(n, lane)))),
  ];
};

/** A value of every kind, of the element i. */
const values: Readonly<Record<string, (i: Affine) => Value>> = {
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
  const special = [-0, 2.5, Number.NaN, 0, infinity, -3, 1e-40, -infinity];
  new Float32Array(m.buffer, layoutOf(views).offsets.get("x"), special.length).set(special);
}

/** Every value in every shape of loop, in vectors of a width. */
export const valueCases = (width: number): readonly Case[] =>
  shapes(width).flatMap((nest) =>
    Object.values(values).map((value) => {
      const out = ir.typeOf(value(n)) === "f32" ? y : results;
      return { kernel: kernelOf(nest((i) => ir.store(at(out, i), value(i)))), views, fill: fillSpecial };
    }),
  );

/** A random program over its views. */
export function randomCase(kernel: Kernel): Case {
  const rows = randomViews.find((view) => view.name === "rows")!;
  const fill = (m: WebAssembly.Memory, size: number) => {
    fillMemory(m, size);
    fillRows(new Uint32Array(m.buffer, layoutOf(randomViews).offsets.get("rows"), rows.shape[0]));
  };
  return { kernel, views: randomViews, calls: [[0], [1]], fill };
}

const one = (body: Stmt): Case => ({ kernel: kernelOf(body), views });

/** Statements of every kind, in vectors of the given width, by topic. */
export const statementCases = (width: number): Readonly<Record<string, readonly Case[]>> => ({
  "variables are defined outside a vector and inside it": [
    one(
      ir.define("outside", ir.load(at(x, 2)), (a) =>
        vectorOf(
          width,
          ir.define("inside", ir.mul(a, ir.load(at(x, lane))), (b) => ir.store(at(y, lane), ir.add(a, b))),
        ),
      ),
    ),
  ],
  "rows are gathered, together or lane by lane, also from before the first row": gatherCases(width),
  "pointers run backwards, from the first byte of memory": backwardCases(),
  "kernels have axes and call functions of the loops around them": callCases(width),
  "sums are in registers: of a vector, of each lane, and of one element": sumCases(width),
  "a store changes what is loaded next": [
    one(
      ir.block(
        ir.store(at(y, 0), ir.load(at(x, 0))),
        ir.store(at(x, 0), ir.add(ir.load(at(x, 0)), ir.one)),
        ir.store(at(y, 1), ir.load(at(x, 0))),
        ir.loop({ name: "n", extent: 3 }, "serial", ir.store(at(x, 0), ir.add(ir.load(at(x, 0)), ir.load(at(x, n))))),
        ir.store(at(y, 2), ir.load(at(x, 0))),
      ),
    ),
  ],
  "contractions are plain": [contractionCase()],
});

function gatherCases(width: number): readonly Case[] {
  const table = {
    ...memory("table", [4, 2 * width]),
    halo: [
      [2, 0],
      [0, 0],
    ] as const,
  };
  const small = memory("small", [4, width], "u8");
  const rows = memory("rows", [width], "u32");
  const all = [table, small, rows, y, results];
  const fill = (m: WebAssembly.Memory, size: number) => {
    fillMemory(m, size);
    const numbers = Array.from({ length: width }, (_, i) => [3, 0, 2, 1, 1, 3, 0][i % 7]!);
    new Uint32Array(m.buffer, layoutOf(all).offsets.get("rows")).set(numbers);
  };
  const of = (body: Stmt): Case => ({ kernel: kernelOf(vectorOf(width, body)), views: all, fill });
  const both = (row: Value, first: number) =>
    ir.block(
      ir.store(at(y, lane), ir.load(gather(table, row, first, lane))),
      ir.store(at(results, lane), ir.load(gather(small, row, 0, lane))),
    );
  const indices = [
    ir.load(at(rows, lane)),
    ir.load(at(rows, 1)),
    ir.load(at(rows, 3)),
    ir.and(ir.indexValue(lane), ir.integer(3)),
  ];
  return [
    ...indices.flatMap((row) => [0, -2].map((first) => of(both(row, first)))),
    of(ir.store(at(y, lane), ir.load(gather(table, ir.and(ir.indexValue(lane), ir.integer(3)), 0, times(lane, 2))))),
    of(ir.store(gather(table, ir.load(at(rows, 0)), 0, lane), ir.constant(7))),
  ];
}

function backwardCases(): readonly Case[] {
  const copy = ir.store(at(y, n), ir.load(at(x, plus(times(n, -1), SIZE - 1))));
  const backwards = (body: Stmt) => one(ir.loop({ name: "n", extent: SIZE }, "serial", body));
  return [backwards(copy), backwards(ir.call("one", copy))];
}

function callCases(width: number): readonly Case[] {
  const large = memory("large", [3, 2, 2 * width]);
  const group = axisIndex("group");
  const body = (i: Affine): Stmt =>
    ir.store(at(large, group, n, i), ir.add(ir.load(at(x, i)), ir.toFloat(ir.indexValue(plus(group, times(n, 2))))));
  const called = ir.call("lanes", ir.block(vectorOf(width, body(lane)), vectorOf(width, body(plus(lane, width)))));
  const axes = [
    { name: "unused", extent: 9 },
    { name: "group", extent: 3 },
  ];
  const calls = [
    [8, 2],
    [0, 0],
  ];
  return (["serial", "unrolled"] as const).map((mark) => ({
    kernel: kernelOf(ir.loop({ name: "n", extent: 2 }, mark, called), axes),
    views: [large, ...views],
    calls,
  }));
}

function sumCases(width: number): readonly Case[] {
  const sums = register("sums", 2, width);
  const k = axisIndex("k");
  const tile = (s: Stmt): Stmt => ir.loop({ name: "k", extent: 2 }, "unrolled", vectorOf(width, s));
  const sum = at(sums, k, lane);
  const product = ir.fma(ir.load(at(x, plus(times(k, width), lane))), ir.load(at(x, n)), ir.load(sum));
  const single = ir.scalar("one");
  return [
    one(
      ir.block(
        tile(ir.store(sum, ir.zero)),
        ir.loop({ name: "n", extent: 8 }, "serial", tile(ir.store(sum, product))),
        tile(ir.store(at(y, plus(times(k, width), lane)), ir.load(sum))),
      ),
    ),
    one(
      vectorOf(
        width,
        ir.block(
          ir.store(single, ir.load(at(x, lane))),
          ir.loop(
            { name: "n", extent: 5 },
            "serial",
            ir.store(single, ir.fma(ir.load(at(x, n)), ir.constant(0.7), ir.load(single))),
          ),
          ir.store(at(y, lane), ir.load(single)),
        ),
      ),
    ),
    one(ir.block(ir.store(single, ir.load(at(x, 1))), vectorOf(width, ir.store(at(y, lane), ir.load(single))))),
  ];
}

function contractionCase(): Case {
  const [a, b, out] = [memory("a", [3, 7, 4]), memory("b", [7, 5]), memory("out", [3, 5])];
  const c = contraction({ i: 3, j: 5, k: 7 }, ({ i, j, k }) => ({
    out: at(out, i, j),
    a: at(a, i, plus(times(k, -1), 6), 2),
    b: at(b, k, j),
    init: ir.one,
    finish: (sum: Value) => ir.max(sum, ir.zero),
  }));
  return { kernel: kernelOf(plain(c)), views: [a, b, out] };
}
