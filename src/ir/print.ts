import { substatements } from "./traverse.ts";
import type { Affine, BinaryFn, CompareFn, Kernel, Ref, Stmt, Value } from "./types.ts";

const infix: Partial<Record<BinaryFn | CompareFn, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  addInt: "+",
  mulInt: "*",
  and: "&",
  or: "|",
  xor: "^",
  shiftLeft: "<<",
  shiftRight: ">>",
  greater: ">",
  less: "<",
  equal: "==",
};

/** An index, such as 2*r + u - 1. */
export function printAffine({ offset, scale }: Affine): string {
  const terms = Object.entries(scale).filter(([, k]) => k !== 0);
  const numbers = [...terms.map(([name, k]) => [k, name] as const), ...(offset === 0 ? [] : [[offset, ""] as const])];
  if (numbers.length === 0) return "0";
  return numbers.map(([k, name], i) => `${signOf(k, i === 0)}${magnitudeOf(Math.abs(k), name)}`).join("");
}
const signOf = (k: number, first: boolean): string => (first ? (k < 0 ? "-" : "") : k < 0 ? " - " : " + ");
const magnitudeOf = (k: number, name: string): string => (name === "" ? `${k}` : k === 1 ? name : `${k}*${name}`);

/** An element, such as x[n, 2*r + u - 1]. A gathered index is in braces; the view's origin follows an @. */
export function printRef({ view, index, gather }: Ref): string {
  const indices = index.map(printAffine);
  if (gather) indices[0] = `{${printValue(gather)}} + ${indices[0]}`;
  const origin = printAffine(view.origin);
  return `${view.name}${origin === "0" ? "" : `@(${origin})`}[${indices.join(", ")}]`;
}

/** A value on one line. */
export function printValue(v: Value): string {
  switch (v.kind) {
    case "const":
      return v.type === "f32" ? `${Object.is(v.value, -0) ? "-0" : v.value}` : `${v.value}u`;
    case "variable":
      return v.name;
    case "load":
      return printRef(v.ref);
    case "index":
      return `index(${printAffine(v.at)})`;
    case "fma":
      return printCall("fma", v.a, v.b, v.c);
    case "unary":
      return printCall(v.fn, v.x);
    case "binary":
    case "compare": {
      const sign = infix[v.fn];
      return sign ? `(${printValue(v.a)} ${sign} ${printValue(v.b)})` : printCall(v.fn, v.a, v.b);
    }
    case "select":
      return printCall("select", v.cond, v.onTrue, v.onFalse);
    case "let":
      return `(let ${v.name} = ${printValue(v.value)} in ${printValue(v.body)})`;
  }
}
const printCall = (name: string, ...values: readonly Value[]): string =>
  `${name}(${values.map(printValue).join(", ")})`;

/** The first line of a statement. */
export function printHead(s: Stmt): string {
  switch (s.kind) {
    case "loop":
      return `for ${s.axis.name} < ${s.axis.extent}${s.mark === "serial" ? "" : ` ${s.mark}`}`;
    case "store":
      return `${printRef(s.ref)} = ${printValue(s.value)}`;
    case "let":
      return `let ${s.name} = ${printValue(s.value)}`;
    case "call":
      return `call ${s.name}`;
    case "block":
      return "block";
  }
}

function linesOf(s: Stmt): readonly string[] {
  const inside = substatements(s).flatMap(linesOf);
  if (s.kind === "block") return inside;
  return [printHead(s), ...(s.kind === "let" ? inside : inside.map((line) => `  ${line}`))];
}

/** A statement, one line for each loop, call, variable and store. */
export const printStmt = (s: Stmt): string => linesOf(s).join("\n");

/** A kernel with its axes. */
export const printKernel = ({ name, axes, body }: Kernel): string =>
  [
    `kernel ${name}(${axes.map((axis) => `${axis.name} < ${axis.extent}`).join(", ")})`,
    ...linesOf(body).map((line) => `  ${line}`),
  ].join("\n");
