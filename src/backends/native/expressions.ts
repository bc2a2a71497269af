import type { BinaryFn } from "../../ir/types.ts";
import type { Address, Expression } from "../lower/instructions.ts";

export type Of<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

/** How C reads memory, and how it writes a float. */
export interface Dialect {
  /** The type of an unsigned 32-bit integer. */
  readonly unsigned: string;
  load(e: Of<"load">, render: (e: Expression) => string): string;
  gather(e: Of<"gather">, render: (e: Expression) => string): string;
  /** An index as a number. */
  number(at: Address): string;
  literal(value: number): string;
}

const operators: Readonly<Partial<Record<BinaryFn, string>>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  addInt: "+",
  mulInt: "*",
  and: "&",
  or: "|",
  xor: "^",
};

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => k);
const prefixes = { f32: "f32x", u32: "u32x", mask: "m32x" } as const;
/** The C type of a value: `f32x8` is eight floats, `u32x1` is one integer. The lanes of a mask are all ones or all zeros. */
export const typeName = ({ type, width }: Pick<Expression, "type" | "width">): string => `${prefixes[type]}${width}`;

/** A C literal that reads back as the same float, bit for bit. */
export function floatLiteral(value: number): string {
  if (Number.isNaN(value)) return '__builtin_nanf("")';
  if (!Number.isFinite(value)) return value > 0 ? "__builtin_inff()" : "(-__builtin_inff())";
  const text = `${Math.fround(value)}`;
  const digits = Object.is(value, -0) ? "-0" : text;
  const literal = `${/[.e]/.test(digits) ? digits : `${digits}.0`}f`;
  return literal.startsWith("-") ? `(${literal})` : literal;
}

/** Renders expressions in C. */
export class Expressions {
  readonly #dialect: Dialect;
  readonly #register: (name: string) => string;

  /** `register` names the variable that holds a register. */
  constructor(dialect: Dialect, register: (name: string) => string) {
    this.#dialect = dialect;
    this.#register = register;
  }

  readonly render = (e: Expression): string => {
    const { render } = this;
    switch (e.kind) {
      case "const":
        return splat(e, e.type === "f32" ? this.#dialect.literal(e.value) : `${e.value >>> 0}u`);
      case "register":
        return this.#register(e.register);
      case "broadcast":
        return splat(e, render(e.x));
      case "load":
        return this.#dialect.load(e, render);
      case "gather":
        return this.#dialect.gather(e, render);
      case "index":
        return this.#index(e);
      case "fma":
        return `fma${e.width}(${render(e.a)}, ${render(e.b)}, ${render(e.c)})`;
      case "unary":
        return `${e.fn}${e.width}(${render(e.x)})`;
      case "binary":
        return this.#binary(e);
      case "compare":
        return `${e.a.type === "f32" ? e.fn : "same"}${e.width}(${render(e.a)}, ${render(e.b)})`;
      case "select":
        return `select_${typeName(e)}(${render(e.cond)}, ${render(e.onTrue)}, ${render(e.onFalse)})`;
    }
  };

  #index(e: Of<"index">): string {
    const first = splat(e, `(${this.#dialect.unsigned})(${this.#dialect.number(e.at)})`);
    if (e.width === 1 || e.laneStride === 0) return first;
    return `(${first} + (u32x${e.width}){${range(e.width).map((lane) => `${(lane * e.laneStride) >>> 0}u`)}})`;
  }

  #binary({ fn, a, b, width }: Of<"binary">): string {
    // The verifier ensures that the shift is constant.
    if (b.kind === "const" && fn === "shiftLeft") return `(${this.render(a)} << ${b.value & 31})`;
    if (b.kind === "const" && fn === "shiftRight") return `(${this.render(a)} >> ${b.value & 31})`;
    const [x, y] = [this.render(a), this.render(b)];
    const operator = operators[fn];
    return operator === undefined ? `${fn}${width}(${x}, ${y})` : `(${x} ${operator} ${y})`;
  }
}

const splat = (e: Expression, scalar: string): string => (e.width === 1 ? scalar : `splat_${typeName(e)}(${scalar})`);
