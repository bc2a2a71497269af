import { philox, purposes, toUnit } from "../../src/base/philox.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { differentiate } from "../../src/compiler/differentiate.ts";
import type { ProgramSpec } from "../../src/compiler/plan.ts";
import { firstStepTensor, seedTensor } from "../../src/compiler/storage.ts";
import { constant, elementwise, fma, load, mul } from "../../src/ir/build.ts";
import { contraction } from "../../src/ir/contraction.ts";
import type { Affine } from "../../src/ir/types.ts";
import { at } from "../../src/ir/view.ts";
import { Graph, type Node, type Tensor } from "../../src/ops/graph.ts";
import { mean } from "../../src/ops/mean.ts";
import { normalize } from "../../src/ops/normalize.ts";
import { defineOp } from "../../src/ops/op.ts";
import { softmaxCrossEntropy } from "../../src/ops/softmaxCrossEntropy.ts";

const notUsed = () => {
  throw new Error("ops of these tests are checked by finite differences");
};

/** s[c] = Σ_{n,…} x[n,…,c], a value of the batch: one term per sample if x is [N,C], several otherwise. */
export const channelSum = defineOp()({
  name: "channelSum",
  inputs: ["x"],
  output: "batch",
  infer: ({ x }) => [x.at(-1)!],
  forward: ({ x }, y) => [
    contraction(
      {
        c: x.shape.at(-1)!,
        n: x.shape[0]!,
        ...Object.fromEntries(x.shape.slice(1, -1).map((e, d) => [`d${d}`, e])),
      } as Record<string, number>,
      ({ c, n, ...between }: Record<string, Affine>) => ({
        out: at(y, c!),
        a: at(x, n!, ...Object.values(between), c!),
      }),
    ),
  ],
  backward: { x: (_t, _y, dy, dx) => [elementwise(dx, (i) => load(at(dy, i.at(-1)!)))] },
  reference: notUsed,
  samples: [],
});

/** y = scale · x, of samples or of the batch. */
const scaleWith = (output: "sample" | "batch") =>
  defineOp<{ readonly scale: number }>()({
    name: "scale",
    inputs: ["x"],
    output,
    infer: ({ x }) => x,
    forward: ({ x }, y, { scale }) => [elementwise(y, (i) => mul(load(at(x, ...i)), constant(scale)))],
    backward: {
      x: (_t, _y, dy, dx, { scale }) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), constant(scale)))],
    },
    reference: notUsed,
    samples: [],
  });
export const scale = scaleWith("sample");
export const scaleBatch = scaleWith("batch");

/** y = a · b, element by element, so that gradients depend on values. */
export const multiply = defineOp()({
  name: "multiply",
  inputs: ["a", "b"],
  infer: ({ a }) => a,
  forward: ({ a, b }, y) => [elementwise(y, (i) => mul(load(at(a, ...i)), load(at(b, ...i))))],
  backward: {
    a: ({ b }, _y, dy, da) => [elementwise(da, (i) => mul(load(at(dy, ...i)), load(at(b, ...i))))],
    b: ({ a }, _y, dy, db) => [elementwise(db, (i) => mul(load(at(dy, ...i)), load(at(a, ...i))))],
  },
  reference: notUsed,
  samples: [],
});

export const parameter = (name: string, ...shape: number[]): Tensor => ({ name, shape, type: "f32", of: "batch" });

/** The result of the body of a network: logits [N,K], and its parameters. */
type Body = (graph: Graph, x: Tensor) => { readonly logits: Tensor; readonly parameters: readonly Tensor[] };

const named = <const T extends Tensor>(t: T): T => t;

/** A program that trains a graph with plain SGD, for graphs that are not made of layers. */
export function trainingSpec(batch: number, image: readonly [number, number, number], body: Body, steps = 8) {
  const graph = new Graph();
  const images = named({ name: "images", shape: [batch, ...image], type: "u8", of: "samples" });
  const labels = named({ name: "labels", shape: [batch], type: "u32", of: "samples" });
  const learningRate = named({ name: "learningRate", shape: [1], type: "f32", of: "batch" });
  const x = graph.apply("input", normalize, { x: images }, { mean: 127.5, scale: 255 });
  const { logits, parameters } = body(graph, x);
  const losses = graph.apply("losses", softmaxCrossEntropy, { x: logits, label: labels }, {});
  const loss = graph.apply("loss", mean, { x: losses }, { batch }) as Tensor & { type: "f32" };
  const gradients = differentiate(graph.applications, loss, parameters);
  const updates = parameters.map(
    (w): Node => ({
      name: `update.${w.name}`,
      writes: [w],
      scratch: [],
      nests: (view) => [
        elementwise(view(w), (i) =>
          fma(
            mul(constant(-1), load(at(view(learningRate), 0))),
            load(at(view(gradients.of.get(w)!), ...i)),
            load(at(view(w), ...i)),
          ),
        ),
      ],
    }),
  );
  const spec: ProgramSpec = {
    name: "train",
    batch,
    steps,
    nodes: [...graph.applications, ...gradients.nodes],
    updates,
    state: [...parameters, seedTensor, firstStepTensor],
    perStep: [images, labels, learningRate, loss],
    outputs: [],
  };
  return { spec, images, labels, learningRate, loss, parameters, gradients: gradients.of, graph };
}

/** Random float32 numbers in ±scale, the same in every run. */
export const randomFloats = (shape: Shape, stream: number, scale = 0.5): Float32Array =>
  Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => scale * (2 * toUnit(philox([1, purposes.test], [i, stream, 0, 0])[0]) - 1),
  );
export const randomBytes = (count: number, stream = 99): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => philox([1, purposes.test], [i, stream, 0, 0])[0] & 255);
