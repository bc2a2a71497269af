import type { Conv2dConfig } from "../layers/conv2d.ts";
import { suitsWinograd } from "../layers/winograd.ts";
import { buildGraph } from "./build.ts";
import { inputsOf } from "./inputs.ts";
import type { Model } from "./model.ts";

/**
 * The model with `algorithm: "winograd"` in each convolution where that saves a third of the multiplications or more:
 * those of 3×3 or 5×5 with strides 1, one group, and 8 channels or more on both sides. The other layers stay as they
 * are. It computes the same up to rounding, and has the same weights, so a trained model can be changed either way.
 */
export function withWinograd(model: Model): Model {
  const { outputs } = buildGraph(model, 1, false);
  const reads = inputsOf(model);
  const layers = model.layers.map((layer) => {
    const [input] = reads.get(layer.name)!;
    const suits =
      layer.type === "conv2d" && suitsWinograd(layer as unknown as Conv2dConfig, outputs.get(input!)!.shape);
    return suits ? { ...layer, algorithm: "winograd" } : layer;
  });
  return { ...model, layers };
}
