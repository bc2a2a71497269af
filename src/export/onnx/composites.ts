import type { Attributes } from "./messages.ts";

/** What a step of a composite reads: its input, a constant, or the output of an earlier step by its number. */
export type Operand = "x" | { readonly constant: number } | number;

/** A node of a composite. */
export interface Step {
  readonly opType: string;
  readonly inputs: readonly Operand[];
  readonly attributes?: Attributes;
}

/** Nodes that together compute what no single operator of opset 17 does; only the last output is read by other nodes. */
export type Composite = readonly Step[];

const step = (opType: string, ...inputs: Operand[]): Step => ({ opType, inputs });

/**
 * By the name of the op, which is also that of the layer, or of a form of it. They are written by this table, and recognized
 * by it.
 */
export const composites = {
  /** x · 1/(1 + e^−x) */
  silu: [step("Sigmoid", "x"), step("Mul", "x", 0)],
  /** x · 1/(1 + e^−t), t = 2√(2/π) · (x + 0.044715·x³): the tanh form, by ½(1 + tanh(t/2)) = 1/(1 + e^−t) */
  gelu: [
    step("Mul", "x", "x"),
    step("Mul", 0, "x"),
    step("Mul", 1, { constant: 0.044715 }),
    step("Add", "x", 2),
    step("Mul", 3, { constant: 2 * Math.sqrt(2 / Math.PI) }),
    step("Sigmoid", 4),
    step("Mul", "x", 5),
  ],
  /** ½x · (1 + erf(x/√2)) = x·Φ(x), as PyTorch exports it */
  exactGelu: [
    step("Div", "x", { constant: Math.SQRT2 }),
    step("Erf", 0),
    step("Add", 1, { constant: 1 }),
    step("Mul", "x", 2),
    step("Mul", 3, { constant: 0.5 }),
  ],
  /** The pooled axes, of extent 1, are removed. */
  globalAveragePool2d: [step("GlobalAveragePool", "x"), step("Flatten", 0)],
} as const satisfies Readonly<Record<string, Composite>>;
