import { Unsupported } from "../serve.mjs";

/**
 * How a library computes each type of layer, from the layer's settings, its weights by their short names, and its
 * inputs.
 *
 * @template T
 * @typedef {Readonly<Record<string, (layer: any, weight: (name: string) => T, x: T, y: T) => T>>} Operations
 */

/**
 * Runs x through all layers of a model.
 *
 * @template T
 * @param {import("../networks.mjs").Model} model
 * @param {Operations<T>} operations
 * @param {T} x
 * @param {(name: string) => T} weight A weight by its name.
 * @returns {T}
 */
export function applyLayers({ layers }, operations, x, weight) {
  const outputs = new Map([["input", x]]);
  let last = "input";
  for (const layer of layers) {
    const operation = operations[layer.type];
    if (!operation) throw new Unsupported(`no ${layer.type}`);
    const { inputs = [last] } = /** @type {{ inputs?: readonly string[] }} */ (layer);
    const [first, second] = inputs.map((name) => /** @type {T} */ (outputs.get(name)));
    outputs.set(
      layer.name,
      operation(layer, (name) => weight(`${layer.name}.${name}`), first, second),
    );
    last = layer.name;
  }
  return /** @type {T} */ (outputs.get(last));
}

/** Pixels as a network sees them. @param {import("../networks.mjs").Model} model @param {Uint8Array} images */
export const normalized = ({ preprocessing: { mean, scale } }, images) =>
  Float32Array.from(images, (p) => (p - Number(mean)) / Number(scale));
