import { InklingError } from "../base/error.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import { firstStepTensor, seedTensor } from "../compiler/storage.ts";
import { buildGraph, buildLayers, inferenceGraph, type LayeredNetwork, type StateTensor } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import type { Tensor } from "../ops/graph.ts";
import { asFloat, type FloatTensor, type ImageTensor } from "./feed.ts";

/** What outlives a step of any program: the model's weights, and what random ops depend on. */
export const stateOf = (weights: readonly StateTensor[]): readonly Tensor[] => [
  ...weights.map(({ tensor }) => tensor),
  seedTensor,
  firstStepTensor,
];

/** From the pixels of a batch to its logits. It knows of no labels, and nothing in it is random. */
export interface PredictionProgram {
  readonly spec: ProgramSpec;
  /** [N,H,W,C] pixels, which the host feeds. */
  readonly images: ImageTensor;
  /** What the host loads once: parameters, and states such as running means. */
  readonly weights: readonly StateTensor[];
  /** [N,K], which the host reads. */
  readonly logits: FloatTensor;
}

/**
 * The program that predicts: pixels [N,H,W,C] → logits [N,K], N being `batchSize`. For a model with weights, give it the
 * model and load the weights that `foldBatchNormalization` gives, which has less to compute.
 */
export function predictionProgram(
  model: Model,
  { batchSize, name = "predict" }: { readonly batchSize: number; readonly name?: string },
): PredictionProgram {
  const { graph, images, logits, weights } =
    batchSize === 1 ? inferenceGraph(model) : buildGraph(model, batchSize, false);
  const spec: ProgramSpec = {
    name,
    batch: batchSize,
    steps: 1,
    nodes: graph.applications,
    updates: [],
    state: stateOf(weights),
    perStep: [images],
    outputs: [logits],
  };
  return { spec, images: images as ImageTensor, weights, logits: asFloat(logits) };
}

/** From the pixels of a batch to what a network sees of them in training. */
export interface AugmentationProgram {
  readonly spec: ProgramSpec;
  /** [N,H,W,C] pixels, which the host feeds. */
  readonly images: ImageTensor;
  /** [N,H,W,C], the images that each of the batch is mixed with, where it is. */
  readonly others?: ImageTensor;
  /** [N,…], the output of the last layer; the normalized images where there is none. */
  readonly output: FloatTensor;
}

/**
 * The program that augments: pixels [N,H,W,C], normalized, mixed with others at ratios from Beta(mixup, mixup) where
 * mixup is not 0, through layers as in training. Throws `INVALID_ARGUMENT` for a layer that has weights.
 */
export function augmentationProgram(
  network: LayeredNetwork,
  { batchSize, mixup = 0 }: { readonly batchSize: number; readonly mixup?: number },
): AugmentationProgram {
  const { graph, images, mixing, output, weights } = buildLayers(network, batchSize, true, { mixup });
  if (weights.length > 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `augment: ${weights[0]!.tensor.name} is a weight, and there are none to augment with; give layers such as randomAffine`,
    );
  const spec: ProgramSpec = {
    name: "augment",
    batch: batchSize,
    steps: 1,
    nodes: graph.applications,
    updates: [],
    state: stateOf([]),
    perStep: [images, ...(mixing ? [mixing.images] : [])],
    outputs: [output],
  };
  return {
    spec,
    images: images as ImageTensor,
    ...(mixing && { others: mixing.images as ImageTensor }),
    output: asFloat(output),
  };
}
