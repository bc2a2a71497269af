import { rangeOf } from "../ir/affine.ts";
import { outOfBounds, outsideOf } from "../ir/bounds.ts";
import { typeOf } from "../ir/build.ts";
import type { Affine, Axis, Kernel, Ref, Stmt, Value, View } from "../ir/types.ts";
import { addressOf, gatherStride, spanOf } from "../ir/view.ts";
import { binaryFns, compareFns, float32, type Rounding, unaryFns } from "./rounding.ts";

export type Buffer = Float32Array | Float64Array | Uint32Array | Uint8Array;

type Run = () => void;
type Read = () => number;
type Axes = ReadonlyMap<string, Axis>;

/**
 * Runs a kernel or a statement, plain or scheduled: the definition of what IR means. Loops of every mark
 * are loops. The axes of a kernel, and those that a statement reads from outside, get their values from
 * `values`. Throws if an index leaves its view with its halo.
 */
export function interpret(
  program: Kernel | Stmt,
  buffers: ReadonlyMap<string, Buffer>,
  values: Readonly<Record<string, number>> = {},
  rounding: Rounding = float32,
): void {
  const kernel =
    "kind" in program
      ? { name: "statement", axes: Object.entries(values).map(([name, i]) => ({ name, extent: i + 1 })), body: program }
      : program;
  const bufferOf = ({ name }: View): Buffer => {
    const buffer = buffers.get(name);
    if (buffer === undefined) throw new Error(`interpret: no buffer for ${name}`);
    return buffer;
  };
  const numbers = kernel.axes.map(({ name }) => {
    const value = values[name];
    if (value === undefined) throw new Error(`interpret: no value for axis ${name} of ${kernel.name}`);
    return value;
  });
  new Interpreter(bufferOf, rounding).compile(kernel)(...numbers);
}

/** Compiles IR to closures, once; they may be called many times. */
export class Interpreter {
  readonly #bufferOf: (view: View) => Buffer;
  readonly #rounding: Rounding;
  readonly #registers = new Map<string, Float64Array>();
  /** The values of axes and variables, where their slots say. */
  readonly #values: number[] = [];
  readonly #slots = new Map<string, number>();

  constructor(bufferOf: (view: View) => Buffer, rounding: Rounding) {
    this.#bufferOf = bufferOf;
    this.#rounding = rounding;
  }

  /** A kernel as a function of the values of its axes. */
  compile({ name, axes, body }: Kernel): (...values: readonly number[]) => void {
    const slots = axes.map((axis) => this.#slot(axis.name));
    const run = this.#statement(body, new Map(axes.map((axis) => [axis.name, axis])));
    return (...values) => {
      for (const [k, axis] of axes.entries()) {
        const value = values[k]!;
        if (!(value >= 0 && value < axis.extent))
          throw new Error(`${name}: axis ${axis.name} is ${value}, expected 0 to ${axis.extent - 1}`);
        this.#values[slots[k]!] = value;
      }
      run();
    };
  }

  #slot(name: string): number {
    const found = this.#slots.get(name) ?? this.#slots.size;
    this.#slots.set(name, found);
    return found;
  }

  #statement(s: Stmt, axes: Axes): Run {
    switch (s.kind) {
      case "loop":
        return this.#loop(s.axis, s.body, axes);
      case "store": {
        const [to, index, value] = [this.#buffer(s.ref), this.#address(s.ref, axes), this.#value(s.value, axes)];
        return () => {
          to[index()] = value();
        };
      }
      case "let": {
        const [slot, value, body] = [this.#slot(s.name), this.#value(s.value, axes), this.#statement(s.body, axes)];
        return () => {
          this.#values[slot] = value();
          body();
        };
      }
      case "block": {
        const body = s.body.map((x) => this.#statement(x, axes));
        return () => {
          for (const run of body) run();
        };
      }
      case "call":
        return this.#statement(s.body, axes);
    }
  }

  #loop(axis: Axis, inner: Stmt, axes: Axes): Run {
    if (axis.extent === 0) return () => {};
    const [slot, values] = [this.#slot(axis.name), this.#values];
    const body = this.#statement(inner, new Map([...axes, [axis.name, axis]]));
    return () => {
      for (let i = 0; i < axis.extent; i++) {
        values[slot] = i;
        body();
      }
    };
  }

  #value(v: Value, axes: Axes): Read {
    const { round, fma } = this.#rounding;
    const read = (x: Value) => this.#value(x, axes);
    switch (v.kind) {
      case "const": {
        const x = v.type === "f32" ? round(v.value) : v.value;
        return () => x;
      }
      case "load": {
        const [from, index] = [this.#buffer(v.ref), this.#address(v.ref, axes)];
        return () => from[index()]!;
      }
      case "index": {
        const index = this.#affine(v.at);
        return () => index() >>> 0;
      }
      case "fma": {
        const [a, b, c] = [read(v.a), read(v.b), read(v.c)];
        return () => fma(a(), b(), c());
      }
      case "unary": {
        const [f, x] = [unaryFns[v.fn], read(v.x)];
        return v.fn === "bitsFromFloat" ? () => f(x()) : () => round(f(x()));
      }
      case "binary": {
        const [f, a, b] = [binaryFns[v.fn], read(v.a), read(v.b)];
        return typeOf(v) === "f32" ? () => round(f(a(), b())) : () => f(a(), b());
      }
      case "compare": {
        const [f, a, b] = [compareFns[v.fn], read(v.a), read(v.b)];
        return () => Number(f(a(), b()));
      }
      case "select": {
        const [cond, onTrue, onFalse] = [read(v.cond), read(v.onTrue), read(v.onFalse)];
        return () => (cond() ? onTrue() : onFalse());
      }
      case "let": {
        const [slot, value, body] = [this.#slot(v.name), read(v.value), read(v.body)];
        return () => {
          this.#values[slot] = value();
          return body();
        };
      }
      case "variable": {
        const [slot, values] = [this.#slot(v.name), this.#values];
        return () => values[slot]!;
      }
    }
  }

  #affine({ offset, scale }: Affine): Read {
    const values = this.#values;
    const terms = Object.entries(scale).map(([name, step]) => [this.#slot(name), step] as const);
    return () => {
      let sum = offset;
      for (const [slot, step] of terms) sum += step * values[slot]!;
      return sum;
    };
  }

  #address(ref: Ref, axes: Axes): Read {
    this.#checkBounds(ref, axes);
    const start = this.#affine(addressOf(ref));
    if (!ref.gather) return start;
    const [row, first, stride] = [this.#value(ref.gather, axes), this.#affine(ref.index[0]!), gatherStride(ref)];
    return () => {
      const gathered = row();
      const problem = outsideOf(ref.view, 0, gathered + first());
      if (problem) throw new Error(`interpret: ${problem}`);
      return start() + gathered * stride;
    };
  }

  /** Ranges of affine indices are exact, so that one check before the run is enough. */
  #checkBounds(ref: Ref, axes: Axes): void {
    const problem = outOfBounds(ref, axes);
    if (problem) throw new Error(`interpret: ${problem}`);
    if (ref.gather) return;
    const [, last] = rangeOf(addressOf(ref), axes);
    const { length } = this.#buffer(ref);
    if (last >= length) throw new Error(`interpret: ${ref.view.name} reaches element ${last} of a buffer of ${length}`);
  }

  /** Registers of one name but different sizes are different registers. */
  #buffer({ view }: Ref): Buffer {
    if (view.space === "memory") return this.#bufferOf(view);
    const key = `${view.name}:${spanOf(view)}`;
    const found = this.#registers.get(key) ?? new Float64Array(spanOf(view));
    this.#registers.set(key, found);
    return found;
  }
}
