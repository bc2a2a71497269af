import { differentiate } from "../compiler/differentiate.ts";
import type { ProgramSpec } from "../compiler/program.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import { buildGraph, type GraphOptions, type Model, type ModelGraph, type StateTensor } from "../model/index.ts";
import { correct } from "../ops/correct.ts";
import type { Tensor } from "../ops/graph.ts";
import { mean } from "../ops/mean.ts";
import { softmaxCrossEntropy } from "../ops/softmaxCrossEntropy.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { AVERAGE, scalarNames, updated, updateNodes } from "./update.ts";

/** What the host feeds a program, and what it reads. */
interface DataTensors {
  /** [N,H,W,C] pixels and [N] class numbers of each step's batch. */
  readonly images: Tensor & { readonly type: "u8" };
  readonly labels: Tensor & { readonly type: "u32" };
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
  /** The moving averages that the trained model takes instead of parameters, by the parameters' names. */
  readonly averages: ReadonlyMap<string, Tensor>;
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

/** The graph from images to losses and right answers, which training and evaluation share. */
function withLoss(
  model: Model,
  batch: number,
  training: boolean,
  options: GraphOptions & { readonly labelSmoothing?: number },
) {
  const built = buildGraph(model, batch, training, options);
  const { graph, logits } = built;
  // Layers have no dots at the start of their names, so these names are free.
  const labels = { name: ".labels", shape: [batch], type: "u32", of: "samples" } as const satisfies Tensor;
  const losses = graph.apply(
    ".losses",
    softmaxCrossEntropy,
    { x: logits, label: labels },
    { labelSmoothing: options.labelSmoothing ?? 0 },
  ) as Float;
  const right = graph.apply(".correct", correct, { x: logits, label: labels }, {}) as Float;
  return { ...built, labels, losses, right };
}

const dataTensors = ({ images, weights }: ModelGraph, labels: DataTensors["labels"]): DataTensors => ({
  images: images as DataTensors["images"],
  labels,
  weights,
});

const stateOf = ({ weights }: DataTensors): readonly Tensor[] => [
  ...weights.map((w) => w.tensor),
  seedTensor,
  firstStepTensor,
];

export interface TrainingOptions {
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /** The most steps in one call. */
  readonly steps: number;
}

/** The program that trains a model: forward, backward, and the optimizer's update of every parameter. */
export function trainingProgram(model: Model, { batchSize, optimizer, steps }: TrainingOptions): TrainingProgram {
  const built = withLoss(model, batchSize, true, { labelSmoothing: model.labelSmoothing });
  const { graph, losses, right } = built;
  const loss = graph.apply(".loss", mean, { x: losses }, { batch: batchSize }) as Float;
  const accuracy = graph.apply(".accuracy", mean, { x: right }, { batch: batchSize }) as Float;
  const tensors = dataTensors(built, built.labels);
  const parameters = built.parameters.map((p) => p.tensor);
  const gradients = differentiate(graph.applications, loss, parameters);
  const names = scalarNames(optimizer);
  const scalars = { name: ".scalars", shape: [names.length], type: "f32", of: "batch" } as const satisfies Tensor;
  const all = built.parameters.map(({ tensor: w, decays }) => updated(w, gradients.of.get(w)!, decays, optimizer));
  const averages = new Map(all.flatMap(({ w, average }) => (average ? [[w.name, average] as const] : [])));
  const kept = [...all.flatMap((u) => Object.values(u.slots)), ...averages.values()];
  const spec: ProgramSpec = {
    name: "train",
    batch: batchSize,
    steps,
    nodes: [...graph.applications, ...gradients.nodes],
    updates: [...updateNodes(all, scalars, optimizer), ...built.updates],
    state: [...stateOf(tensors), ...kept],
    perStep: [tensors.images, tensors.labels, scalars, loss, accuracy],
    outputs: [],
  };
  return {
    ...tensors,
    spec,
    scalars,
    averages,
    state: [...built.weights.map((w) => w.tensor), ...kept],
    loss,
    accuracy,
  };
}

export interface EvaluationOptions {
  readonly batchSize: number;
  /** Drop as in training, which is how the seed's author validated: false. */
  readonly dropout?: boolean;
  /** Read the moving averages of the parameters that a training program keeps in the same engine: false. */
  readonly averages?: boolean;
  /** Its name in the engine: "evaluate". */
  readonly name?: string;
}

/** The program that predicts. */
export function evaluationProgram(
  model: Model,
  { batchSize, dropout = false, averages = false, name = "evaluate" }: EvaluationOptions,
): EvaluationProgram {
  const built = withLoss(model, batchSize, dropout, { parameterSuffix: averages ? AVERAGE : "" });
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
    perStep: [tensors.images, tensors.labels],
    outputs: [logits, losses, right],
  };
  return { ...tensors, spec, logits, losses, correct: right };
}
