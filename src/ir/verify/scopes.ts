import { rangeOf } from "../affine.ts";
import { typeOf } from "../build.ts";
import { operands } from "../traverse.ts";
import type { Axis, Kernel, Ref, Stmt, Value, ValueType } from "../types.ts";
import { outOfBounds } from "../view.ts";
import { storeProblem, typeProblem } from "./types.ts";

/** Reports what is wrong with a statement. */
export type Fail = (s: Stmt, problem: string) => never;

/** What names mean at one place. */
interface Scope {
  readonly axes: ReadonlyMap<string, Axis>;
  readonly variables: ReadonlyMap<string, ValueType>;
}

/** Checks that names are bound, and bound once on each path; that indices stay inside views; and types. */
export function verifyScopes({ axes, body }: Kernel, fail: Fail): void {
  const bound = axes.reduce<Scope>((scope, axis) => bindAxis(scope, axis, body, fail), {
    axes: new Map(),
    variables: new Map(),
  });
  verifyStmt(body, bound, fail);
}

function verifyStmt(s: Stmt, scope: Scope, fail: Fail): void {
  switch (s.kind) {
    case "loop":
      verifyStmt(s.body, bindAxis(scope, s.axis, s, fail), fail);
      return;
    case "call":
      // A separate function, which gets the axes but not the variables.
      verifyStmt(s.body, { ...scope, variables: new Map() }, fail);
      return;
    case "block":
      for (const x of s.body) verifyStmt(x, scope, fail);
      return;
    case "let":
      verifyValue(s.value, scope, s, fail);
      verifyStmt(s.body, bindVariable(scope, s.name, typeOf(s.value), s, fail), fail);
      return;
    case "store":
      verifyStore(s, scope, fail);
  }
}

function verifyStore(s: Extract<Stmt, { kind: "store" }>, scope: Scope, fail: Fail): void {
  const { ref, value } = s;
  verifyRef(ref, scope, s, fail);
  const outside = outOfBounds({ ...ref, view: { ...ref.view, halo: ref.view.halo.map(() => [0, 0]) } }, scope.axes);
  if (outside) fail(s, `a store must not write to the halo: ${outside}`);
  const problem = storeProblem(ref, value);
  if (problem) fail(s, problem);
  verifyNames(value, scope, s, fail);
}

function verifyValue(v: Value, scope: Scope, s: Stmt, fail: Fail): void {
  const problem = typeProblem(v);
  if (problem) fail(s, problem);
  verifyNames(v, scope, s, fail);
}

function verifyNames(v: Value, scope: Scope, s: Stmt, fail: Fail): void {
  switch (v.kind) {
    case "variable":
      if (!scope.variables.has(v.name)) fail(s, `variable ${v.name} is not bound`);
      if (scope.variables.get(v.name) !== v.type)
        fail(s, `variable ${v.name} is used as ${v.type}, but is ${scope.variables.get(v.name)}`);
      return;
    case "index":
      attempt(() => rangeOf(v.at, scope.axes), s, fail);
      return;
    case "load":
      verifyRef(v.ref, scope, s, fail);
      return;
    case "let":
      verifyNames(v.value, scope, s, fail);
      verifyNames(v.body, bindVariable(scope, v.name, typeOf(v.value), s, fail), s, fail);
      return;
    default:
      for (const x of operands(v)) verifyNames(x, scope, s, fail);
  }
}

function verifyRef(ref: Ref, scope: Scope, s: Stmt, fail: Fail): void {
  const problem = attempt(() => outOfBounds(ref, scope.axes), s, fail);
  if (problem) fail(s, problem);
  const [start] = attempt(() => rangeOf(ref.view.origin, scope.axes), s, fail);
  if (start < 0) fail(s, `origin of ${ref.view.name} reaches ${start}`);
  if (ref.gather) verifyNames(ref.gather, scope, s, fail);
}

/** Computing a range throws if an axis is not bound. */
function attempt<T>(f: () => T, s: Stmt, fail: Fail): T {
  try {
    return f();
  } catch (error) {
    return fail(s, (error as Error).message);
  }
}

const checkNew = (scope: Scope, name: string, s: Stmt, fail: Fail): void => {
  if (scope.axes.has(name) || scope.variables.has(name)) fail(s, `${name} is bound twice`);
};

function bindAxis(scope: Scope, axis: Axis, s: Stmt, fail: Fail): Scope {
  checkNew(scope, axis.name, s, fail);
  return { ...scope, axes: new Map([...scope.axes, [axis.name, axis]]) };
}

function bindVariable(scope: Scope, name: string, type: ValueType, s: Stmt, fail: Fail): Scope {
  checkNew(scope, name, s, fail);
  return { ...scope, variables: new Map([...scope.variables, [name, type]]) };
}
