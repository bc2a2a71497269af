import { differentiate } from "../compiler/differentiate.ts";
import type { ProgramSpec } from "../compiler/program.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import { buildGraph, type Model, type ModelGraph, type StateTensor } from "../model/index.ts";
import { correct } from "../ops/correct.ts";
import { gatherLabels } from "../ops/gatherLabels.ts";
import type { Tensor } from "../ops/graph.ts";
import { mean } from "../ops/mean.ts";
import { softmaxCrossEntropy } from "../ops/softmaxCrossEntropy.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { scalarNames, slotsOf, type Updated, updateNode } from "./update.ts";

/** What the host feeds a program, and what it reads. */
interface DataTensors {
  /** [M,H,W,C] pixels and [M] class numbers of the whole data set. */
  readonly images: Tensor & { readonly type: "u8" };
  readonly labels: Tensor & { readonly type: "u32" };
  /** [N] numbers of the batch's images in the data set. */
  readonly rows: Tensor & { readonly type: "u32" };
  /** What a trained model consists of: parameters, and states such as running means. */
  readonly weights: readonly StateTensor[];
}

type Float = Tensor & { readonly type: "f32" };

/** One step of training: loss, gradients, update. */
export interface TrainingProgram extends DataTensors {
  readonly spec: ProgramSpec;
  /** [S], fed for each step: the optimizer's numbers, such as the learning rate. */
  readonly scalars: Float;
  /** What training changes: the model's weights, and what the optimizer keeps for them. */
  readonly state: readonly Tensor[];
  /** [1], of the step's batch before its update: the mean loss in nats, and the share of right answers. */
  readonly loss: Float;
  readonly accuracy: Float;
}

/** Predictions for a batch of images. */
export interface EvaluationProgram extends DataTensors {
  readonly spec: ProgramSpec;
  /** [N,K] */
  readonly logits: Float;
  /** [N] losses in nats, and 1 for each right answer. */
  readonly losses: Float;
  readonly correct: Float;
}

/** The graph from rows to losses and right answers, which training and evaluation share. */
function withLoss(model: Model, batch: number, training: boolean, dataSize: number) {
  const built = buildGraph(model, batch, training, dataSize);
  const { graph, rows, logits } = built;
  const labels = { name: "labels", shape: [dataSize], type: "u32", of: "batch" } as const satisfies Tensor;
  // Layers have no dots at the start of their names, so these names are free.
  const label = graph.apply(".label", gatherLabels, { labels, rows }, {});
  const losses = graph.apply(".losses", softmaxCrossEntropy, { x: logits, label }, {}) as Float;
  const right = graph.apply(".correct", correct, { x: logits, label }, {}) as Float;
  return { ...built, labels, losses, right };
}

const dataTensors = ({ images, rows, weights }: ModelGraph, labels: DataTensors["labels"]): DataTensors => ({
  images: images as DataTensors["images"],
  labels,
  rows: rows as DataTensors["rows"],
  weights,
});

const stateOf = ({ images, labels, weights }: DataTensors): readonly Tensor[] => [
  ...weights.map((w) => w.tensor),
  images,
  labels,
  seedTensor,
  firstStepTensor,
];

export interface TrainingOptions {
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /** The number of images in the data set. */
  readonly dataSize: number;
  /** The most steps in one call. */
  readonly steps: number;
}

/** The program that trains a model: forward, backward, and the optimizer's update of every parameter. */
export function trainingProgram(
  model: Model,
  { batchSize, optimizer, dataSize, steps }: TrainingOptions,
): TrainingProgram {
  const built = withLoss(model, batchSize, true, dataSize);
  const { graph, losses, right } = built;
  const loss = graph.apply(".loss", mean, { x: losses }, { batch: batchSize }) as Float;
  const accuracy = graph.apply(".accuracy", mean, { x: right }, { batch: batchSize }) as Float;
  const tensors = dataTensors(built, built.labels);
  const parameters = built.parameters.map((p) => p.tensor);
  const gradients = differentiate(graph.applications, loss, parameters);
  const names = scalarNames(optimizer);
  const scalars = { name: ".scalars", shape: [names.length], type: "f32", of: "batch" } as const satisfies Tensor;
  const updated = built.parameters.map(({ tensor: w, decays }): Updated => {
    return { w, dw: gradients.of.get(w)!, slots: slotsOf(w, optimizer), decays };
  });
  const slots = updated.flatMap((u) => Object.values(u.slots));
  const spec: ProgramSpec = {
    name: "train",
    batch: batchSize,
    steps,
    nodes: [...graph.applications, ...gradients.nodes],
    updates: [...updated.map((u) => updateNode(u, scalars, optimizer)), ...built.updates],
    state: [...stateOf(tensors), ...slots],
    perStep: [built.rows, scalars, loss, accuracy],
    outputs: [],
  };
  return { ...tensors, spec, scalars, state: [...built.weights.map((w) => w.tensor), ...slots], loss, accuracy };
}

/** The program that predicts. With `dropout` it drops as in training, which is how the seed's author validated. */
export function evaluationProgram(
  model: Model,
  {
    batchSize,
    dataSize,
    dropout = false,
    name = "evaluate",
  }: { readonly batchSize: number; readonly dataSize: number; readonly dropout?: boolean; readonly name?: string },
): EvaluationProgram {
  const built = withLoss(model, batchSize, dropout, dataSize);
  const { graph, losses, right } = built;
  const logits = built.logits as Float;
  const tensors = dataTensors(built, built.labels);
  const spec: ProgramSpec = {
    name,
    batch: batchSize,
    steps: 1,
    nodes: graph.applications,
    updates: [],
    state: stateOf(tensors),
    perStep: [built.rows],
    outputs: [logits, losses, right],
  };
  return { ...tensors, spec, logits, losses, correct: right };
}
