import { describe, expect, it } from "vitest";
import { analyze } from "../../src/compiler/analyze.ts";
import { compile } from "../../src/compiler/compile.ts";
import { allocate } from "../../src/compiler/memory.ts";
import type { Phase } from "../../src/compiler/phases.ts";
import type { ProgramSpec } from "../../src/compiler/plan.ts";
import { planProgram } from "../../src/compiler/program.ts";
import { isInArena } from "../../src/compiler/storage.ts";
import { evaluationProgram, trainingProgram } from "../../src/engine/programs.ts";
import { constant, div, load } from "../../src/ir/build.ts";
import { contraction } from "../../src/ir/contraction.ts";
import { wasm128 } from "../../src/ir/machine.ts";
import { buffersOf } from "../../src/ir/traverse.ts";
import type { Stmt } from "../../src/ir/types.ts";
import { verify } from "../../src/ir/verify.ts";
import { at, bytesOf, spanOf } from "../../src/ir/view.ts";
import { withWinograd } from "../../src/model/index.ts";
import { bias } from "../../src/ops/bias.ts";
import { conv2d } from "../../src/ops/conv2d.ts";
import { dense } from "../../src/ops/dense.ts";
import { flatten } from "../../src/ops/flatten.ts";
import type { Node, Tensor } from "../../src/ops/graph.ts";
import { constantRate, sgd } from "../../src/optimizers/index.ts";
import { recipeModel } from "../training/recipeModel.ts";
import { channelSum, parameter, scaleBatch, trainingSpec } from "./graphs.ts";

const lenet = recipeModel("lenet", { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] }, { keepProbability: 0.5 });
const fast = recipeModel("fast", { input: [28, 28, 1], classes: ["A", "B"] });
const training = trainingProgram(lenet, { batchSize: 16, optimizer: sgd(constantRate(0.1)), steps: 4 });
const evaluation = evaluationProgram(lenet, { batchSize: 128 });

/** A convolution whose outputs lose the mean of their channel over the batch, then a dense layer. */
const centered = (batch: number) =>
  trainingSpec(batch, [4, 4, 3], (g, x) => {
    const [w, b, d] = [parameter("w", 3, 3, 3, 4), parameter("b", 4), parameter("d", 64, 3)];
    const conv = g.apply("conv", conv2d, { x, w }, { strides: [1, 1], padding: "same" });
    const y = g.apply("bias", bias, { x: conv, b }, {});
    const mean = g.apply(
      "mean",
      scaleBatch,
      { x: g.apply("sum", channelSum, { x: y }, {}) },
      { scale: -1 / (batch * 16) },
    );
    const z = g.apply("centered", bias, { x: y, b: mean }, {});
    return {
      logits: g.apply("logits", dense, { x: g.apply("flat", flatten, { x: z }, {}), w: d }, {}),
      parameters: [w, b, d],
    };
  });

function analysisOf(spec: ProgramSpec) {
  const order = [...spec.nodes, ...spec.updates];
  const tensors = [...spec.state, ...spec.perStep, ...order.flatMap((node) => node.writes)];
  const nodes = analyze(order, new Map(tensors.map((t) => [t.name, t])));
  return Object.fromEntries(nodes.map(({ node, kind, level }) => [node.name, `${kind} ${level}`]));
}

const phaseNames = (spec: ProgramSpec) =>
  planProgram(spec, wasm128).phases.map(({ work }) => work.map(({ kernel, parts }) => [kernel.name, parts]));

/** The names of the nests of a phase, in order. */
const nestsOf = ({ work }: Phase) => work.flatMap(({ kernel }) => [kernel.name, ...callsOf(kernel.body)]);

/** The names of the functions in a statement, in order. */
const callsOf = (s: Stmt): readonly string[] => {
  switch (s.kind) {
    case "call":
      return [s.name];
    case "block":
      return s.body.flatMap(callsOf);
    case "loop":
    case "let":
      return callsOf(s.body);
    case "store":
      return [];
  }
};

describe("the plan of LeNet", () => {
  it("has room for one sample of values used within one run, and for a tile of those that another run reads", () => {
    const [, segment] = planProgram(training.spec, wasm128).phases;
    const sizes = new Map(
      segment!.runs.flatMap(({ stmts }) => stmts.flatMap(buffersOf)).map((view) => [view.name, spanOf(view)]),
    );
    expect(sizes.get("train/localResponseNormalization_1.scratch.terms")).toBe(14 * 14 * 24); // 16 channels and a halo
    expect(sizes.get("train/localResponseNormalization_1")).toBe(2 * 18 * 18 * 16); // its kernel's gradient reads it
  });

  it("has one segment, with packing before it, and sums and then updates after it", () => {
    expect(phaseNames(training.spec)).toEqual([
      [
        ["train_barrier0_0", 1],
        ["train_dense_1.kernel.packed0_64s1_784s64", 4],
      ],
      [["train_segment0", 8]],
      [
        ["train_barrier1_0", 1],
        ["train_d.dense_1.dense.w_0", 8],
        ["train_d.conv2d_3.conv2d.w_join", 8],
        ["train_d.conv2d_2.conv2d.w_join", 8],
      ],
      [
        ["train_barrier1_1", 1],
        ["train_update.dense_1.kernel_0", 8],
      ],
    ]);
    expect(phaseNames(evaluation.spec)).toEqual([[["evaluate_segment0", 8]]]);
  });

  it("transforms kernels for Winograd's algorithm at a barrier, and then packs them for the segment", () => {
    const { spec } = trainingProgram(withWinograd(lenet), { batchSize: 16, optimizer: sgd(0.1), steps: 1 });
    const names = planProgram(spec, wasm128).phases.map(nestsOf);
    const place = (name: string) => names.findIndex((phase) => phase.some((found) => found.startsWith(name)));
    const [kernel, packed] = ["train_conv2d_2.winogradKernel_", "train_conv2d_2.winogradKernel.packed"].map(place);
    expect(kernel).toBe(0);
    expect(packed).toBeGreaterThan(kernel!);
    expect(place("train_segment0")).toBeGreaterThan(packed!);
  });

  it("sums gradients of convolutions by group, and those of dense layers at the barrier", () => {
    const kinds = analysisOf(training.spec);
    expect(kinds).toMatchObject({
      input: "samples 0",
      "conv2d_1.conv2d": "samples 0",
      dropout_1: "samples 0",
      dense_2: "samples 0",
      ".losses": "samples 0",
      ".loss": "deferred 1",
      ".accuracy": "deferred 1",
      "d..loss": "batch 0",
      "d..loss.x": "samples 0",
      "d.dense_2.dense.w": "deferred 1",
      "d.dense_1.b": "deferred 1",
      "d.conv2d_3.conv2d.w": "partial 0",
      "d.conv2d_1.b": "partial 0",
      "update.conv2d_1.kernel": "batch 1",
      "update.dense_2.bias": "batch 1",
    });
    expect(kinds).not.toHaveProperty("d.conv2d_1.conv2d.x"); // the image has no gradient
  });

  it("packs transposed weights before the segment, and updates after all sums", () => {
    const [before, samples, sums, after] = planProgram(training.spec, wasm128).phases;
    const packed = nestsOf(before!).filter((name) => name.includes(".packed"));
    expect(packed.map((name) => name.replace(/\.packed.*/, "")).sort()).toEqual([
      "train_conv2d_2.kernel",
      "train_conv2d_3.kernel",
      "train_dense_1.kernel",
      "train_dense_2.kernel",
    ]);
    const updates = [sums!, after!].flatMap(nestsOf).filter((name) => name.startsWith("train_update."));
    expect(updates.length).toBe(10);
    expect([before!, samples!].flatMap(nestsOf).join()).not.toContain("train_update.");
  });
});

describe("the plan of a network with values of the batch in the middle", () => {
  it("has a barrier wherever one is needed, forward and backward", () => {
    const { spec } = centered(6);
    expect(analysisOf(spec)).toMatchObject({
      conv: "samples 0",
      sum: "partial 0",
      mean: "batch 1",
      centered: "samples 1",
      "d.logits.x": "samples 1",
      "d.logits.w": "deferred 2",
      "d.centered.b": "partial 1",
      "d.mean.x": "batch 2",
      "d.sum.x": "samples 2",
      "d.bias.b": "partial 2",
      "d.conv.w": "partial 2",
      "update.w": "batch 3",
      "update.d": "batch 2",
    });
    expect(phaseNames(spec)).toEqual([
      [["train_barrier0_0", 1]],
      [["train_segment0", 6]],
      [["train_barrier1_0", 1]],
      [["train_segment1", 6]],
      [["train_barrier2_0", 1]],
      [["train_segment2", 6]],
      [["train_barrier3_0", 1]],
    ]);
  });

  it("updates a weight only after its last reader, even if its gradient is ready earlier", () => {
    const { phases } = planProgram(centered(6).spec, wasm128);
    const updates = phases.map((phase) => nestsOf(phase).filter((name) => name.includes("_update.")).length);
    expect(updates).toEqual([0, 0, 0, 0, 0, 0, 3]);
  });

  it("keeps only values that cross a barrier for the whole batch, from their first to their last phase", () => {
    const program = planProgram(centered(6).spec, wasm128);
    const find = (name: string) => program.allocations.find(({ view }) => view.name === `train/${name}`)!;
    for (const name of ["bias", "flat", "d.flat.x"]) {
      const { view, live } = find(name);
      expect(view.shape[0], name).toBe(6);
      if (live !== "always") expect(live.to - live.from, name).toBeGreaterThan(0);
    }
    // A tile is one sample here, and the only reader is the next nest.
    expect(spanOf(find("centered").view)).toBe(64);
    expect(find("centered").live).toEqual({ from: expect.any(Number), to: expect.any(Number) });
  });
});

const specs = {
  training: training.spec,
  evaluation: evaluation.spec,
  "batch 6": centered(6).spec,
  "batch 13": centered(13).spec,
};

describe.each(Object.entries(specs))("the kernels of %s", (_name, spec) => {
  const compiled = compile([spec], wasm128);

  it("are well formed", () => {
    for (const kernel of compiled.kernels) verify(kernel);
    expect(compiled.kernels.length).toBeGreaterThan(0);
  });

  it("access only buffers that have an offset", () => {
    for (const kernel of compiled.kernels)
      for (const view of buffersOf(kernel.body)) expect(compiled.layout.offsets.has(view.name), view.name).toBe(true);
  });
});

describe("compile", () => {
  it("gives programs one copy of the weights, and keeps other buffers separate from persistent state", () => {
    const both = compile([training.spec, evaluation.spec], wasm128);
    const [train, evaluate] = ["train", "evaluate"].map((name) => both.programs.get(name)!);
    for (const { tensor } of training.weights) expect(train!.view(tensor).name).toBe(evaluate!.view(tensor).name);
    const span = (tensor: Tensor) => {
      const start = both.layout.offsets.get(tensor.name)!;
      return { start, end: start + spanOf(train!.view(tensor)) * bytesOf[tensor.type] };
    };
    const state = training.weights.map((w) => span(w.tensor));
    for (const { view } of evaluate!.allocations) {
      if (both.layout.offsets.get(view.name) === undefined || training.spec.state.some((t) => t.name === view.name))
        continue;
      const start = both.layout.offsets.get(view.name)!;
      const end = start + spanOf(view) * bytesOf[view.type];
      expect(
        state.every((s) => end <= s.start || start >= s.end),
        view.name,
      ).toBe(true);
    }
  });

  it("packs weights separately for each program", () => {
    const { spec } = trainingProgram(lenet, { batchSize: 32, optimizer: sgd(constantRate(0.1)), steps: 1 });
    const both = compile([training.spec, { ...spec, name: "second" }], wasm128);
    const packed = [...both.layout.offsets.keys()].filter((name) => name.includes(".packed"));
    expect(packed.some((name) => name.startsWith("train/"))).toBe(true);
    expect(packed.some((name) => name.startsWith("second/"))).toBe(true);
  });

  it("never overlaps two values in a phase, or while one of them still has a reader", () => {
    const { spec } = trainingProgram(fast, { batchSize: 16, optimizer: sgd(constantRate(0.1)), steps: 1 });
    const { layout, programs } = compile([spec], wasm128);
    const { phases, allocations } = programs.get("train")!;
    const used = allocations
      .filter(({ view }) => !isInArena(view))
      .map(({ view }) => {
        const isUsed = ({ work }: Phase) =>
          work.some(({ kernel }) => buffersOf(kernel.body).some(({ name }) => name === view.name));
        const start = layout.offsets.get(view.name)!;
        return {
          ...{ name: view.name, start, end: start + spanOf(view) * bytesOf[view.type] },
          ...{ from: phases.findIndex(isUsed), to: phases.findLastIndex(isUsed) },
        };
      });
    let shared = 0;
    for (const [k, a] of used.entries())
      for (const b of used.slice(k + 1)) {
        if (a.start >= b.end || b.start >= a.end) continue;
        shared++;
        expect(a.to < b.from || b.to < a.from, `${a.name} and ${b.name}`).toBe(true);
      }
    expect(shared).toBeGreaterThan(0);
  });

  it.each([
    ["lenet", lenet],
    ["fast", fast],
    ["fast by Winograd's algorithm", withWinograd(fast)],
  ])("lets no two values of an arena share memory while both matter: %s", (_name, model) => {
    const { spec } = trainingProgram(model, { batchSize: 32, optimizer: sgd(constantRate(0.1)), steps: 1 });
    const { layout, programs } = compile([spec], wasm128);
    const { phases, allocations } = programs.get("train")!;
    const views = new Map(allocations.map(({ view }) => [view.name, view]));
    const place = (name: string) => {
      const start = layout.offsets.get(name)!;
      return { start, end: start + spanOf(views.get(name)!) * bytesOf[views.get(name)!.type] };
    };
    let shared = 0;
    for (const { runs, contracted } of phases) {
      // Functions by number; a value of a tile is used in every iteration of its runs, so it is live from end to end.
      const spans = new Map<string, { from: number; to: number }>();
      let first = 0;
      for (const { stmts } of runs) {
        for (const [k, stmt] of stmts.entries())
          for (const { name } of buffersOf(stmt).filter(isInArena)) {
            const [from, to] = contracted.has(name) ? [first + k, first + k] : [first, first + stmts.length - 1];
            spans.set(name, { from: Math.min(from, spans.get(name)?.from ?? from), to });
          }
        first += stmts.length;
      }
      for (const [a, s] of spans)
        for (const [b, t] of spans) {
          if (a >= b || place(a).start >= place(b).end || place(b).start >= place(a).end) continue;
          shared++;
          expect(s.to < t.from || t.to < s.from, `${a} and ${b}`).toBe(true);
        }
    }
    expect(shared).toBeGreaterThan(0);
  });

  it("needs less memory than separate buffers would", () => {
    const { allocations } = planProgram(training.spec, wasm128);
    const apart = allocations.map((a) => ({ ...a, live: "always" as const }));
    expect(allocate(allocations).bytes).toBeLessThan(allocate(apart).bytes);
  });
});

describe("analyze", () => {
  const x: Tensor = { name: "x", shape: [4, 3, 2], type: "f32", of: "samples" };
  const y: Tensor = { name: "y", shape: [2], type: "f32", of: "batch" };
  const summing = (finish: boolean): Node => ({
    name: "sum",
    writes: [y],
    scratch: [],
    nests: (view) => [
      contraction({ c: 2, n: 4, h: 3 }, ({ c, n, h }) => ({
        out: at(view(y), c),
        a: at(view(x), n, h, c),
        ...(finish && { finish: (sum) => div(sum, constant(12)) }),
      })),
    ],
  });
  const tensors = new Map([x, y].map((t) => [t.name, t]));

  it("rejects a sum by groups that has a finish", () => {
    expect(analyze([summing(false)], tensors)[0]!.kind).toBe("partial");
    expect(() => analyze([summing(true)], tensors)).toThrow(
      "sum: a sum of several terms per sample has an init or a finish",
    );
  });

  it("rejects sums over samples that are not contractions", () => {
    const loop: Node = {
      ...summing(false),
      nests: (view) => [{ kind: "store", ref: at(view(y), 0), value: load(at(view(x), 0, 0, 0)) }],
    };
    expect(() => analyze([loop], tensors)).toThrow("sum: only a contraction may sum over samples");
  });
});
