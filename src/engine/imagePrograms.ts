import { InklingError } from "../base/error.ts";
import { didYouMean } from "../base/nearest.ts";
import { quoted } from "../base/printable.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import { buildGraph, buildLayers, inferenceGraph, type LayeredNetwork, type StateTensor } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import type { Tensor } from "../ops/graph.ts";
import { asFloat, type FloatTensor, type ImageTensor } from "./feed.ts";

/** The state of every program: the model's weights, and the seed and first step for random ops. */
export const stateOf = (weights: readonly StateTensor[]): readonly Tensor[] => [
  ...weights.map(({ tensor }) => tensor),
  seedTensor,
  firstStepTensor,
];

/** A program that runs the nodes once per batch and updates nothing; as in training, it also reads the training states. */
export const forwardSpec = (
  { name, batch, nodes, perStep, outputs }: Pick<ProgramSpec, "name" | "batch" | "nodes" | "perStep" | "outputs">,
  weights: readonly StateTensor[],
  trainingStates: readonly Tensor[] = [],
): ProgramSpec => ({
  ...{ name, batch, steps: 1, nodes, updates: [], perStep, outputs },
  state: [...stateOf(weights), ...trainingStates],
});

/** A program from pixels to logits. It needs no labels, and nothing in it is random. */
export interface PredictionProgram {
  readonly spec: ProgramSpec;
  /** [N,H,W,C] pixels, fed by the host. */
  readonly images: ImageTensor;
  /** The weights that the host loads once: parameters, and states such as running means. */
  readonly weights: readonly StateTensor[];
  /** [N,K], read by the host. */
  readonly logits: FloatTensor;
  /** [N,…], the outputs of the layers that were asked for, by name, read by the host. */
  readonly layers: ReadonlyMap<string, FloatTensor>;
}

/** How a prediction program is built. */
export interface PredictionOptions {
  readonly batchSize: number;
  /** The layers of the model whose outputs are kept for the host; "input" is the normalized image. Default: none. */
  readonly layers?: readonly string[];
}

/**
 * The inference program: pixels [N,H,W,C] → logits [N,K], where N is `batchSize`. It is faster for the model and weights
 * that `foldBatchNormalization` returns. Throws `INVALID_ARGUMENT` for a layer that the model does not have.
 */
export function predictionProgram(model: Model, { batchSize, layers = [] }: PredictionOptions): PredictionProgram {
  const { graph, images, logits, weights, outputs } =
    batchSize === 1 ? inferenceGraph(model) : buildGraph(model, batchSize, false);
  const nodes = graph.applications;
  const kept = layers.map((layer) => [layer, outputOf(outputs, layer)] as const);
  const read = new Set([logits, ...kept.map(([, tensor]) => tensor)]); // layers that change nothing share a tensor
  const spec = forwardSpec(
    { name: "predict", batch: batchSize, nodes, perStep: [images], outputs: [...read] },
    weights,
  );
  return { spec, images: images as ImageTensor, weights, logits: asFloat(logits), layers: new Map(kept) };
}

function outputOf(outputs: ReadonlyMap<string, Tensor>, layer: string): FloatTensor {
  const found = outputs.get(layer);
  if (found) return asFloat(found);
  const names = [...outputs.keys()];
  throw new InklingError(
    "INVALID_ARGUMENT",
    `activations: there is no layer ${quoted(layer)}${didYouMean(layer, names)}; the layers are ${names.join(", ")}`,
  );
}

/** A program from pixels to the augmented images that a network is trained on. */
export interface AugmentationProgram {
  readonly spec: ProgramSpec;
  /** [N,H,W,C] pixels, fed by the host. */
  readonly images: ImageTensor;
  /** [N,H,W,C], with mixup: the images to mix with. */
  readonly others?: ImageTensor;
  /** [N,…], the output of the last layer; the normalized images if there are no layers. */
  readonly output: FloatTensor;
}

/**
 * The augmentation program: normalizes pixels [N,H,W,C], mixes them with others at ratios from Beta(mixup, mixup) unless
 * mixup is 0, and applies layers as in training. Throws `INVALID_ARGUMENT` for a layer that has weights.
 */
export function augmentationProgram(
  network: LayeredNetwork,
  { batchSize, mixup = 0 }: { readonly batchSize: number; readonly mixup?: number },
): AugmentationProgram {
  const { graph, images, mixing, output, weights } = buildLayers(network, batchSize, true, { mixup });
  if (weights.length > 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `augment: ${weights[0]!.tensor.name} is a weight, but augmentation takes layers without weights, such as randomAffine`,
    );
  const nodes = graph.applications;
  const perStep = [images, ...(mixing ? [mixing.images] : [])];
  const spec = forwardSpec({ name: "augment", batch: batchSize, nodes, perStep, outputs: [output] }, weights);
  return {
    spec,
    images: images as ImageTensor,
    ...(mixing && { others: mixing.images as ImageTensor }),
    output: asFloat(output),
  };
}
