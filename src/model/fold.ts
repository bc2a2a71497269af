import { layerType } from "../layers/registry.ts";
import { inputsOf, type Model } from "./model.ts";

type Weights = ReadonlyMap<string, Float32Array>;
type NamedLayer = Model["layers"][number];

/** A model and its weights. */
export interface WeightedModel {
  readonly model: Model;
  readonly weights: Weights;
}

/**
 * Folds batch normalization into the preceding convolution or dense layer, for inference:
 *
 *   kernel' = kernel · γ / √(σ² + ε),   bias' = β + (bias − μ) · γ / √(σ² + ε)
 *
 * if no other layer reads that layer's output. The logits are the same up to rounding. The given model and weights are
 * not modified; a model without such layers is returned as it is.
 */
export function foldBatchNormalization(given: WeightedModel): WeightedModel {
  for (let now = given; ; ) {
    const pair = foldable(now.model);
    if (!pair) return now;
    now = fold(now, pair);
  }
}

/** Two layers: the second one only scales and shifts the channels of the first, and is its only reader. */
interface Pair {
  readonly before: NamedLayer;
  readonly after: NamedLayer;
}

function foldable(model: Model): Pair | undefined {
  const reads = inputsOf(model);
  const all = [...reads.values()].flat();
  for (const after of model.layers) {
    const [input] = reads.get(after.name)!;
    const before = model.layers.find(({ name }) => name === input);
    if (!before || all.filter((name) => name === input).length !== 1) continue;
    if (layerType(after.type).channelScale && layerType(before.type).foldScale) return { before, after };
  }
  return undefined;
}

function fold({ model, weights }: WeightedModel, { before, after }: Pair): WeightedModel {
  const scale = layerType(after.type).channelScale!(after, ownWeights(weights, after.name));
  const taken = layerType(before.type).foldScale!(before, ownWeights(weights, before.name), scale);
  const others = [...weights].filter(([name]) => !name.startsWith(`${after.name}.`));
  const own = [...taken.weights].map(([name, values]): [string, Float32Array] => [`${before.name}.${name}`, values]);
  return {
    model: { ...model, layers: without(model, after.name, taken.config as NamedLayer) },
    weights: new Map([...others, ...own]),
  };
}

/** The layers without the removed one, whose readers now read the changed one. */
function without(model: Model, removed: string, changed: NamedLayer): readonly NamedLayer[] {
  const reads = inputsOf(model);
  let previous = "input";
  return model.layers.flatMap((layer): NamedLayer[] => {
    if (layer.name === removed) return [];
    const { inputs: _, ...kept } = layer.name === changed.name ? changed : layer;
    const inputs = reads.get(layer.name)!.map((name) => (name === removed ? changed.name : name));
    const isImplied = inputs.length === 1 && inputs[0] === previous;
    previous = layer.name;
    return [isImplied ? kept : { ...kept, inputs }];
  });
}

const ownWeights = (weights: Weights, layer: string): Weights =>
  new Map(
    [...weights].flatMap(([name, values]) =>
      name.startsWith(`${layer}.`) ? [[name.slice(layer.length + 1), values] as const] : [],
    ),
  );
