import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ops } from "../../src/ops/index.ts";
import type { Op } from "../../src/ops/op.ts";
import { programOf } from "../../src/testing/opProgram.ts";
import { float64Storage } from "../../src/testing/opStorage.ts";

type Named = Readonly<Record<string, readonly number[]>>;
interface Case {
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly shapes: Named;
  readonly inputs: Named;
  readonly dy: readonly number[];
  readonly y: readonly number[];
  readonly gradients: Named;
}

/** Made by make.py with PyTorch in float64. */
const reference = JSON.parse(readFileSync(new URL("ops.json", import.meta.url), "utf8")) as {
  readonly ops: readonly Case[];
  readonly batchNormalization: Case;
  readonly runningNormalization: Case;
};
const byName: Readonly<Record<string, unknown>> = ops;

/** An op's nests on the interpreter, in float64, which the conformance suite ties to every back end. */
function run(name: string, shapes: Named, attrs: unknown, inputs: Named) {
  const op = byName[name] as Op;
  const program = programOf(op, { shapes, attrs });
  const storage = float64Storage(program);
  for (const input of op.inputs) storage.write(input, inputs[input]!);
  storage.run("forward");
  return {
    y: [...storage.read("y")],
    gradient(input: string, dy: readonly number[]): number[] {
      if (op.backward[input] === "identity") return [...dy];
      storage.write("dy", dy);
      storage.run(input);
      return [...storage.read(`d_${input}`)];
    },
  };
}

/** Within 1e-5 of each number, or of the rounding of the twelve digits that are kept. */
function expectClose(what: string, got: readonly number[], want: readonly number[]) {
  expect(got.length, what).toBe(want.length);
  const wrong = want.flatMap((x, i) => (Math.abs(got[i]! - x) <= 1e-5 * Math.abs(x) + 1e-9 ? [] : [[i, got[i], x]]));
  expect(wrong, what).toEqual([]);
}

const titled = reference.ops.map((c) => [`${c.op} ${JSON.stringify(c.attrs)}`, c] as const);
it.each(titled)("%s and its gradients are PyTorch's", (_title, { op, attrs, shapes, inputs, dy, y, gradients }) => {
  const result = run(op, shapes, attrs, inputs);
  expectClose("y", result.y, y);
  for (const [input, want] of Object.entries(gradients)) expectClose(input, result.gradient(input, dy), want);
});

describe("batch normalization", () => {
  it("in training is PyTorch's, gradients too", () => {
    const { attrs, shapes, inputs, dy, y, gradients } = reference.batchNormalization;
    const { x, gamma, beta } = inputs as Record<"x" | "gamma" | "beta", readonly number[]>;
    const C = shapes["gamma"]![0]!;
    const [sumShape, channels] = [[2, C], [C]];
    const sums = run("channelSums", { x: shapes["x"]! }, {}, { x });
    const scale = run(
      "batchScale",
      { sums: sumShape, gamma: channels, beta: channels },
      { ...attrs, count: x.length / C },
      { sums: sums.y, gamma, beta },
    );
    const shift = run("scaleShift", { x: shapes["x"]!, s: sumShape }, {}, { x, s: scale.y });
    expectClose("y", shift.y, y);

    const ds = shift.gradient("s", dy);
    expectClose("gamma", scale.gradient("gamma", ds), gradients["gamma"]!);
    expectClose("beta", scale.gradient("beta", ds), gradients["beta"]!);
    const throughSums = sums.gradient("x", scale.gradient("sums", ds));
    const dx = shift.gradient("x", dy).map((direct, i) => direct + throughSums[i]!);
    expectClose("x", dx, gradients["x"]!);
  });

  it("by running statistics is PyTorch's", () => {
    const { attrs, shapes, inputs, dy, y, gradients } = reference.runningNormalization;
    const scale = run("runningScale", shapes, attrs, inputs);
    const s = [2, shapes["gamma"]![0]!];
    const shift = run("scaleShift", { x: shapes["x"]!, s }, {}, { x: inputs["x"]!, s: scale.y });
    expectClose("y", shift.y, y);
    const ds = shift.gradient("s", dy);
    for (const name of ["gamma", "beta"]) expectClose(name, scale.gradient(name, ds), gradients[name]!);
    expectClose("x", shift.gradient("x", dy), gradients["x"]!);
  });
});
