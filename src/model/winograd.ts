import type { LayerConfig } from "../layers/layer.ts";
import { layerType } from "../layers/registry.ts";
import { inferenceGraph } from "./build.ts";
import { inputsOf, type Model } from "./model.ts";
import { parseLayers } from "./network.ts";

/**
 * Returns the model with `algorithm: "winograd"` set for each convolution in which that saves at least a third of the
 * multiplications: kernel sizes 3 or 5, strides and dilation 1, one group, at least 8 input and output channels. Layers that
 * already specify an algorithm are not changed. The result is the same up to rounding, and so are the weights' shapes, so
 * trained weights fit either model.
 */
export function withWinograd(model: Model): Model {
  const { outputs } = inferenceGraph(model);
  const reads = inputsOf(model);
  return withLayers(model, (layer) => {
    const input = outputs.get(reads.get(layer.name)![0]!)!;
    return layerType(layer.type).withWinograd?.(layer, input.shape) ?? layer;
  });
}

/** The model with each convolution computed directly. It has the same weights, and computes the same up to rounding. */
export const withoutWinograd = (model: Model): Model =>
  withLayers(model, (layer) => layerType(layer.type).withoutWinograd?.(layer) ?? layer);

/** Parsed again so that the settings are in the same order as in a model that is read from a file. */
const withLayers = (model: Model, change: (layer: Model["layers"][number]) => LayerConfig): Model => ({
  ...model,
  layers: parseLayers(model.layers.map(change)),
});
