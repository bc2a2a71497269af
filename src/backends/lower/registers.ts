import type { Ref, ValueType } from "../../ir/types.ts";
import { addressOf } from "../../ir/view.ts";
import type { Scope } from "./scope.ts";

/** A register: `width` elements under one name. */
export interface Register {
  readonly register: string;
  readonly type: ValueType;
  readonly width: number;
}

/** The meaning of the names of variables and register views at one point of a program. */
export class Registers {
  readonly #variables: ReadonlyMap<string, Register>;
  /** Views that are private to each lane of the enclosing vector loop. */
  readonly #private: ReadonlySet<string>;

  constructor(variables: ReadonlyMap<string, Register> = new Map(), isPrivate: ReadonlySet<string> = new Set()) {
    this.#variables = variables;
    this.#private = isPrivate;
  }

  /** With one more variable. */
  define = (name: string, register: Register): Registers =>
    new Registers(new Map([...this.#variables, [name, register]]), this.#private);

  /** The registers inside a vector loop that stores to these views. */
  privatize = (views: ReadonlySet<string>): Registers => new Registers(this.#variables, views);

  variable(name: string): Register {
    const found = this.#variables.get(name);
    if (found === undefined) throw new Error(`lower: variable ${name} is not bound`);
    return found;
  }

  /**
   * The register that holds an element of a register view. Adjacent elements along a vector share one; an
   * element that all lanes store to has one value per lane.
   */
  of(ref: Ref, scope: Scope): Register {
    const { name, type: element } = ref.view;
    const { pointer, offset, lane } = scope.resolve(addressOf(ref), 1);
    if (pointer.terms.length > 0) throw new Error(`lower: register ${name} is indexed by a loop that is not unrolled`);
    if (lane !== 0 && lane !== 1) throw new Error(`lower: register ${name} has stride ${lane} along a vector`);
    const type = element === "f32" ? "f32" : "u32";
    const width = lane === 1 || this.#private.has(name) ? scope.width : 1;
    const form = lane === 0 && width > 1 ? "private" : width;
    return { register: `${name}[${offset}].${type}.${form}`, type, width };
  }
}
