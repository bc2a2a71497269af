import { type LayerConfig, layerType } from "../layers/index.ts";
import { buildGraph } from "./build.ts";
import { inputsOf } from "./inputs.ts";
import type { Model } from "./model.ts";
import { parseModel } from "./network.ts";

type Weights = ReadonlyMap<string, Float32Array>;
type NamedLayer = Model["layers"][number];

/** A model and weights for it. */
export interface WeightedModel {
  readonly model: Model;
  readonly weights: Weights;
}

/**
 * Folds batch normalisation into the convolution or the dense layer before it, for predictions:
 *
 *   kernel' = kernel · γ / √(σ² + ε),   bias' = β + (bias − μ) · γ / √(σ² + ε)
 *
 * where nothing else reads that layer's output. The logits are the same but for rounding. Neither the model nor the
 * weights given are changed; a model without such layers comes back as it is.
 */
export function foldBatchNormalization({ model, weights }: WeightedModel): WeightedModel {
  const fold = foldable(model)[0];
  if (!fold) return { model, weights };
  const { before, after } = fold;
  const scale = layerType(after.type).channelScale!(after, ownWeights(weights, after.name));
  const taken = layerType(before.type).takeInScale!(before, ownWeights(weights, before.name), scale);
  const folded = without(model, after.name, before.name, taken.config as NamedLayer);
  const own = [...taken.weights].map(([name, values]): [string, Float32Array] => [`${before.name}.${name}`, values]);
  const all = new Map([...weights, ...own]);
  const names = buildGraph(folded, 1, false).weights.map(({ tensor }) => tensor.name);
  return foldBatchNormalization({ model: folded, weights: new Map(names.map((name) => [name, all.get(name)!])) });
}

/** Pairs of layers of which the second only scales and shifts the channels of the first, which it alone reads. */
function foldable(model: Model): readonly { readonly before: NamedLayer; readonly after: NamedLayer }[] {
  const reads = inputsOf(model);
  const all = [...reads.values()].flat();
  return model.layers.flatMap((after) => {
    const [input] = reads.get(after.name)!;
    const before = model.layers.find(({ name }) => name === input);
    if (!before || all.filter((name) => name === input).length !== 1) return [];
    const folds = layerType(after.type).channelScale && layerType(before.type).takeInScale;
    return folds ? [{ before, after }] : [];
  });
}

/** A model in which one layer is taken out, and what read it reads another, which is changed. */
function without(model: Model, removed: string, replacement: string, changed: NamedLayer): Model {
  const reads = inputsOf(model);
  let previous = "input";
  const layers = model.layers.flatMap(({ inputs: _, ...layer }): LayerConfig[] => {
    if (layer.name === removed) return [];
    const inputs = reads.get(layer.name)!.map((name) => (name === removed ? replacement : name));
    const isImplied = inputs.length === 1 && inputs[0] === previous;
    previous = layer.name;
    const { inputs: __, ...kept } = layer.name === replacement ? changed : { ...layer, inputs: undefined };
    return [isImplied ? kept : { ...kept, inputs }];
  });
  return parseModel({ ...model, layers });
}

const ownWeights = (weights: Weights, layer: string): Weights =>
  new Map(
    [...weights].flatMap(([name, values]) =>
      name.startsWith(`${layer}.`) ? [[name.slice(layer.length + 1), values] as const] : [],
    ),
  );
