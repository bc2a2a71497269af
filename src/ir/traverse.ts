import type { Affine, Ref, Stmt, Value, View } from "./types.ts";

// The structure of values and statements is spelled out here only, in `operands` and `mapOperands`, `partsOf` and
// `mapStatement`. Every other traversal is built from these.

/** The values directly inside a value. */
export function operands(v: Value): readonly Value[] {
  switch (v.kind) {
    case "const":
    case "index":
    case "variable":
      return [];
    case "load":
      return v.ref.gather ? [v.ref.gather] : [];
    case "fma":
      return [v.a, v.b, v.c];
    case "unary":
      return [v.x];
    case "binary":
    case "compare":
      return [v.a, v.b];
    case "select":
      return [v.cond, v.onTrue, v.onFalse];
    case "let":
      return [v.value, v.body];
  }
}

/** The value with each operand replaced. */
export function mapOperands(v: Value, f: (x: Value) => Value): Value {
  switch (v.kind) {
    case "const":
    case "index":
    case "variable":
      return v;
    case "load":
      return v.ref.gather ? { ...v, ref: { ...v.ref, gather: f(v.ref.gather) } } : v;
    case "fma":
      return { ...v, a: f(v.a), b: f(v.b), c: f(v.c) };
    case "unary":
      return { ...v, x: f(v.x) };
    case "binary":
    case "compare":
      return { ...v, a: f(v.a), b: f(v.b) };
    case "select":
      return { ...v, cond: f(v.cond), onTrue: f(v.onTrue), onFalse: f(v.onFalse) };
    case "let":
      return { ...v, value: f(v.value), body: f(v.body) };
  }
}

/** Folds a value from the leaves up: `f` gets each value together with its results for the value's operands. */
export const foldValue = <T>(v: Value, f: (v: Value, operands: readonly T[]) => T): T =>
  f(
    v,
    operands(v).map((x) => foldValue(x, f)),
  );

/** Replacements for the parts of a statement; parts without one are kept. */
export interface StatementMap {
  readonly statement?: (s: Stmt) => Stmt;
  readonly value?: (v: Value) => Value;
  readonly ref?: (ref: Ref) => Ref;
}

const same = <T>(x: T): T => x;

/** The statement with its direct substatements, its own values and the element it stores to replaced. */
export function mapStatement(s: Stmt, { statement = same, value = same, ref = same }: StatementMap): Stmt {
  switch (s.kind) {
    case "loop":
    case "call":
      return { ...s, body: statement(s.body) };
    case "block":
      return { ...s, body: s.body.map(statement) };
    case "let":
      return { ...s, value: value(s.value), body: statement(s.body) };
    case "store":
      return { ...s, ref: ref(s.ref), value: value(s.value) };
  }
}

/** The direct parts of a statement, in order: the values that it computes itself, and its substatements. */
function partsOf(s: Stmt): { readonly values: readonly Value[]; readonly statements: readonly Stmt[] } {
  switch (s.kind) {
    case "loop":
    case "call":
      return { values: [], statements: [s.body] };
    case "block":
      return { values: [], statements: s.body };
    case "let":
      return { values: [s.value], statements: [s.body] };
    case "store":
      return { values: s.ref.gather ? [s.value, s.ref.gather] : [s.value], statements: [] };
  }
}

/** The statements directly inside a statement. */
export const substatements = (s: Stmt): readonly Stmt[] => partsOf(s).statements;

/** The values that a statement computes itself, apart from the statements inside it. */
export const valuesIn = (s: Stmt): readonly Value[] => partsOf(s).values;

/** Folds a statement from the inside out: `f` gets each statement together with its results for the substatements. */
export const foldStatement = <T>(s: Stmt, f: (s: Stmt, inside: readonly T[]) => T): T =>
  f(
    s,
    substatements(s).map((x) => foldStatement(x, f)),
  );

/** The sum of `own` over all executions of statements: a loop counts its body once per iteration. */
export const sumOverExecutions = (s: Stmt, own: (s: Stmt) => number): number =>
  foldStatement<number>(s, (x, inside) => {
    const once = inside.reduce((sum, n) => sum + n, 0);
    return own(x) + (x.kind === "loop" ? x.axis.extent * once : once);
  });

/** All statements, each before those inside it. */
const statementsOf = (s: Stmt): readonly Stmt[] =>
  foldStatement<readonly Stmt[]>(s, (x, inside) => [x, ...inside.flat()]);

/** What to rewrite: the elements that are read and written, and the indices used as numbers. */
export interface Rewrite {
  readonly ref: (ref: Ref) => Ref;
  readonly index: (v: Extract<Value, { kind: "index" }>) => Value;
}

/** The value with its references rewritten. */
export function rewriteValue(v: Value, by: Rewrite): Value {
  const mapped = mapOperands(v, (x) => rewriteValue(x, by));
  if (mapped.kind === "load") return { ...mapped, ref: by.ref(mapped.ref) };
  return mapped.kind === "index" ? by.index(mapped) : mapped;
}

/** The reference rewritten, including its gathered index. */
export const rewriteRef = (ref: Ref, by: Rewrite): Ref =>
  by.ref(ref.gather ? { ...ref, gather: rewriteValue(ref.gather, by) } : ref);

/** The statement with its references rewritten. */
export const rewriteStmt = (s: Stmt, by: Rewrite): Stmt =>
  mapStatement(s, {
    statement: (x) => rewriteStmt(x, by),
    value: (v) => rewriteValue(v, by),
    ref: (ref) => rewriteRef(ref, by),
  });

/** Every element that a value reads. */
export const loadsOf = (v: Value): readonly Ref[] =>
  foldValue<readonly Ref[]>(v, (x, inside) => (x.kind === "load" ? [x.ref, ...inside.flat()] : inside.flat()));

/** Every element that a statement writes and reads. */
export function accessesOf(s: Stmt): { readonly stores: readonly Ref[]; readonly loads: readonly Ref[] } {
  const all = statementsOf(s);
  return {
    stores: all.flatMap((x) => (x.kind === "store" ? [x.ref] : [])),
    loads: all.flatMap(valuesIn).flatMap(loadsOf),
  };
}

/** Every buffer of memory that a statement touches, once, in order of first use. */
export function buffersOf(s: Stmt): readonly View[] {
  const { stores, loads } = accessesOf(s);
  const inMemory = [...stores, ...loads].map((r) => r.view).filter((view) => view.space === "memory");
  return [...new Map(inMemory.map((view) => [view.name, view])).values()];
}

/**
 * The names of the register views that a statement stores to, without those of functions that it calls.
 * In a vector loop they are private to each lane, unless lanes store to adjacent elements.
 */
export const registersStoredBy = (s: Stmt): ReadonlySet<string> =>
  foldStatement<ReadonlySet<string>>(s, (x, inside) => {
    if (x.kind === "call") return new Set();
    if (x.kind === "store" && x.ref.view.space === "register") return new Set([x.ref.view.name]);
    return new Set(inside.flatMap((names) => [...names]));
  });

/** Every index that a value uses as a number. */
export const indicesIn = (v: Value): readonly Affine[] =>
  foldValue<readonly Affine[]>(v, (x, inside) => (x.kind === "index" ? [x.at] : inside.flat()));

/** Every index that a statement uses as a number. */
export const indicesOf = (s: Stmt): readonly Affine[] => statementsOf(s).flatMap(valuesIn).flatMap(indicesIn);

const sizeOfValue = (v: Value): number => foldValue<number>(v, (_, inside) => inside.reduce((n, x) => n + x, 1));

/** The number of values that a statement computes, with each loop body counted once. */
export const sizeOfStmt = (s: Stmt): number =>
  statementsOf(s)
    .flatMap(valuesIn)
    .reduce((n, v) => n + sizeOfValue(v), 0);
