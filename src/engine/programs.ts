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
import { forwardSpec, stateOf } from "./imagePrograms.ts";
import { AVERAGE, scalarNames, updated, updateNodes } from "./update.ts";

/** The tensors of a program that the host feeds, and its weights. */
interface DataTensors extends Fed {
  /** With mixup: the labeled images to mix with. */
  readonly others?: Fed;
  /** The weights of the model: parameters, and states such as running means. */
  readonly weights: readonly StateTensor[];
}

/** The training program. A step computes the loss and the gradients, and updates the weights. */
export interface TrainingProgram extends DataTensors {
  readonly spec: ProgramSpec;
  /** [S], fed for each step: the optimizer's scalars, such as the learning rate. */
  readonly scalars: FloatTensor;
  /** [2], fed for each step if gradients are accumulated: the training step, and the index in it of the first image. */
  readonly place?: Tensor & { readonly type: "u32" };
  /** The tensors that training changes: the model's weights, the training states of layers, the slots of the optimizer. */
  readonly state: readonly Tensor[];
  /** Those of the state that a trial run of the first batch initializes. */
  readonly trainingStates: readonly Tensor[];
  /** The weights that the optimizer updates: all except states such as running means. */
  readonly parameters: readonly Tensor[];
  /** The gradients of the mean loss of a step, by parameter. */
  readonly gradients: ReadonlyMap<Tensor, Tensor>;
  /** The moving averages that replace parameters in the trained model, by the names of the parameters. */
  readonly averages: ReadonlyMap<string, Tensor>;
  /** [1], for the step's batch before the update: the mean loss in nats, and the accuracy. */
  readonly loss: FloatTensor;
  readonly accuracy: FloatTensor;
}

/** The evaluation program: predictions for a batch of labeled images, and their losses. */
export interface EvaluationProgram extends DataTensors {
  readonly spec: ProgramSpec;
  /** [N,K] */
  readonly logits: FloatTensor;
  /** [N] losses in nats, and 1 for each correct prediction. */
  readonly losses: FloatTensor;
  readonly correct: FloatTensor;
}

/** The graph from images to losses and correct predictions, which training and evaluation share. */
function withLoss(model: Model, batch: number, training: boolean, options: LossOptions) {
  const built = buildGraph(model, batch, training, options);
  const { graph, mixing } = built;
  // Names of layers do not start with a dot, so these names cannot collide.
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
  /** Whether losses are weighted. */
  readonly weighted?: boolean;
};

/** The losses and correct predictions for the labels of the given images. */
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

/** The tensors that the host feeds for each step. */
const fedTensors = ({ others, ...own }: DataTensors): readonly Tensor[] =>
  [own, ...(others ? [others] : [])].flatMap(({ images, labels, sampleWeights }) => [
    images,
    labels,
    ...(sampleWeights ? [sampleWeights] : []),
  ]);

/** How a model is trained. */
export interface TrainingOptions {
  /** Images in one step of the program; a training step has `accumulation` times as many. */
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /** The largest number of steps in one call. */
  readonly steps: number;
  /** Batches whose gradients are accumulated before an update. Default: 1. */
  readonly accumulation?: number;
  /** Mixes images and labels, at ratios from Beta(mixup, mixup). Default: 0, for no mixing. */
  readonly mixup?: number;
  /** Whether losses are weighted, with weights fed by the host. Default: false. */
  readonly weighted?: boolean;
}

/** The program that trains a model: forward pass, backward pass, and the optimizer's update of each parameter. */
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
  const kept = [...built.trainingStates, ...all.flatMap((u) => Object.values(u.slots)), ...averages.values()];
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
    parameters,
    gradients: gradientOf,
    averages,
    state: [...built.weights.map((w) => w.tensor), ...kept],
    trainingStates: built.trainingStates,
    loss,
    accuracy,
  };
}

/** How a model is evaluated. */
export interface EvaluationOptions {
  readonly batchSize: number;
  /** Run layers as in training, with dropout, as the author of the recipe `lenet` validated. Default: false. */
  readonly dropout?: boolean;
  /** Use the moving averages of the parameters that a training program in the same engine keeps. Default: false. */
  readonly averages?: boolean;
  /** The name of the program in the engine. Default: "evaluate". */
  readonly name?: string;
}

/** The program that evaluates a model on labeled images, as at inference or, with `dropout`, as in training. */
export function evaluationProgram(
  model: Model,
  { batchSize, dropout = false, averages = false, name = "evaluate" }: EvaluationOptions,
): EvaluationProgram {
  const built = withLoss(model, batchSize, dropout, { parameterSuffix: averages ? AVERAGE : "" });
  const { graph, losses, right } = built;
  const logits = built.logits as FloatTensor;
  const tensors = dataTensors(built);
  const nodes = graph.applications;
  const perStep = fedTensors(tensors);
  const spec = forwardSpec(
    { name, batch: batchSize, nodes, perStep, outputs: [logits, losses, right] },
    tensors.weights,
    built.trainingStates,
  );
  return { ...tensors, spec, logits, losses, correct: right };
}
