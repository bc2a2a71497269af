import { axisIndex } from "../../ir/affine.ts";
import { registersStoredBy } from "../../ir/traverse.ts";
import type { Axis, Kernel, Stmt } from "../../ir/types.ts";
import { freeAxes } from "./free.ts";
import { type Address, type Instruction, type Pointer, parent, type Routine } from "./instructions.ts";
import { Registers } from "./registers.ts";
import { Scope } from "./scope.ts";
import { isUniform } from "./uniform.ts";
import { type Place, Values } from "./values.ts";

type Loop = Extract<Stmt, { kind: "loop" }>;
/** Outlines the body of a call to a routine. */
type Outline = (name: string, parameters: readonly Axis[], body: Stmt) => Routine;

/** Lowers kernels to routines, callees before their callers. */
export function lower(kernels: readonly Kernel[]): readonly Routine[] {
  const routines: Routine[] = [];
  const outlined = new Map<Stmt, Routine[]>();
  const routine = (name: string, exported: boolean, parameters: readonly Axis[], body: Stmt): Routine => {
    const made = new Lowering(name, parameters, outline).routine(exported, body);
    routines.push(made);
    return made;
  };
  /** One routine per body, unless a pointer starts at the far end of an axis whose extent differs here. */
  const outline: Outline = (name, parameters, body) => {
    const known = outlined.get(body) ?? [];
    const found = known.find(
      (r) => !runsBackwards(r) || r.parameters.every((axis, k) => axis.extent === parameters[k]!.extent),
    );
    if (found) return found;
    const made = routine(`${name}.${routines.length}`, false, parameters, body);
    outlined.set(body, [...known, made]);
    return made;
  };
  for (const { name, axes, body } of kernels) routine(name, true, axes, body);
  return routines;
}

/** Whether a pointer has a negative stride along a parameter. */
const runsBackwards = ({ pointers }: Routine): boolean =>
  pointers.some(({ terms }) => terms.some(({ stride }) => stride < 0));

/** Lowers one routine: unrolls, vectorizes, and finds the pointers that each loop advances. */
class Lowering {
  readonly #name: string;
  readonly #parameters: readonly Axis[];
  readonly #outline: Outline;
  readonly #entry = new Map<string, Pointer>();
  /** The pointers that each enclosing loop advances. */
  readonly #steps = new Map<string, Map<string, Pointer>>();
  readonly #values: Values;

  constructor(name: string, parameters: readonly Axis[], outline: Outline) {
    this.#name = name;
    this.#parameters = parameters;
    this.#outline = outline;
    this.#values = new Values((pointer) => this.#use(pointer));
  }

  routine(exported: boolean, body: Stmt): Routine {
    const code: Instruction[] = [];
    this.#statement(body, { scope: Scope.of(this.#parameters), registers: new Registers(), code });
    return {
      name: this.#name,
      exported,
      parameters: this.#parameters,
      pointers: [...this.#entry.values()],
      body: code,
    };
  }

  /** Records that a pointer and its parents are needed. */
  #use(pointer: Pointer): void {
    const last = pointer.terms.at(-1);
    if (last === undefined) return;
    const moved = this.#steps.get(last.axis.name) ?? this.#entry;
    if (moved.has(pointer.key)) return;
    this.#use(parent(pointer));
    moved.set(pointer.key, pointer);
  }

  #statement(s: Stmt, place: Place): void {
    switch (s.kind) {
      case "block":
        for (const x of s.body) this.#statement(x, place);
        return;
      case "let":
        this.#statement(s.body, { ...place, registers: this.#values.bind(s.name, s.value, place) });
        return;
      case "store":
        this.#store(s, place);
        return;
      case "loop":
        this.#loop(s, place);
        return;
      case "call":
        this.#call(s, place);
    }
  }

  #store({ ref, value }: Extract<Stmt, { kind: "store" }>, place: Place): void {
    const { scope, registers, code } = place;
    const stored = this.#values.lower(value, place);
    if (ref.view.space === "register") {
      code.push({ kind: "set", register: registers.of(ref, scope).register, value: stored });
      return;
    }
    const { address, lane } = this.#values.address(ref, place);
    const rowsDiffer = ref.gather && !isUniform(ref.gather, scope, registers);
    if (scope.width > 1 && (lane !== 1 || rowsDiffer))
      throw new Error(`lower: the lanes of a store to ${ref.view.name} are not adjacent`);
    code.push({ kind: "store", address, element: ref.view.type, value: stored });
    this.#values.forget();
  }

  #loop(s: Loop, place: Place): void {
    const { axis, body, mark } = s;
    if (mark === "vector" && axis.extent > 1) {
      const registers = place.registers.privatize(registersStoredBy(body));
      this.#statement(body, { ...place, scope: place.scope.inVector(axis), registers });
    } else if (mark === "serial" && axis.extent > 1) this.#serial(s, place);
    else for (let i = 0; i < axis.extent; i++) this.#statement(body, { ...place, scope: place.scope.fix(axis, i) });
  }

  #serial({ axis, body }: Loop, place: Place): void {
    const steps = new Map<string, Pointer>();
    const code: Instruction[] = [];
    this.#steps.set(axis.name, steps);
    this.#values.forget();
    this.#statement(body, { ...place, scope: place.scope.inLoop(axis), code });
    this.#values.forget();
    this.#steps.delete(axis.name);
    place.code.push({ kind: "loop", axis: axis.name, count: axis.extent, steps: [...steps.values()], body: code });
  }

  #call({ name, body }: Extract<Stmt, { kind: "call" }>, { scope, code }: Place): void {
    if (scope.width !== 1) throw new Error(`lower: ${name} is called inside a vector loop`);
    const axes = freeAxes(body).map((axis) => scope.axis(axis));
    const { name: routine } = this.#outline(name, axes, body);
    const values = axes.map((axis): Address => {
      const { pointer, offset } = scope.resolve(axisIndex(axis.name), 1);
      this.#use(pointer);
      return { pointer, offset };
    });
    code.push({ kind: "call", routine, values });
    this.#values.forget();
  }
}
