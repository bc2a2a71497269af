import { typeOf } from "../../ir/build.ts";
import type { Ref, Value } from "../../ir/types.ts";
import { addressOf, bytesOf, gatherStride } from "../../ir/view.ts";
import type { Address, Expression, Instruction, Pointer } from "./instructions.ts";
import type { Register, Registers } from "./registers.ts";
import type { Scope } from "./scope.ts";
import { isUniform } from "./uniform.ts";

/** Where a value is computed; its instructions are appended to `code`. */
export interface Place {
  readonly scope: Scope;
  readonly registers: Registers;
  readonly code: Instruction[];
}

type Load = Extract<Value, { kind: "load" }>;
type Let = Extract<Value, { kind: "let" }>;

const registerOf = ({ register, type, width }: Register): Expression => ({ kind: "register", register, type, width });
const widen = (x: Expression, width: number): Expression =>
  x.width === width ? x : { kind: "broadcast", x, type: x.type, width };

/** Lowers values to expressions over registers. An element of memory is loaded only once as long as it cannot change. */
export class Values {
  readonly #use: (pointer: Pointer) => void;
  /** Loaded elements by address. They are discarded at a store, since views may share memory, and at loop boundaries. */
  readonly #loaded = new Map<string, Expression>();
  #count = 0;

  /** `use` is called with each pointer that is needed. */
  constructor(use: (pointer: Pointer) => void) {
    this.#use = use;
  }

  /** Discards loaded elements. */
  forget(): void {
    this.#loaded.clear();
  }

  /** Computes a variable: a scalar if it is the same in all lanes. */
  bind(name: string, value: Value, { scope, registers, code }: Place): Registers {
    const at = isUniform(value, scope, registers) ? scope.scalar() : scope;
    const variable = this.#set(name, this.lower(value, { scope: at, registers, code }), code);
    return registers.define(name, variable);
  }

  #set(name: string, value: Expression, code: Instruction[]): Register {
    const register = `${name}.${this.#count++}`;
    code.push({ kind: "set", register, value });
    return { register, type: value.type, width: value.width };
  }

  lower(v: Value, place: Place): Expression {
    const { scope, registers } = place;
    const as = { type: typeOf(v), width: scope.width };
    const lower = (x: Value) => this.lower(x, place);
    switch (v.kind) {
      case "const":
        return { ...as, kind: "const", value: v.value };
      case "variable":
        return widen(registerOf(registers.variable(v.name)), scope.width);
      case "index": {
        const { lane, ...at } = scope.resolve(v.at, 1);
        this.#use(at.pointer);
        return { ...as, kind: "index", at, laneStride: lane };
      }
      case "load":
        return v.ref.view.space === "register"
          ? widen(registerOf(registers.of(v.ref, scope)), scope.width)
          : this.#load(v, place);
      case "fma":
        return { ...as, kind: "fma", a: lower(v.a), b: lower(v.b), c: lower(v.c) };
      case "unary":
        return { ...as, kind: "unary", fn: v.fn, x: lower(v.x) };
      case "binary":
      case "compare":
        return { ...as, ...v, a: lower(v.a), b: lower(v.b) };
      case "select":
        return { ...as, kind: "select", cond: lower(v.cond), onTrue: lower(v.onTrue), onFalse: lower(v.onFalse) };
      case "let":
        return this.#let(v, place);
    }
  }

  #let(v: Let, place: Place): Expression {
    return this.lower(v.body, { ...place, registers: this.bind(v.name, v.value, place) });
  }

  /** The address of an element, and the distance between lanes, in elements. */
  address(ref: Ref, place: Place): { readonly address: Address; readonly lane: number } {
    const { pointer, offset, lane } = place.scope.resolve(addressOf(ref), bytesOf[ref.view.type], ref.view.name);
    this.#use(pointer);
    if (!ref.gather) return { address: { pointer, offset }, lane };
    const index = this.lower(ref.gather, { ...place, scope: place.scope.scalar() });
    return {
      address: { pointer, offset, gather: { index, stride: gatherStride(ref) * bytesOf[ref.view.type] } },
      lane,
    };
  }

  #load(v: Load, place: Place): Expression {
    const { gather, view } = v.ref;
    const lane = place.scope.lane(addressOf(v.ref));
    const uniformRow = gather === undefined || isUniform(gather, place.scope, place.registers);
    if (!uniformRow || (gather && lane !== 0 && lane !== 1)) return this.#loadLanes(v, place);
    if (lane !== 0 && lane !== 1) throw new Error(`lower: ${view.name} has stride ${lane} along a vector`);
    return this.#loadTogether(v, place);
  }

  /** Loads adjacent elements, or one element for all lanes. */
  #loadTogether(v: Load, place: Place): Expression {
    const { address, lane } = this.address(v.ref, place);
    const key = address.gather ? undefined : `${address.pointer.key}@${address.offset}:${lane}*${place.scope.width}`;
    const known = key === undefined ? undefined : this.#loaded.get(key);
    if (known) return known;
    const width = lane === 0 ? 1 : place.scope.width;
    const load: Expression = { kind: "load", address, element: v.ref.view.type, type: typeOf(v), width };
    const loaded = registerOf(this.#set("t", widen(load, place.scope.width), place.code));
    if (key !== undefined) this.#loaded.set(key, loaded);
    return loaded;
  }

  /** Loads each lane from its own row or column. */
  #loadLanes(v: Load, place: Place): Expression {
    const unit = bytesOf[v.ref.view.type];
    const { pointer, offset, lane } = place.scope.resolve(addressOf(v.ref), unit, v.ref.view.name);
    this.#use(pointer);
    const gathered: Expression = {
      kind: "gather",
      address: { pointer, offset },
      element: v.ref.view.type,
      index: this.lower(v.ref.gather!, place),
      stride: gatherStride(v.ref) * unit,
      laneStride: lane * unit,
      type: typeOf(v),
      width: place.scope.width,
    };
    return registerOf(this.#set("t", gathered, place.code));
  }
}
