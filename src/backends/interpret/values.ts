import { rangeOf } from "../../ir/affine.ts";
import { typeOf } from "../../ir/build.ts";
import type { Affine, Axis, Ref, Value, View } from "../../ir/types.ts";
import { addressOf, gatherStride, outOfBounds, outsideOf, spanOf } from "../../ir/view.ts";
import { binaryFns, compareFns, type Rounding, unaryFns } from "./rounding.ts";

/** The memory of a view. */
export type Buffer = Float32Array | Float64Array | Uint32Array | Uint8Array;
export type Axes = ReadonlyMap<string, Axis>;
export type Read = () => number;

/** Compiles values and addresses to closures over the values of axes and variables. */
export class Readers {
  readonly #bufferOf: (view: View) => Buffer;
  readonly #rounding: Rounding;
  readonly #registers = new Map<string, Float64Array>();
  readonly #slots = new Map<string, number>();
  /** The values of axes and variables, by slot. */
  readonly values: number[] = [];

  constructor(bufferOf: (view: View) => Buffer, rounding: Rounding) {
    this.#bufferOf = bufferOf;
    this.#rounding = rounding;
  }

  /** The slot of the value of an axis or a variable. */
  slot(name: string): number {
    const found = this.#slots.get(name) ?? this.#slots.size;
    this.#slots.set(name, found);
    return found;
  }

  value(v: Value, axes: Axes): Read {
    const { round, fma } = this.#rounding;
    const read = (x: Value) => this.value(x, axes);
    switch (v.kind) {
      case "const": {
        const x = v.type === "f32" ? round(v.value) : v.value;
        return () => x;
      }
      case "load": {
        const [from, index] = [this.buffer(v.ref), this.address(v.ref, axes)];
        return () => from[index()]!;
      }
      case "index": {
        const index = this.affine(v.at);
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
        const [slot, value, body] = [this.slot(v.name), read(v.value), read(v.body)];
        return () => {
          this.values[slot] = value();
          return body();
        };
      }
      case "variable": {
        const [slot, values] = [this.slot(v.name), this.values];
        return () => values[slot]!;
      }
    }
  }

  affine({ offset, scale }: Affine): Read {
    const values = this.values;
    const slots = Object.keys(scale).map((name) => this.slot(name));
    const steps = Object.values(scale);
    // Most of the interpreter's time is spent here.
    const [a = 0, b = 0] = slots;
    const [ofA = 0, ofB = 0] = steps;
    if (steps.length === 0) return () => offset;
    if (steps.length === 1) return () => offset + ofA * values[a]!;
    if (steps.length === 2) return () => offset + ofA * values[a]! + ofB * values[b]!;
    return () => {
      let sum = offset;
      for (let k = 0; k < steps.length; k++) sum += steps[k]! * values[slots[k]!]!;
      return sum;
    };
  }

  /** The index of an element in its buffer. Throws if it can be outside its view. */
  address(ref: Ref, axes: Axes): Read {
    this.#checkBounds(ref, axes);
    const start = this.affine(addressOf(ref));
    if (!ref.gather) return start;
    const [row, first, stride] = [this.value(ref.gather, axes), this.affine(ref.index[0]!), gatherStride(ref)];
    return () => {
      const gathered = row();
      const problem = outsideOf(ref.view, 0, gathered + first());
      if (problem) throw new Error(`interpret: ${problem}`);
      return start() + gathered * stride;
    };
  }

  /** Ranges of affine indices are exact, so one check before running suffices. */
  #checkBounds(ref: Ref, axes: Axes): void {
    const problem = outOfBounds(ref, axes);
    if (problem) throw new Error(`interpret: ${problem}`);
    if (ref.gather) return;
    const [, last] = rangeOf(addressOf(ref), axes);
    const { length } = this.buffer(ref);
    if (last >= length) throw new Error(`interpret: ${ref.view.name} reaches element ${last} of a buffer of ${length}`);
  }

  /** Registers with the same name but different sizes are distinct. */
  buffer({ view }: Ref): Buffer {
    if (view.space === "memory") return this.#bufferOf(view);
    const key = `${view.name}:${spanOf(view)}`;
    const found = this.#registers.get(key) ?? new Float64Array(spanOf(view));
    this.#registers.set(key, found);
    return found;
  }
}
