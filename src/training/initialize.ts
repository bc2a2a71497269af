import { InklingError } from "../base/error.ts";
import { formatShape, sameShape } from "../base/shape.ts";
import type { Weights } from "../engine/feed.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import { inputsOf, type Model, type StateTensor, weightedLayersOf } from "../model/index.ts";

/** The initial weights taken from another model, layer by layer. */
export interface Initialization {
  readonly weights: Weights;
  /** Layers whose weights are taken from the other model. */
  readonly taken: readonly string[];
  /** Layers that are initialized as usual, and why. */
  readonly fresh: readonly { readonly layer: string; readonly reason: string }[];
  /** Layers of the other model that this one does not have. */
  readonly unused: readonly string[];
}

const layerOf = (weight: string): string => weight.slice(0, weight.indexOf("."));
const same = (a: readonly string[], b: readonly string[]): boolean => a.join("\n") === b.join("\n");

/**
 * Initial weights taken from another model: a layer's weights are taken, all or none, if the other model has a layer of
 * the same name and type with weights of the same shapes. If the classes differ, in name or order, the layers that
 * compute the logits keep their initial weights, `first`. Throws `INVALID_DATA` if no layer matches.
 */
export function initializeFrom(
  model: Model,
  weights: readonly StateTensor[],
  first: Weights,
  other: TrainedModel,
): Initialization {
  const there = weightedLayersOf(other.model);
  const here = weightedLayersOf(model);
  const giveLogits = same(model.classes, other.model.classes) ? new Set<string>() : logitLayers(model, here);
  const reasonOf = (layer: string): string | undefined => {
    const [mine, others] = [here.get(layer)!, there.get(layer)];
    if (!others) return "the other model has no such layer";
    if (mine.type !== others.type) return `it has type ${others.type} there`;
    for (const [name, shape] of mine.weights) {
      const found = others.weights.get(name);
      if (!found) return `the other model has no ${name}`;
      if (!sameShape(found, shape))
        return `${name} has shape ${formatShape(found)} there, but ${formatShape(shape)} here`;
    }
    return giveLogits.has(layer) ? "the classes differ" : undefined;
  };
  const fresh = [...here.keys()].flatMap((layer) => {
    const reason = reasonOf(layer);
    return reason === undefined ? [] : [{ layer, reason }];
  });
  const isFresh = new Set(fresh.map(({ layer }) => layer));
  const taken = [...here.keys()].filter((layer) => !isFresh.has(layer));
  if (taken.length === 0) throw nothingFits(fresh, [...there.keys()]);
  const chosen = weights.map(({ tensor: { name } }): [string, Float32Array] => [
    name,
    (isFresh.has(layerOf(name)) ? first : other.weights).get(name)!,
  ]);
  return { weights: new Map(chosen), taken, fresh, unused: [...there.keys()].filter((layer) => !here.has(layer)) };
}

function nothingFits(fresh: Initialization["fresh"], there: readonly string[]): InklingError {
  const reasons = fresh.map(({ layer, reason }) => `${layer} (${reason})`).join(", ");
  return new InklingError(
    "INVALID_DATA",
    `initFrom: no layer matches: ${reasons}; the other model has weights in ${there.join(", ")}`,
  );
}

/** The last layers with weights on each path to the logits. */
function logitLayers({ layers }: Model, weighted: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const reads = inputsOf({ layers });
  const found = new Set<string>();
  const visit = (layer: string): void => {
    if (weighted.has(layer)) found.add(layer);
    else for (const input of reads.get(layer) ?? []) visit(input);
  };
  visit(layers.at(-1)!.name);
  return found;
}
