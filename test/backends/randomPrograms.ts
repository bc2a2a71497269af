import fc from "fast-check";
import { affine, axisIndex, plus, times } from "../../src/ir/affine.ts";
import * as ir from "../../src/ir/build.ts";
import type { Affine, Axis, Kernel, Mark, Stmt, Value } from "../../src/ir/types.ts";
import { at, gather, memory, register } from "../../src/ir/view.ts";

const ROWS = 3;
const COLUMNS = 16;
/** f32 and u32 with a halo of zeros, bytes without; `rows` holds numbers of rows. */
const x = {
  ...memory("x", [ROWS, COLUMNS]),
  halo: [
    [1, 1],
    [1, 2],
  ] as const,
};
const words = {
  ...memory("words", [ROWS, COLUMNS], "u32"),
  halo: [
    [0, 1],
    [1, 2],
  ] as const,
};
const bytes = memory("bytes", [ROWS, COLUMNS], "u8");
const rows = memory("rows", [COLUMNS], "u32");
const y = memory("y", [2, ROWS, COLUMNS]);
const z = memory("z", [2, ROWS, COLUMNS], "u32");
export const views = [x, words, bytes, rows, y, z];

/** Fills `rows` with row numbers, after everything else was filled. */
export function fillRows(array: Uint32Array): void {
  for (let k = 0; k < array.length; k++) array[k] = (k * 5 + 1) % ROWS;
}

/** Decisions from a list of numbers, which fast-check shrinks: the first choice is the simplest. */
class Choices {
  readonly #numbers: readonly number[];
  #next = 0;
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }
  below = (n: number): number => (this.#numbers[this.#next++] ?? 0) % n;
  of = <T>(options: readonly T[]): T => options[this.below(options.length)]!;
  yes = (): boolean => this.below(2) === 1;
}

/** Where a value is generated: row and column index the views, and variables are in scope. */
interface Scope {
  readonly row: Affine;
  readonly column: Affine;
  readonly floats: readonly Value[];
  readonly integers: readonly Value[];
  readonly depth: number;
}

const floatFns = [ir.add, ir.sub, ir.mul, ir.div, ir.max, ir.min] as const;
const integerFns = [ir.addInt, ir.mulInt, ir.mulHigh, ir.and, ir.or, ir.xor] as const;
const numbers = [1, 0, -0, 0.1, -2.5, 3e38, 1e-40, Number.POSITIVE_INFINITY];

class Values {
  readonly #choose: Choices;
  #names = 0;
  constructor(choose: Choices) {
    this.#choose = choose;
  }
  name = (): string => `v${this.#names++}`;

  readonly #row = ({ row }: Scope): Affine =>
    this.#choose.of([row, plus(times(row, -1), ROWS - 1), affine(this.#choose.below(ROWS))]);
  /** The same column in all lanes, or its neighbor. */
  readonly #column = ({ column }: Scope): Affine =>
    this.#choose.of([column, plus(column, 1), affine(this.#choose.below(COLUMNS))]);

  /** A gathered row number: the same in all lanes, or not. */
  #gathered(s: Scope): Value {
    return ir.load(at(rows, this.#choose.of([s.row, s.column])));
  }

  float(scope: Scope): Value {
    const c = this.#choose;
    const s = { ...scope, depth: scope.depth - 1 };
    if (scope.depth <= 0) return this.#floatLeaf(s);
    switch (c.below(8)) {
      case 0:
        return this.#floatLeaf(s);
      case 1:
        return ir.fma(this.float(s), this.float(s), this.float(s));
      case 2:
        return c.of(floatFns)(this.float(s), this.float(s));
      case 3:
        return ir.sqrt(this.float(s));
      case 4:
        return ir.select(this.#mask(s), this.float(s), this.float(s));
      case 5:
        return ir.toFloat(this.integer(s));
      case 6:
        return ir.floatFromBits(this.integer(s));
      default:
        return ir.bind(this.name(), this.float(s), (v) => this.float({ ...s, floats: [...s.floats, v] }));
    }
  }

  #floatLeaf(s: Scope): Value {
    const c = this.#choose;
    switch (c.below(4)) {
      case 0:
        return ir.constant(c.of(numbers));
      case 1:
        return ir.load(at(x, plus(this.#row(s), c.of([0, -1, 1])), plus(this.#column(s), c.of([0, -1]))));
      case 2:
        return ir.load(gather(x, this.#gathered(s), c.of([0, -1, 1]), this.#column(s)));
      default:
        return s.floats.length === 0 ? ir.one : c.of(s.floats);
    }
  }

  integer(scope: Scope): Value {
    const c = this.#choose;
    const s = { ...scope, depth: scope.depth - 1 };
    if (scope.depth <= 0) return this.#integerLeaf(s);
    switch (c.below(6)) {
      case 0:
        return this.#integerLeaf(s);
      case 1:
        return c.of(integerFns)(this.integer(s), this.integer(s));
      case 2:
        return c.of([ir.shiftLeft, ir.shiftRight])(this.integer(s), ir.integer(c.below(32)));
      case 3:
        return ir.select(this.#mask(s), this.integer(s), this.integer(s));
      case 4:
        return this.#bits(s);
      default:
        return ir.bind(this.name(), this.integer(s), (v) => this.integer({ ...s, integers: [...s.integers, v] }));
    }
  }

  /** The bits of a float that is not NaN, whose bits are not defined. */
  #bits(s: Scope): Value {
    return ir.bind(this.name(), this.float(s), (v) => ir.bitsFromFloat(ir.select(ir.equal(v, v), v, ir.zero)));
  }

  #integerLeaf(s: Scope): Value {
    const c = this.#choose;
    switch (c.below(5)) {
      case 0:
        return ir.integer(c.of([1, 0, 0xffffffff, 0x80000000]));
      case 1:
        return ir.load(at(words, plus(this.#row(s), c.below(2)), this.#column(s)));
      case 2:
        return ir.load(c.yes() ? at(bytes, this.#row(s), s.column) : gather(bytes, this.#gathered(s), 0, s.column));
      case 3:
        return ir.indexValue(c.of([s.column, plus(times(s.row, -3), times(s.column, 5), 7), affine(9)]));
      default:
        return s.integers.length === 0 ? ir.integer(2) : c.of(s.integers);
    }
  }

  #mask(s: Scope): Value {
    const c = this.#choose;
    if (c.yes()) return ir.equal(this.integer(s), this.integer(s));
    return c.of([ir.greater, ir.less, ir.equal])(this.float(s), this.float(s));
  }
}

/** A sum over a serial loop in a register of each lane, or one value. */
function computation(values: Values, choose: Choices, s: Scope, store: (v: Value) => Stmt): Stmt {
  if (!choose.yes()) return store(values.float(s));
  const sum = at(register("sum", 1), 0);
  const step = { ...s, row: axisIndex("u") };
  const u: Axis = { name: "u", extent: ROWS };
  const add = ir.fma(values.float(step), values.float(s), ir.load(sum));
  return ir.block(
    ir.store(sum, values.float(s)),
    ir.loop(u, choose.of<Mark>(["serial", "unrolled"]), ir.store(sum, add)),
    store(ir.load(sum)),
  );
}

/** Stores to both outputs, at one column or at the lanes of a vector. */
function body(values: Values, choose: Choices, row: Affine, column: Affine): Stmt {
  const group = axisIndex("group");
  const s: Scope = { row, column, floats: [], integers: [], depth: 3 };
  const inner = (scope: Scope): Stmt =>
    ir.block(
      computation(values, choose, scope, (v) => ir.store(at(y, group, row, column), v)),
      ir.store(at(z, group, row, column), values.integer(scope)),
    );
  if (!choose.yes()) return inner(s);
  return ir.define(values.name(), values.float(s), (v) => inner({ ...s, floats: [v] }));
}

/** A kernel of one axis over all elements of y and z, with loops of any mark, and calls. */
function kernelFrom(numbers: readonly number[], vector: number): Kernel {
  const choose = new Choices(numbers);
  const values = new Values(choose);
  const mark = () => choose.of<Mark>(["serial", "unrolled"]);
  const outline = (name: string, s: Stmt) => (choose.yes() ? ir.call(name, s) : s);
  const width = choose.of([vector, 1]);
  const [i, j, lane] = ["i", "j", "lane"].map(axisIndex) as [Affine, Affine, Affine];
  const column = plus(times(j, width), lane);
  const row = choose.yes() ? plus(times(i, -1), ROWS - 1) : i;
  const lanes = ir.loop({ name: "lane", extent: width }, "vector", body(values, choose, row, column));
  const columns = ir.loop({ name: "j", extent: COLUMNS / width }, mark(), outline("columns", lanes));
  const all = ir.loop({ name: "i", extent: ROWS }, mark(), outline("row", columns));
  return { name: "kernel", axes: [{ name: "group", extent: 2 }], body: all };
}

/** Random kernels, in vectors of a width or in single elements. */
export const kernels = (width: number): fc.Arbitrary<Kernel> =>
  fc.array(fc.nat(0xffff), { maxLength: 150, size: "max" }).map((numbers) => kernelFrom(numbers, width));
