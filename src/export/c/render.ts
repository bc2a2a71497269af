import { type Address, biasOf, type Expression, type Instruction } from "../../backends/lower/instructions.ts";
import { lower } from "../../backends/lower/lower.ts";
import { type Dialect, Expressions, type Of, typeName } from "../../backends/native/expressions.ts";
import { Names } from "../../backends/native/names.ts";
import { shortDecimal } from "../../base/shortDecimal.ts";
import type { Step } from "../../compiler/straightLine.ts";
import { accessesOf } from "../../ir/traverse.ts";
import type { ElementType, View } from "../../ir/types.ts";
import { bytesOf } from "../../ir/view.ts";

/** A step as a C function of the buffers that it uses, apart from those that are constants of the file. */
export interface CStep {
  readonly identifier: string;
  /** The buffers that it is called with, in order. */
  readonly buffers: readonly string[];
  readonly source: string;
}

/** What buffers and functions are called. */
export interface StepNames {
  /** The name of a step's function. */
  readonly step: (name: string) => string;
  /** The name of a constant array of the file; undefined for a buffer that a function is given. */
  readonly constant: (buffer: string) => string | undefined;
}

/** Steps as they are scheduled for a machine. */
export interface StepsFor {
  /** What the preprocessor tests to choose them; undefined for the last ones. */
  readonly condition?: string | undefined;
  readonly steps: readonly Step[];
}

/** Steps as C functions, each with a comment of one line before it, and with a body for each machine that has its own. */
export function renderSteps(
  versions: readonly StepsFor[],
  names: StepNames,
  comment: (step: Step) => string,
): readonly CStep[] {
  const rendered = versions.map(({ steps }) => renderVersion(steps, names));
  return rendered[0]!.map(({ signature, buffers, identifier }, k) => {
    const bodies = rendered.map((version) => version[k]!.body);
    const body = bodies.every((text) => text === bodies[0]) ? bodies[0]! : alternatives(versions, bodies);
    const source = `/* ${comment(versions[0]!.steps[k]!)} */\n${signature}\n{\n${body}}\n`;
    return { identifier, buffers, source };
  });
}

/** The first of some texts whose condition holds. */
const alternatives = (versions: readonly StepsFor[], texts: readonly string[]): string =>
  `${versions
    .map(({ condition }, k) => {
      const test = condition === undefined ? "#else" : `#${k === 0 ? "if" : "elif"} ${condition}`;
      return `${test}\n${texts[k]}`;
    })
    .join("")}#endif\n`;

function renderVersion(steps: readonly Step[], names: StepNames) {
  const routines = lower(steps.map(({ name, body }) => ({ name, axes: [], body })));
  if (routines.length !== steps.length) throw new Error("export: a step calls a function of its own");
  return steps.map((step, k) => {
    const identifier = names.step(step.name);
    const renderer = new Renderer(step, names.constant);
    const body = renderer.body(withoutUnused(routines[k]!.body));
    const signature = `static void ${identifier}(${renderer.parameters.join(", ")})`;
    return { identifier, buffers: renderer.buffers, signature, body };
  });
}

/** The instructions without registers that nothing reads, of which compilers warn. */
function withoutUnused(code: readonly Instruction[]): readonly Instruction[] {
  const read = new Set<string>();
  const note = (e: Expression): void => {
    if (e.kind === "register") read.add(e.register);
    for (const part of Object.values(e)) if (typeof part === "object" && "kind" in part) note(part as Expression);
  };
  const visit = (some: readonly Instruction[]): void => {
    for (const i of some) {
      if (i.kind === "loop") visit(i.body);
      else if (i.kind !== "call") note(i.value);
    }
  };
  visit(code);
  let removed = false;
  const keep = (some: readonly Instruction[]): readonly Instruction[] =>
    some.flatMap((i): readonly Instruction[] => {
      if (i.kind === "loop") return [{ ...i, body: keep(i.body) }];
      if (i.kind !== "set" || read.has(i.register)) return [i];
      removed = true;
      return [];
    });
  const kept = keep(code);
  return removed ? withoutUnused(kept) : kept;
}

const elements: Readonly<Record<ElementType, string>> = { f32: "float", u32: "uint32_t", u8: "uint8_t" };
const values = { f32: "float", u32: "uint32_t", mask: "int32_t" } as const;

/** The C type of a variable. */
const variableType = (e: Pick<Expression, "type" | "width">): string => (e.width === 1 ? values[e.type] : typeName(e));

/** The shortest decimal that C reads back as the same float. */
export function floatLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`export: C has no literal for ${value}`);
  if (Object.is(Math.fround(value), -0)) return "-0.0f";
  const text = `${shortDecimal(value)}`;
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

/** One step in C: elements of buffers by their indices, as a person would write them. */
class Renderer implements Dialect {
  readonly unsigned = elements.u32;
  readonly #step: Step;
  readonly #constant: StepNames["constant"];
  readonly #locals = new Names("");
  readonly #expressions = new Expressions(this, (name) => this.#register(name));
  readonly #given: ReadonlyMap<string, { readonly type: ElementType; readonly isWritten: boolean }>;

  constructor(step: Step, constant: StepNames["constant"]) {
    this.#step = step;
    this.#constant = constant;
    const { stores, loads } = accessesOf(step.body);
    const written = new Set(stores.map(({ view }) => view.name));
    // In an order that does not depend on how the step is scheduled: what it only reads comes first.
    const inOrder = (a: View, b: View) =>
      Number(written.has(a.name)) - Number(written.has(b.name)) || (a.name < b.name ? -1 : 1);
    const views = [...loads, ...stores].map(({ view }) => view).filter(({ space }) => space === "memory");
    this.#given = new Map(
      views
        .filter(({ name }) => constant(name) === undefined)
        .sort(inOrder)
        .map(({ name, type }) => [name, { type, isWritten: written.has(name) }]),
    );
  }

  get buffers(): readonly string[] {
    return [...this.#given.keys()];
  }

  get parameters(): readonly string[] {
    return [...this.#given].map(
      ([name, { type, isWritten }]) => `${isWritten ? "" : "const "}${elements[type]} *RESTRICT ${this.#buffer(name)}`,
    );
  }

  /** Locals are told apart by their kind, since a buffer and a loop may have the same name. */
  #buffer = (name: string): string => this.#constant(name) ?? this.#locals.of(`x_${name.slice(name.indexOf("/") + 1)}`);
  #register = (name: string): string => this.#locals.of(`r_${name.replace(/\.(f32|u32)\.1$/, "")}`);
  #axis = (name: string): string => this.#locals.of(`i_${name}`);

  readonly literal = (value: number): string => {
    const text = floatLiteral(value);
    return text.startsWith("-") ? `(${text})` : text;
  };

  /** An index: of an element from the start of its buffer in elements, or a plain number. */
  number({ pointer, offset }: Address, unit = 1): string {
    const terms = pointer.terms.map(({ axis, stride }) => {
      const scale = stride / unit;
      return scale === 1 ? this.#axis(axis.name) : `${scale} * ${this.#axis(axis.name)}`;
    });
    const constant = (offset + pointer.terms.reduce((sum, term) => sum + biasOf(term), 0)) / unit;
    const sum = [...terms, ...(constant !== 0 || terms.length === 0 ? [`${constant}`] : [])].join(" + ");
    return sum.replaceAll("+ -", "- ");
  }

  #element(address: Address, type: ElementType): string {
    if (address.gather || address.pointer.buffer === undefined)
      throw new Error(`export: ${this.#step.name} reads an element whose place is known only at run time`);
    return `${this.#buffer(address.pointer.buffer)}[${this.number(address, bytesOf[type])}]`;
  }

  load({ address, element, type, width }: Of<"load">): string {
    const at = this.#element(address, element);
    if (width === 1) return element === "u8" ? `(uint32_t)${at}` : at;
    return element === "u8" ? `widen${width}(&${at})` : `*(const ${typeName({ type, width })} *)&${at}`;
  }

  gather(): string {
    throw new Error(`export: ${this.#step.name} reads elements whose places are known only at run time`);
  }

  body(code: readonly Instruction[]): string {
    return this.#declarations(code) + this.#instructions(code, "  ");
  }

  /** Registers live as long as the function: C's scopes would end them with the loop that fills them. */
  #declarations(code: readonly Instruction[]): string {
    const names = new Map<string, Set<string>>();
    const declare = (some: readonly Instruction[]): void => {
      for (const i of some) {
        if (i.kind === "loop") declare(i.body);
        if (i.kind !== "set") continue;
        const type = variableType(i.value);
        names.set(type, (names.get(type) ?? new Set()).add(this.#register(i.register)));
      }
    };
    declare(code);
    return [...names].map(([type, of]) => `  ${type} ${[...of].join(", ")};\n`).join("");
  }

  #instructions = (code: readonly Instruction[], indent: string): string =>
    code.map((i) => `${indent}${this.#instruction(i, indent)}\n`).join("");

  #instruction(i: Instruction, indent: string): string {
    switch (i.kind) {
      case "set":
        return `${this.#register(i.register)} = ${this.#expressions.render(i.value)};`;
      case "store": {
        const at = this.#element(i.address, i.element);
        const to = i.value.width === 1 ? at : `*(${typeName(i.value)} *)&${at}`;
        return `${to} = ${this.#expressions.render(i.value)};`;
      }
      case "loop": {
        const axis = this.#axis(i.axis);
        const inside = this.#instructions(i.body, `${indent}  `);
        return `for (int ${axis} = 0; ${axis} < ${i.count}; ${axis}++) {\n${inside}${indent}}`;
      }
      case "call":
        throw new Error(`export: ${this.#step.name} calls ${i.routine}`);
    }
  }
}

/** The functions over single values that some code calls. */
export function scalarFunctions(text: string): string {
  const used = scalars.filter(([name]) => new RegExp(`\\b${name}\\(`).test(text));
  return used.map(([, source]) => source).join("\n");
}

/** Functions over single values, by name. */
const scalars: readonly (readonly [name: string, source: string])[] = [
  ["fma1", "static inline float fma1(float a, float b, float c) { return MUL_ADD(a, b, c); }"],
  ["sqrt1", "static inline float sqrt1(float a) { return sqrtf(a); }"],
  ["max1", "static inline float max1(float a, float b) { return a > b ? a : b; }"],
  ["min1", "static inline float min1(float a, float b) { return a < b ? a : b; }"],
  ["toFloat1", "static inline float toFloat1(uint32_t a) { return (float)a; }"],
  ["floatFromBits1", "static inline float floatFromBits1(uint32_t a) { float x; memcpy(&x, &a, sizeof x); return x; }"],
  [
    "bitsFromFloat1",
    "static inline uint32_t bitsFromFloat1(float a) { uint32_t x; memcpy(&x, &a, sizeof x); return x; }",
  ],
  ["greater1", "static inline int32_t greater1(float a, float b) { return a > b; }"],
  ["less1", "static inline int32_t less1(float a, float b) { return a < b; }"],
  ["equal1", "static inline int32_t equal1(float a, float b) { return a == b; }"],
  ["same1", "static inline int32_t same1(uint32_t a, uint32_t b) { return a == b; }"],
  ["select_f32x1", "static inline float select_f32x1(int32_t c, float a, float b) { return c ? a : b; }"],
  ["select_u32x1", "static inline uint32_t select_u32x1(int32_t c, uint32_t a, uint32_t b) { return c ? a : b; }"],
  [
    "mulHigh1",
    "static inline uint32_t mulHigh1(uint32_t a, uint32_t b) { return (uint32_t)(((uint64_t)a * b) >> 32); }",
  ],
];

/** Numbers in lines of up to 100 characters. */
export function numberLines(texts: readonly string[]): string {
  const lines: string[] = [];
  let line = "";
  for (const text of texts) {
    if (line !== "" && line.length + text.length + 2 > 100) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? text : ` ${text}`;
  }
  return [...lines, line].map((l) => `  ${l}`).join("\n");
}
