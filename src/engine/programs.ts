import { differentiate } from "../compiler/differentiate.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import { buildGraph, type GraphOptions, type Model, type ModelGraph, type StateTensor } from "../model/index.ts";
import { correct } from "../ops/correct.ts";
import type { Tensor } from "../ops/graph.ts";
import { mean } from "../ops/mean.ts";
import { mix } from "../ops/mix.ts";
import { softmaxCrossEntropy } from "../ops/softmaxCrossEntropy.ts";
import { weigh } from "../ops/weigh.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { checkWeightDecayMask } from "../optimizers/weightDecayMask.ts";
import { accumulate } from "./accumulate.ts";
import type { Fed, FloatTensor } from "./feed.ts";
import { stateOf } from "./imagePrograms.ts";
import { AVERAGE, scalarNames, updated, updateNodes } from "./update.ts";

/** What the host feeds a program, and what it reads. */
interface DataTensors extends Fed {
  /** The images that each of the batch is mixed with, where it is. */
  readonly others?: Fed;
  /** What a trained model consists of: parameters, and states such as running means. */
  readonly weights: readonly StateTensor[];
}

/** One step of training: loss, gradients, update. */
export interface TrainingProgram extends DataTensors {
  readonly spec: ProgramSpec;
  /** [S], fed for each step: the optimizer's numbers, such as the learning rate. */
  readonly scalars: FloatTensor;
  /** [2], fed for each step where gradients are accumulated: the training's step, and the first image's place in it. */
  readonly place?: Tensor & { readonly type: "u32" };
  /** What training changes: the model's weights, and what the optimizer keeps for them. */
  readonly state: readonly Tensor[];
  /** The moving averages that the trained model takes instead of parameters, by the parameters' names. */
  readonly averages: ReadonlyMap<string, Tensor>;
  /** [1], of the step's batch before its update: the mean loss in nats, and the share of right answers. */
  readonly loss: FloatTensor;
  readonly accuracy: FloatTensor;
}

/** Predictions for a batch of labeled images, and how good they are. */
export interface EvaluationProgram extends DataTensors {
  readonly spec: ProgramSpec;
  /** [N,K] */
  readonly logits: FloatTensor;
  /** [N] losses in nats, and 1 for each right answer. */
  readonly losses: FloatTensor;
  readonly correct: FloatTensor;
}

/** The graph from images to losses and right answers, which training and evaluation share. */
function withLoss(model: Model, batch: number, training: boolean, options: LossOptions) {
  const built = buildGraph(model, batch, training, options);
  const { graph, mixing } = built;
  // Layers have no dots at the start of their names, so these names are free.
  const own = scored(built, built.images, "", options);
  if (!mixing) return { ...built, fed: own.fed, others: undefined, losses: own.losses, right: own.right };
  const others = scored(built, mixing.images, ".others", options);
  const mixed = (name: string, a: Tensor, b: Tensor) =>
    graph.apply(name, mix, { a, b, r: mixing.ratio }, {}) as FloatTensor;
  return {
    ...built,
    fed: own.fed,
    others: others.fed,
    losses: mixed(".mixedLosses", own.losses, others.losses),
    right: mixed(".mixedCorrect", own.right, others.right),
  };
}

type LossOptions = GraphOptions & {
  readonly labelSmoothing?: number;
  /** Whether losses have weights. */
  readonly weighted?: boolean;
};

/** The losses and right answers by the labels of some images. */
function scored({ graph, logits }: ModelGraph, images: Tensor, prefix: string, options: LossOptions) {
  const [batch] = logits.shape as [number];
  const { labelSmoothing = 0, weighted = false } = options;
  const labels = { name: `${prefix}.labels`, shape: [batch], type: "u32", of: "samples" } as const satisfies Tensor;
  const sampleWeights = { ...labels, name: `${prefix}.sampleWeights`, type: "f32" } as const;
  const given = { x: logits, label: labels };
  const plain = graph.apply(`${prefix}.losses`, softmaxCrossEntropy, given, { labelSmoothing }) as FloatTensor;
  const losses = weighted
    ? (graph.apply(`${prefix}.weighedLosses`, weigh, { x: plain, w: sampleWeights }, {}) as FloatTensor)
    : plain;
  const right = graph.apply(`${prefix}.correct`, correct, given, {}) as FloatTensor;
  const fed: Fed = { images: images as Fed["images"], labels, ...(weighted && { sampleWeights }) };
  return { fed, losses, right };
}

const dataTensors = ({ fed, others, weights }: ReturnType<typeof withLoss>): DataTensors => ({
  ...fed,
  ...(others && { others }),
  weights,
});

/** What the host feeds for each step. */
const fedTensors = ({ others, ...own }: DataTensors): readonly Tensor[] =>
  [own, ...(others ? [others] : [])].flatMap(({ images, labels, sampleWeights }) => [
    images,
    labels,
    ...(sampleWeights ? [sampleWeights] : []),
  ]);

export interface TrainingOptions {
  /** Images of one step of the program; a step of the training has `accumulation` times as many. */
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /** The most steps in one call. */
  readonly steps: number;
  /** Batches whose gradients are summed up before an update: 1. */
  readonly accumulation?: number;
  /** Mixes images and labels, at ratios from Beta(mixup, mixup): 0, for not at all. */
  readonly mixup?: number;
  /** Whether losses have weights, which are fed: false. */
  readonly weighted?: boolean;
}

/** The program that trains a model: forward, backward, and the optimizer's update of every parameter. */
export function trainingProgram(model: Model, options: TrainingOptions): TrainingProgram {
  const { batchSize, optimizer, steps, accumulation = 1, mixup = 0, weighted = false } = options;
  const built = withLoss(model, batchSize, true, { labelSmoothing: model.labelSmoothing, mixup, weighted });
  const { graph, losses, right } = built;
  const loss = graph.apply(".loss", mean, { x: losses }, { batch: batchSize }) as FloatTensor;
  const accuracy = graph.apply(".accuracy", mean, { x: right }, { batch: batchSize }) as FloatTensor;
  const tensors = dataTensors(built);
  const parameters = built.parameters.map((p) => p.tensor);
  const gradients = differentiate(graph.applications, loss, parameters);
  const names = scalarNames(optimizer);
  const scalars = { name: ".scalars", shape: [names.length], type: "f32", of: "batch" } as const satisfies Tensor;
  const summed =
    accumulation > 1 ? accumulate(parameters, gradients.of, { batchSize, count: accumulation }) : undefined;
  const gradientOf = summed?.of ?? gradients.of;
  checkWeightDecayMask(optimizer.weightDecayMask, parameters);
  const all = parameters.map((w) => updated(w, gradientOf.get(w)!, optimizer));
  const averages = new Map(all.flatMap(({ w, average }) => (average ? [[w.name, average] as const] : [])));
  const kept = [...all.flatMap((u) => Object.values(u.slots)), ...averages.values()];
  const spec: ProgramSpec = {
    name: "train",
    batch: batchSize,
    steps,
    nodes: [...graph.applications, ...gradients.nodes],
    updates: [...(summed?.nodes ?? []), ...updateNodes(all, scalars, optimizer, summed?.isLast), ...built.updates],
    state: [...stateOf(tensors.weights), ...kept, ...(summed?.of.values() ?? [])],
    perStep: [...fedTensors(tensors), scalars, ...(summed ? [summed.place] : []), loss, accuracy],
    ...(summed && { place: summed.place }),
    outputs: [],
  };
  return {
    ...tensors,
    spec,
    scalars,
    ...(summed && { place: summed.place }),
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

/** The program that scores a model on labeled images, as it predicts or, with `dropout`, as it trains. */
export function evaluationProgram(
  model: Model,
  { batchSize, dropout = false, averages = false, name = "evaluate" }: EvaluationOptions,
): EvaluationProgram {
  const built = withLoss(model, batchSize, dropout, { parameterSuffix: averages ? AVERAGE : "" });
  const { graph, losses, right } = built;
  const logits = built.logits as FloatTensor;
  const tensors = dataTensors(built);
  const spec: ProgramSpec = {
    name,
    batch: batchSize,
    steps: 1,
    nodes: graph.applications,
    updates: [],
    state: stateOf(tensors.weights),
    perStep: fedTensors(tensors),
    outputs: [logits, losses, right],
  };
  return { ...tensors, spec, logits, losses, correct: right };
}
