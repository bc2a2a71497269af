import type { Layout } from "../../ir/types.ts";
import type { Expression, Instruction, Routine } from "../lower/instructions.ts";
import { Addresses } from "./addresses.ts";
import { Expressions, typeName } from "./expressions.ts";
import { Names } from "./names.ts";

/** A routine in C: a function of the memory and its parameters. */
export interface CFunction {
  /** The C identifier, and the name of the routine. */
  readonly identifier: string;
  readonly name: string;
  readonly exported: boolean;
  readonly parameters: number;
  readonly prototype: string;
  readonly source: string;
}

/** Renders routines as C functions, in the same order. Buffers start at constants. Names must be unique within a library. */
export function renderRoutines(
  routines: readonly Routine[],
  layout: Layout,
  prefix = "inkling_",
): readonly CFunction[] {
  const names = new Names(prefix);
  return routines.map((routine) => {
    const identifier = names.of(routine.name);
    const renderer = new Renderer(layout, (name) => names.of(name));
    const parameters = ["u8 *m", ...routine.parameters.map((axis) => `i32 ${renderer.axis(axis.name)}`)];
    const prototype = `void ${identifier}(${parameters.join(", ")})`;
    return {
      identifier,
      name: routine.name,
      exported: routine.exported,
      parameters: routine.parameters.length,
      prototype,
      source: `${prototype} {\n${renderer.body(routine)}}\n`,
    };
  });
}

class Renderer {
  readonly #addresses: Addresses;
  readonly #expressions: Expressions;
  readonly #registers = new Names("r_");
  readonly #axes = new Names("i_");
  readonly #routine: (name: string) => string;

  constructor(layout: Layout, routine: (name: string) => string) {
    this.#addresses = new Addresses(layout);
    this.#expressions = new Expressions(this.#addresses, (name) => this.#registers.of(name));
    this.#routine = routine;
  }

  readonly axis = (name: string): string => this.#axes.of(name);

  body({ pointers, body }: Routine): string {
    const moved = pointers.map((pointer) => {
      const { axis, stride } = pointer.terms.at(-1)!;
      const type = this.#addresses.type(pointer);
      const from = this.#addresses.start(pointer);
      const distance = pointer.buffer === undefined ? "" : "(long long)"; // memory may have more than 2 GiB
      return `  ${type}${this.#addresses.name(pointer)} = ${from} + ${distance}${this.axis(axis.name)} * (${stride});\n`;
    });
    return `${moved.join("")}${this.#declarations(body)}${this.#instructions(body, "  ")}`;
  }

  /** Declares registers for the whole function, since they may be read after the loop that sets them. */
  #declarations(body: readonly Instruction[]): string {
    const types = new Map<string, string>();
    const declare = (code: readonly Instruction[]): void => {
      for (const i of code) {
        if (i.kind === "loop") declare(i.body);
        if (i.kind === "set") types.set(this.#registers.of(i.register), typeName(i.value));
      }
    };
    declare(body);
    return [...types].map(([name, type]) => `  ${type} ${name};\n`).join("");
  }

  #instructions = (body: readonly Instruction[], indent: string): string =>
    body.map((i) => this.#instruction(i, indent)).join("");

  #instruction(i: Instruction, indent: string): string {
    switch (i.kind) {
      case "set":
        return `${indent}${this.#registers.of(i.register)} = ${this.#expressions.render(i.value)};\n`;
      case "store":
        return this.#store(i, indent);
      case "loop":
        return this.#loop(i, indent);
      case "call": {
        const values = ["m", ...i.values.map((value) => this.#addresses.number(value))];
        return `${indent}${this.#routine(i.routine)}(${values.join(", ")});\n`;
      }
    }
  }

  #store({ address, value }: Extract<Instruction, { kind: "store" }>, indent: string): string {
    const at = this.#addresses.of(address, this.#expressions.render);
    return `${indent}*(${typeName(value)} *)(${at}) = ${this.#expressions.render(value as Expression)};\n`;
  }

  /** A loop, in a block that declares the pointers it advances. */
  #loop({ axis, count, steps, body }: Extract<Instruction, { kind: "loop" }>, indent: string): string {
    const i = this.axis(axis);
    const names = steps.map((pointer) => ({ pointer, name: this.#addresses.name(pointer) }));
    const start = names.map(
      ({ pointer, name }) => `${indent}${this.#addresses.type(pointer)}${name} = ${this.#addresses.start(pointer)};\n`,
    );
    const step = names.map(({ pointer, name }) => `, ${name} += ${pointer.terms.at(-1)!.stride}`).join("");
    const inside = this.#instructions(body, `${indent}  `);
    return `${indent}{\n${start.join("")}${indent}for (i32 ${i} = 0; ${i} < ${count}; ${i}++${step}) {\n${inside}${indent}}\n${indent}}\n`;
  }
}
