import type { Axis, Kernel, Stmt, View } from "../../ir/types.ts";
import { float32, type Rounding } from "./rounding.ts";
import { type Axes, type Buffer, Readers } from "./values.ts";

export type { Buffer } from "./values.ts";

type Run = () => void;

/**
 * Runs a kernel or a statement, plain or scheduled. It defines the semantics of the IR and ignores the marks of
 * loops. The axes of a kernel, and the outer axes that a statement reads, get their values from `values`. Throws
 * if an index is outside its view and halo.
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

/** Compiles IR to closures, which can be called many times. */
export class Interpreter {
  readonly #readers: Readers;

  constructor(bufferOf: (view: View) => Buffer, rounding: Rounding) {
    this.#readers = new Readers(bufferOf, rounding);
  }

  /** A kernel as a function of the values of its axes. */
  compile({ name, axes, body }: Kernel): (...values: readonly number[]) => void {
    const slots = axes.map((axis) => this.#readers.slot(axis.name));
    const run = this.#statement(body, new Map(axes.map((axis) => [axis.name, axis])));
    return (...values) => {
      for (const [k, axis] of axes.entries()) {
        const value = values[k]!;
        if (!(value >= 0 && value < axis.extent))
          throw new Error(`${name}: axis ${axis.name} is ${value}, expected 0 to ${axis.extent - 1}`);
        this.#readers.values[slots[k]!] = value;
      }
      run();
    };
  }

  #statement(s: Stmt, axes: Axes): Run {
    switch (s.kind) {
      case "loop":
        return this.#loop(s.axis, s.body, axes);
      case "store": {
        const [to, index, value] = [
          this.#readers.buffer(s.ref),
          this.#readers.address(s.ref, axes),
          this.#readers.value(s.value, axes),
        ];
        return () => {
          to[index()] = value();
        };
      }
      case "let": {
        const [slot, value, body] = [
          this.#readers.slot(s.name),
          this.#readers.value(s.value, axes),
          this.#statement(s.body, axes),
        ];
        return () => {
          this.#readers.values[slot] = value();
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
    const [slot, values] = [this.#readers.slot(axis.name), this.#readers.values];
    const body = this.#statement(inner, new Map([...axes, [axis.name, axis]]));
    return () => {
      for (let i = 0; i < axis.extent; i++) {
        values[slot] = i;
        body();
      }
    };
  }
}
