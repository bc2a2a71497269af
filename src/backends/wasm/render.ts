import type { Layout } from "../../ir/types.ts";
import { biasOf, type Instruction, type Pointer, parent, type Routine } from "../lower/instructions.ts";
import { Addresses } from "./addresses.ts";
import { Assembler, type Features, type WasmFunction } from "./assembler.ts";
import { Expressions } from "./expressions.ts";
import { op, simd, type } from "./opcodes.ts";

/** Renders routines as functions. Registers of any width are v128; pointers, counters and parameters are i32. */
export function renderRoutines(
  routines: readonly Routine[],
  layout: Layout,
  features: Features,
): readonly WasmFunction[] {
  const indices = new Map(routines.map((r, k) => [r.name, k]));
  return routines.map((routine) => {
    const code = new Assembler(routine.parameters.map((axis) => `axis ${axis.name}`));
    new Renderer(code, layout, features, indices).routine(routine);
    return {
      name: routine.name,
      exported: routine.exported,
      parameters: routine.parameters.length,
      body: code.body(),
    };
  });
}

class Renderer {
  readonly #code: Assembler;
  readonly #addresses: Addresses;
  readonly #expressions: Expressions;
  readonly #routines: ReadonlyMap<string, number>;

  constructor(code: Assembler, layout: Layout, features: Features, routines: ReadonlyMap<string, number>) {
    this.#code = code;
    this.#addresses = new Addresses(code, layout);
    this.#expressions = new Expressions(code, this.#addresses, features);
    this.#routines = routines;
  }

  routine({ pointers, body }: Routine): void {
    for (const pointer of pointers) this.#computePointer(pointer);
    for (const instruction of body) this.#instruction(instruction);
  }

  /** A pointer that a parameter moves: its parent + stride · parameter. */
  #computePointer(pointer: Pointer): void {
    const code = this.#code;
    const { axis, stride } = pointer.terms.at(-1)!;
    this.#startPointer(pointer);
    code.get(`axis ${axis.name}`, type.i32);
    code.i32(stride);
    code.plain(op.i32Mul, op.i32Add);
    this.#addresses.set(pointer);
  }

  /** Pushes the value of a pointer before its loop. */
  #startPointer(pointer: Pointer): void {
    this.#addresses.number({ pointer: parent(pointer), offset: biasOf(pointer.terms.at(-1)!) });
  }

  #instruction(i: Instruction): void {
    switch (i.kind) {
      case "set":
        this.#expressions.render(i.value);
        this.#code.set(i.register, type.v128);
        return;
      case "store":
        this.#store(i);
        return;
      case "loop":
        this.#loop(i);
        return;
      case "call":
        for (const value of i.values) this.#addresses.number(value);
        this.#code.call(this.#routines.get(i.routine)!);
    }
  }

  #store({ address, value }: Extract<Instruction, { kind: "store" }>): void {
    const offset = this.#addresses.base(address, (index) => this.#expressions.element(index));
    this.#expressions.render(value);
    if (value.width === 1) this.#code.memory(simd.store32Lane, offset, 0);
    else this.#code.memory(simd.store, offset);
  }

  /** The loop counter counts down to 0. */
  #loop({ axis, count, steps, body }: Extract<Instruction, { kind: "loop" }>): void {
    const code = this.#code;
    for (const pointer of steps) {
      this.#startPointer(pointer);
      this.#addresses.set(pointer);
    }
    code.i32(count);
    code.set(`count ${axis}`, type.i32);
    code.plain(op.loop, type.empty);
    for (const instruction of body) this.#instruction(instruction);
    for (const pointer of steps) {
      this.#addresses.number({ pointer, offset: pointer.terms.at(-1)!.stride });
      this.#addresses.set(pointer);
    }
    code.get(`count ${axis}`, type.i32);
    code.i32(-1);
    code.plain(op.i32Add);
    code.tee(`count ${axis}`, type.i32);
    code.plain(op.branchIf, 0, op.end);
  }
}
