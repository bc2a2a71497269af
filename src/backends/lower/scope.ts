import type { Affine, Axis } from "../../ir/types.ts";
import { biasOf, type Pointer, pointerOf, type Term } from "./instructions.ts";

/** The binding of an axis where code is generated: a known number, a serial loop or parameter, or the lanes of a vector. */
type Binding =
  | { readonly kind: "fixed"; readonly axis: Axis; readonly value: number }
  | { readonly kind: "moving"; readonly axis: Axis }
  | { readonly kind: "lanes"; readonly axis: Axis };

/** A resolved address; `lane` is the distance from one lane to the next. */
export interface Resolved {
  readonly pointer: Pointer;
  readonly offset: number;
  readonly lane: number;
}

/** The enclosing loops and parameters of a statement, outermost first. */
export class Scope {
  readonly #bindings: ReadonlyMap<string, Binding>;
  /** The number of lanes; 1 outside vector loops. */
  readonly width: number;

  private constructor(bindings: ReadonlyMap<string, Binding>, width: number) {
    this.#bindings = bindings;
    this.width = width;
  }

  /** The scope of a routine's body. */
  static of(parameters: readonly Axis[]): Scope {
    return new Scope(new Map(parameters.map((axis) => [axis.name, { kind: "moving", axis }])), 1);
  }

  #with(binding: Binding, width = this.width): Scope {
    return new Scope(new Map([...this.#bindings, [binding.axis.name, binding]]), width);
  }
  fix = (axis: Axis, value: number): Scope => this.#with({ kind: "fixed", axis, value });
  inLoop = (axis: Axis): Scope => this.#with({ kind: "moving", axis });
  inVector(axis: Axis): Scope {
    if (this.width !== 1) throw new Error(`lower: vector loop ${axis.name} is inside another`);
    return this.#with({ kind: "lanes", axis }, axis.extent);
  }
  /** The same scope, for values that are the same in all lanes. */
  scalar = (): Scope => new Scope(this.#bindings, 1);

  axis = (name: string): Axis => this.#binding(name).axis;

  #binding(name: string): Binding {
    const binding = this.#bindings.get(name);
    if (binding === undefined) throw new Error(`lower: axis ${name} is used outside its loop`);
    return binding;
  }

  /** The distance of an index from one lane to the next. */
  lane = (a: Affine): number =>
    Object.entries(a.scale).reduce((sum, [name, k]) => (this.#binding(name).kind === "lanes" ? sum + k : sum), 0);

  /** An index in units of `unit`, from the start of a buffer or from 0. */
  resolve(a: Affine, unit: number, buffer?: string): Resolved {
    let offset = a.offset * unit;
    const strides = new Map<string, number>();
    for (const [name, k] of Object.entries(a.scale)) {
      const binding = this.#binding(name);
      if (binding.kind === "fixed") offset += k * unit * binding.value;
      if (binding.kind === "moving" && k !== 0) strides.set(name, k * unit);
    }
    const terms = strides.size === 0 ? [] : this.#terms(strides);
    for (const term of terms) offset -= biasOf(term);
    return { pointer: pointerOf(buffer, terms), offset, lane: this.lane(a) };
  }

  /** Terms in the order of the loops. */
  #terms(strides: ReadonlyMap<string, number>): Term[] {
    const terms: Term[] = [];
    for (const { axis } of this.#bindings.values()) {
      const stride = strides.get(axis.name);
      if (stride !== undefined) terms.push({ axis, stride });
    }
    return terms;
  }
}
