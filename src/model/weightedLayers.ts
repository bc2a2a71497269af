import type { Shape } from "../base/shape.ts";
import { inferenceGraph } from "./build.ts";
import type { Model } from "./model.ts";

/** A weight of a model, as `TrainedModel.weights` and the files of weights have it. */
export interface ModelWeight {
  /** Its name, which begins with its layer's: `conv2d_1.kernel`. */
  readonly name: string;
  readonly shape: Shape;
  /** Whether the optimizer changes it, or it is a state that training keeps, such as a moving mean. */
  readonly kind: "parameter" | "state";
}

/** The weights of a model, in the order of its layers, parameters first. */
export function listWeights(model: Model): readonly ModelWeight[] {
  const { weights, parameters } = inferenceGraph(model);
  const trained = new Set(parameters.map(({ tensor }) => tensor.name));
  return weights.map(({ tensor: { name, shape } }) => ({
    name,
    shape,
    kind: trained.has(name) ? "parameter" : "state",
  }));
}

/** A layer that has weights: parameters, and states such as running means. */
export interface WeightedLayer {
  readonly type: string;
  /** The shape of each weight by its full name, which begins with the layer's. */
  readonly weights: ReadonlyMap<string, Shape>;
}

/** The layers of a model that have weights, by name, in order. */
export function weightedLayersOf(model: Model): ReadonlyMap<string, WeightedLayer> {
  const { weights } = inferenceGraph(model);
  const layers = model.layers.map(({ name, type }): [string, WeightedLayer] => {
    const own = weights.filter(({ tensor }) => tensor.name.startsWith(`${name}.`));
    return [name, { type, weights: new Map(own.map(({ tensor }) => [tensor.name, tensor.shape])) }];
  });
  return new Map(layers.filter(([, layer]) => layer.weights.size > 0));
}
