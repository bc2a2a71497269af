import { InklingError } from "../base/error.ts";
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
}

/**
 * The inference program: pixels [N,H,W,C] → logits [N,K], where N is `batchSize`. It is faster for the model and weights
 * that `foldBatchNormalization` returns.
 */
export function predictionProgram(
  model: Model,
  { batchSize, name = "predict" }: { readonly batchSize: number; readonly name?: string },
): PredictionProgram {
  const { graph, images, logits, weights } =
    batchSize === 1 ? inferenceGraph(model) : buildGraph(model, batchSize, false);
  const nodes = graph.applications;
  const spec = forwardSpec({ name, batch: batchSize, nodes, perStep: [images], outputs: [logits] }, weights);
  return { spec, images: images as ImageTensor, weights, logits: asFloat(logits) };
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
