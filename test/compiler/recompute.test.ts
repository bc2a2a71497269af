import { describe, expect, it } from "vitest";
import { analyze, levelsOf } from "../../src/compiler/analyze.ts";
import type { ProgramSpec } from "../../src/compiler/plan.ts";
import { nodesOf, planProgram } from "../../src/compiler/program.ts";
import { recompute } from "../../src/compiler/recompute.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { wasm128 } from "../../src/ir/machine.ts";
import { bias as biasOf } from "../../src/ops/bias.ts";
import { conv2d } from "../../src/ops/conv2d.ts";
import { dense } from "../../src/ops/dense.ts";
import { flatten } from "../../src/ops/flatten.ts";
import { Graph, type Tensor } from "../../src/ops/graph.ts";
import { relu } from "../../src/ops/relu.ts";
import { scaleShift } from "../../src/ops/scaleShift.ts";
import { tanh } from "../../src/ops/tanh.ts";
import { constantRate, sgd } from "../../src/optimizers/index.ts";
import { Shadow } from "../../src/testing/shadow.ts";
import { recipeModel } from "../training/recipeModel.ts";
import { channelSum, multiply, parameter, randomBytes, randomFloats, scaleBatch, trainingSpec } from "./graphs.ts";

const x: Tensor = { name: "x", shape: [4, 6, 6, 3], type: "f32", of: "samples" };
const s = parameter("s", 2, 3);

/** The recomputed values by segment in a graph of values of x, of which the host reads the last one. */
function recomputedIn(build: (g: Graph) => Tensor, more: readonly Tensor[] = []): readonly string[] {
  const graph = new Graph();
  const last = build(graph);
  const tensors = [x, s, ...graph.applications.flatMap((node) => node.writes)];
  const nodes = analyze(graph.applications, new Map(tensors.map((t) => [t.name, t])));
  const levels = levelsOf(nodes);
  const added = recompute(nodes, [last, ...more]).filter(({ node }) => !levels.has(node.writes[0]!.name));
  return added.map(({ node, level }) => `${node.name} in ${level}`);
}

/** y, which needs a sum over the batch: whatever is read together with it is in another segment. */
const afterSum = (g: Graph, of: Tensor, y: Tensor, name = "last"): Tensor => {
  const sum = g.apply(`${name}.sum`, channelSum, { x: of }, {});
  const by = g.apply(`${name}.by`, scaleBatch, { x: sum }, { scale: 1 });
  return g.apply(name, multiply, { a: y, b: { ...by, of: "samples", shape: y.shape } }, {});
};
const scaled = (g: Graph, of = x, name = "scaled") => g.apply(name, scaleShift, { x: of, s }, {});

describe("recompute", () => {
  it("recomputes a chain of cheap maps in a later segment that reads it", () => {
    expect(recomputedIn((g) => afterSum(g, x, g.apply("bent", relu, { x: scaled(g) }, {})))).toEqual([
      "scaled.recomputed1 in 1",
      "bent.recomputed1 in 1",
    ]);
  });

  it("recomputes a value that several nodes of a segment read once per segment", () => {
    const names = recomputedIn((g) => {
      const y = g.apply("bent", relu, { x: scaled(g) }, {});
      const first = afterSum(g, x, y, "first");
      const second = g.apply("second", multiply, { a: first, b: y }, {});
      return afterSum(g, second, y, "third");
    });
    expect(names).toEqual([
      "scaled.recomputed1 in 1",
      "bent.recomputed1 in 1",
      "scaled.recomputed2 in 2",
      "bent.recomputed2 in 2",
    ]);
  });

  it("keeps values that are expensive, that the host reads, or that depend on more data than their own", () => {
    expect(recomputedIn((g) => afterSum(g, x, g.apply("bent", tanh, { x: scaled(g) }, {})))).toEqual([]);
    const read: Tensor[] = [];
    const isRead = (g: Graph) => {
      read.push(g.apply("bent", relu, { x: scaled(g) }, {}));
      return afterSum(g, x, read[0]!);
    };
    expect(recomputedIn(isRead, [{ ...x, name: "bent" }])).toEqual([]);
    const two = (g: Graph) => {
      const [a, b] = ["a", "b"].map((name) => g.apply(name, tanh, { x }, {}));
      const product = g.apply("product", multiply, { a: a!, b: b! }, {});
      const last = afterSum(g, product, product);
      return g.apply("end", multiply, { a: afterSum(g, last, a!, "a.later"), b: afterSum(g, last, b!, "b.later") }, {});
    };
    expect(recomputedIn(two)).toEqual([]);
  });

  it("omits values that are no longer read, and is fast for long chains of branches", () => {
    const names = recomputedIn((g) => {
      let y = scaled(g);
      for (let k = 0; k < 40; k++)
        y = g.apply(`y${k}`, multiply, { a: y, b: g.apply(`bent${k}`, relu, { x: y }, {}) }, {});
      return afterSum(g, x, y);
    });
    expect(names).toEqual([]);
    const fast = recipeModel("fast", { input: [28, 28, 1], classes: ["A", "B"] });
    const { spec } = trainingProgram(fast, { batchSize: 16, optimizer: sgd(constantRate(0.1)), steps: 1 });
    const nodes = nodesOf(spec);
    const read = new Set(nodes.flatMap(({ reads }) => reads.map((t) => t.name)));
    const unread = nodes.filter(({ kind, node }) => kind === "samples" && !node.writes.some((t) => read.has(t.name)));
    expect(unread.map(({ node }) => node.name)).toEqual([".correct"].filter((name) => !read.has(name)));
  });

  it("does not change the weights of a network", () => {
    const training = trainingSpec(6, [6, 6, 1], (g, image) => {
      const [w1, w2, d] = [parameter("w1", 3, 3, 1, 3), parameter("w2", 3, 3, 3, 3), parameter("d", 108, 3)];
      const same = { strides: [1, 1], padding: "same" } as const;
      const conv = g.apply("conv", conv2d, { x: image, w: w1 }, same);
      const sums = g.apply("sums", channelSum, { x: conv }, {});
      const mean = g.apply("mean", scaleBatch, { x: sums }, { scale: 1 / 216 });
      const bent = g.apply("bent", relu, { x: g.apply("moved", biasOf, { x: conv, b: mean }, {}) }, {});
      const next = g.apply("next", conv2d, { x: bent, w: w2 }, same);
      const more = g.apply(
        "more",
        scaleBatch,
        { x: g.apply("moreSums", channelSum, { x: next }, {}) },
        { scale: 0.01 },
      );
      const z = g.apply("z", biasOf, { x: next, b: more }, {});
      return {
        logits: g.apply("logits", dense, { x: g.apply("flat", flatten, { x: z }, {}), w: d }, {}),
        parameters: [w1, w2, d],
      };
    });
    const trained = (spec: ProgramSpec) => {
      const run = new Shadow(spec);
      run.elements(training.images).set(randomBytes(6 * 36));
      run.elements(training.labels).set([0, 1, 2, 0, 1, 2]);
      run.elements(training.learningRate).fill(0.1);
      training.parameters.forEach((w, k) => void run.elements(w).set(randomFloats(w.shape, k)));
      run.run(2);
      return training.parameters.map((w) => [...run.elements(w)]);
    };
    const everything = { ...training.spec, outputs: training.graph.applications.map(({ output }) => output) };
    const recomputes = ({ allocations }: ReturnType<typeof planProgram>) =>
      allocations.some(({ view }) => view.name.includes(".recomputed"));
    expect([training.spec, everything].map((spec) => recomputes(planProgram(spec, wasm128)))).toEqual([true, false]);
    expect(trained(training.spec)).toEqual(trained(everything));
  });
});
