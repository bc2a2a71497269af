import { layerType } from "../layers/registry.ts";
import { inferenceGraph } from "./build.ts";
import { inputsOf, type Model } from "./model.ts";
import { parseLayers } from "./network.ts";

/**
 * The model with `algorithm: "winograd"` in each convolution where that saves a third of the multiplications or more:
 * those of 3×3 or 5×5 with strides 1, one group, and 8 channels or more on both sides. Layers that name an algorithm stay
 * as they are, and so do all others. It computes the same up to rounding, and has the same weights, so a trained model can
 * be changed either way.
 */
export function withWinograd(model: Model): Model {
  const { outputs } = inferenceGraph(model);
  const reads = inputsOf(model);
  const layers = model.layers.map((layer) => {
    const input = outputs.get(reads.get(layer.name)![0]!)!;
    return layerType(layer.type).withWinograd?.(layer, input.shape) ?? layer;
  });
  // Parsed again so that the settings are in the same order as in a model that is read from a file.
  return { ...model, layers: parseLayers(layers) };
}
