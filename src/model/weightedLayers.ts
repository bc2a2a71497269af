import type { Shape } from "../base/shape.ts";
import { inferenceGraph } from "./build.ts";
import type { Model } from "./model.ts";

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
