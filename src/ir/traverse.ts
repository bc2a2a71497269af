import type { Affine, Ref, Stmt, Value, View } from "./types.ts";

/** The values that a value is made of. */
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

/** The element, with what it gathers by rewritten, too. */
export const rewriteRef = (ref: Ref, by: Rewrite): Ref =>
  by.ref(ref.gather ? { ...ref, gather: rewriteValue(ref.gather, by) } : ref);

/** The statement with its references rewritten. */
export function rewriteStmt(s: Stmt, by: Rewrite): Stmt {
  switch (s.kind) {
    case "loop":
    case "call":
      return { ...s, body: rewriteStmt(s.body, by) };
    case "block":
      return { ...s, body: s.body.map((x) => rewriteStmt(x, by)) };
    case "let":
      return { ...s, value: rewriteValue(s.value, by), body: rewriteStmt(s.body, by) };
    case "store":
      return { ...s, ref: rewriteRef(s.ref, by), value: rewriteValue(s.value, by) };
  }
}

/** Every element that a value reads. */
export function loadsOf(v: Value): readonly Ref[] {
  const inner = operands(v).flatMap(loadsOf);
  return v.kind === "load" ? [v.ref, ...inner] : inner;
}

/** Every element that a statement writes and reads. */
export function accessesOf(s: Stmt): { readonly stores: readonly Ref[]; readonly loads: readonly Ref[] } {
  switch (s.kind) {
    case "loop":
    case "call":
      return accessesOf(s.body);
    case "let": {
      const { stores, loads } = accessesOf(s.body);
      return { stores, loads: [...loadsOf(s.value), ...loads] };
    }
    case "block": {
      const each = s.body.map(accessesOf);
      return { stores: each.flatMap((a) => a.stores), loads: each.flatMap((a) => a.loads) };
    }
    case "store":
      return { stores: [s.ref], loads: [...loadsOf(s.value), ...(s.ref.gather ? loadsOf(s.ref.gather) : [])] };
  }
}

/** Every buffer of memory that a statement touches, once, in order of first use. */
export function buffersOf(s: Stmt): readonly View[] {
  const { stores, loads } = accessesOf(s);
  const inMemory = [...stores, ...loads].map((r) => r.view).filter((view) => view.space === "memory");
  return [...new Map(inMemory.map((view) => [view.name, view])).values()];
}

/** Every value that a statement computes, whole. */
function valuesOf(s: Stmt): readonly Value[] {
  switch (s.kind) {
    case "loop":
    case "call":
      return valuesOf(s.body);
    case "block":
      return s.body.flatMap(valuesOf);
    case "let":
      return [s.value, ...valuesOf(s.body)];
    case "store":
      return s.ref.gather ? [s.value, s.ref.gather] : [s.value];
  }
}

/** Every index that a value uses as a number. */
export const indicesIn = (v: Value): readonly Affine[] =>
  v.kind === "index" ? [v.at] : operands(v).flatMap(indicesIn);

/** Every index that a statement uses as a number. */
export const indicesOf = (s: Stmt): readonly Affine[] => valuesOf(s).flatMap(indicesIn);

/** The number of values that one turn of a statement computes. */
export const sizeOfStmt = (s: Stmt): number => {
  const ofValue = (v: Value): number => 1 + operands(v).reduce((n, x) => n + ofValue(x), 0);
  return valuesOf(s).reduce((n, v) => n + ofValue(v), 0);
};
