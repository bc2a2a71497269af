import { typeOf } from "../build.ts";
import { printValue } from "../print.ts";
import { operands } from "../traverse.ts";
import type { BinaryFn, Ref, UnaryFn, Value, ValueType } from "../types.ts";

const floatFns: ReadonlySet<BinaryFn> = new Set(["add", "sub", "mul", "div", "max", "min"]);
const argumentOf: Readonly<Record<UnaryFn, ValueType>> = {
  sqrt: "f32",
  bitsFromFloat: "f32",
  toFloat: "u32",
  floatFromBits: "u32",
};

/** What is wrong with the types of a value, if anything. */
export function typeProblem(v: Value): string | undefined {
  for (const x of operands(v)) {
    const problem = typeProblem(x);
    if (problem) return problem;
  }
  return ownProblem(v);
}

function ownProblem(v: Value): string | undefined {
  switch (v.kind) {
    case "const":
    case "index":
    case "variable":
    case "let":
      return undefined;
    case "load":
      return gatherProblem(v.ref);
    case "fma":
      return expect("f32", v.a, v.b, v.c);
    case "unary":
      return expect(argumentOf[v.fn], v.x);
    case "binary":
      return expect(floatFns.has(v.fn) ? "f32" : "u32", v.a, v.b) ?? shiftProblem(v);
    case "compare":
      return expect(v.fn === "equal" && typeOf(v.a) === "u32" ? "u32" : "f32", v.a, v.b);
    case "select":
      return expect("mask", v.cond) ?? expect(typeOf(v.onTrue) === "u32" ? "u32" : "f32", v.onTrue, v.onFalse);
  }
}

function expect(type: ValueType, ...values: readonly Value[]): string | undefined {
  const wrong = values.find((x) => typeOf(x) !== type);
  return wrong && `type of ${printValue(wrong)} is ${typeOf(wrong)}, expected ${type}`;
}

/** WebAssembly shifts all lanes by the same amount. */
function shiftProblem({ fn, b }: Extract<Value, { kind: "binary" }>): string | undefined {
  if (fn !== "shiftLeft" && fn !== "shiftRight") return undefined;
  return b.kind === "const" && b.value < 32 ? undefined : `shift by ${printValue(b)}, expected a constant below 32`;
}

const gatherProblem = ({ gather }: Ref): string | undefined => gather && expect("u32", gather);

/** What is wrong with a store of a value, if anything. */
export function storeProblem(ref: Ref, value: Value): string | undefined {
  if (ref.view.type === "u8") return `${ref.view.name} is u8, which is only read`;
  return (
    (ref.gather && typeProblem(ref.gather)) ?? gatherProblem(ref) ?? typeProblem(value) ?? expect(ref.view.type, value)
  );
}
