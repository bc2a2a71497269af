import { affine, axisIndex, toAffine } from "./affine.ts";
import type { Affine, Axis, BinaryFn, CompareFn, Mark, Ref, Stmt, UnaryFn, Value, ValueType, View } from "./types.ts";
import { at } from "./view.ts";

// Values, named after the mathematics, so that ops read like their formulas.

/** A float. */
export const constant = (value: number): Value => ({ kind: "const", type: "f32", value });
/** An unsigned integer, modulo 2³². */
export const integer = (value: number): Value => ({ kind: "const", type: "u32", value: value >>> 0 });
/** 0 */
export const zero = constant(0);
/** 1 */
export const one = constant(1);
/** The value of an element. */
export const load = (ref: Ref): Value => ({ kind: "load", ref });
/** An index as an unsigned integer. */
export const indexValue = (index: Affine | number): Value => ({ kind: "index", at: toAffine(index) });
/** a·b + c, rounded once. */
export const fma = (a: Value, b: Value, c: Value): Value => ({ kind: "fma", a, b, c });

const unary =
  (fn: UnaryFn) =>
  (x: Value): Value => ({ kind: "unary", fn, x });
const binary =
  (fn: BinaryFn) =>
  (a: Value, b: Value): Value => ({ kind: "binary", fn, a, b });
const compare =
  (fn: CompareFn) =>
  (a: Value, b: Value): Value => ({ kind: "compare", fn, a, b });

/** √x */
export const sqrt = unary("sqrt");
/** An unsigned integer as a float; exact below 2²⁴. */
export const toFloat = unary("toFloat");
/** The float that has these 32 bits. */
export const floatFromBits = unary("floatFromBits");
/** The 32 bits of a float. */
export const bitsFromFloat = unary("bitsFromFloat");
/** a + b */
export const add = binary("add");
/** a − b */
export const sub = binary("sub");
/** a · b */
export const mul = binary("mul");
/** a / b */
export const div = binary("div");
/** a > b ? a : b, in this order, also for a NaN. */
export const max = binary("max");
/** a < b ? a : b, in this order, also for a NaN. */
export const min = binary("min");
/** a + b modulo 2³². */
export const addInt = binary("addInt");
/** a · b modulo 2³². */
export const mulInt = binary("mulInt");
/** The high 32 bits of a · b. */
export const mulHigh = binary("mulHigh");
/** Bitwise and. */
export const and = binary("and");
/** Bitwise or. */
export const or = binary("or");
/** Bitwise exclusive or. */
export const xor = binary("xor");
/** a · 2ᵇ modulo 2³². */
export const shiftLeft = binary("shiftLeft");
/** a / 2ᵇ, rounded down. */
export const shiftRight = binary("shiftRight");
/** a > b, for `select`. */
export const greater = compare("greater");
/** a < b, for `select`. */
export const less = compare("less");
/** a = b, of floats or of integers, for `select`. */
export const equal = compare("equal");
/** `onTrue` where `cond` holds, else `onFalse`; both are evaluated. */
export const select = (cond: Value, onTrue: Value, onFalse: Value): Value => ({
  kind: "select",
  cond,
  onTrue,
  onFalse,
});
/** −x */
export const negate = (x: Value): Value => sub(zero, x);

/** The type of a value. */
export function typeOf(v: Value): ValueType {
  switch (v.kind) {
    case "const":
    case "variable":
      return v.type;
    case "load":
      return v.ref.view.type === "f32" ? "f32" : "u32";
    case "index":
      return "u32";
    case "fma":
      return "f32";
    case "unary":
      return v.fn === "bitsFromFloat" ? "u32" : "f32";
    case "binary":
      return typeOf(v.a);
    case "compare":
      return "mask";
    case "select":
      return typeOf(v.onTrue);
    case "let":
      return typeOf(v.body);
  }
}

const variable = (name: string, value: Value): Value => ({ kind: "variable", name, type: typeOf(value) });

/** Evaluates `value` once and uses it by name in a larger value. Names must not shadow one another. */
export const bind = (name: string, value: Value, body: (x: Value) => Value): Value => ({
  kind: "let",
  name,
  value,
  body: body(variable(name, value)),
});

// Statements.

/** Writes a value to an element. */
export const store = (ref: Ref, value: Value): Stmt => ({ kind: "store", ref, value });
/** Statements one after another. */
export const block = (...body: readonly Stmt[]): Stmt => (body.length === 1 ? body[0]! : { kind: "block", body });
/** A loop around a statement. */
export const loop = (axis: Axis, mark: Mark, body: Stmt): Stmt => ({ kind: "loop", axis, mark, body });
/** A statement outlined into a function. */
export const call = (name: string, body: Stmt): Stmt => ({ kind: "call", name, body });

/** Evaluates `value` once, before the statements that use it. */
export const define = (name: string, value: Value, body: (x: Value) => Stmt): Stmt => ({
  kind: "let",
  name,
  value,
  body: body(variable(name, value)),
});

/** Evaluates each of several named values once, in order, before the statements that use them. */
export function defineEach<const K extends string>(
  values: Readonly<Record<K, Value>>,
  body: (x: Readonly<Record<K, Value>>) => Stmt,
): Stmt {
  const entries = Object.entries<Value>(values);
  const from = (k: number, x: Record<string, Value>): Stmt =>
    k === entries.length
      ? body(x as Record<K, Value>)
      : define(...entries[k]!, (value) => from(k + 1, { ...x, [entries[k]![0]]: value }));
  return from(0, {});
}

/** Loops, outermost first, around a statement. */
export const nest = (axes: readonly Axis[], mark: Mark, body: Stmt): Stmt =>
  axes.reduceRight((inner, axis) => loop(axis, mark, inner), body);

/** Axes of the given extents, in order, and each of them as an index. */
export function axesOf<K extends string>(extents: Readonly<Record<K, number>>) {
  const axes = Object.entries<number>(extents).map(([name, extent]): Axis => ({ name, extent }));
  const index = Object.fromEntries(axes.map(({ name }) => [name, axisIndex(name)])) as Record<K, Affine>;
  return { axes, index };
}

/** A loop nest over named axes, outermost first. Axis names become variable names in generated code. */
export function loops<K extends string>(
  extents: Readonly<Record<K, number>>,
  body: (axes: Record<K, Affine>) => Stmt,
): Stmt {
  const { axes, index } = axesOf(extents);
  return nest(axes, "serial", body(index));
}

/** Loops over all elements of a view, whose axes are named n (the samples), d1, d2, …. */
export const eachElement = (view: View, body: (index: readonly Affine[]) => Stmt): Stmt =>
  loops(elementAxes(view), (axes) => body(Object.values<Affine>(axes)));

/** One store for each element of a view. */
export const elementwise = (view: View, value: (index: readonly Affine[]) => Value): Stmt =>
  eachElement(view, (index) => store(at(view, ...index), value(index)));
const elementAxes = (view: View): Record<string, number> =>
  Object.fromEntries(view.shape.map((extent, d) => [d === 0 ? "n" : `d${d}`, extent]));

/** Fills a view with one value. */
export const fill = (view: View, value: number): Stmt => elementwise(view, () => constant(value));

/** A register that holds one number: an accumulator. */
export const scalar = (name: string): Ref => ({
  view: { name, type: "f32", shape: [], halo: [], origin: affine(), space: "register" },
  index: [],
});
