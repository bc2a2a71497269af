import type { LayerConfig } from "../layers/index.ts";

/** How pixels become numbers: (pixel − mean) / scale. */
export interface Preprocessing {
  readonly mean: number;
  readonly scale: number;
}

/** About zero mean and a standard deviation of 0.5, as the notMNIST course normalizes its images. */
export const defaultPreprocessing: Preprocessing = { mean: 127.5, scale: 255 };

/** A network as plain data: it can be printed, saved as JSON, and compiled. */
export interface Model {
  readonly formatVersion: 1;
  /** [height, width, channels] of an image. */
  readonly input: readonly [height: number, width: number, channels: number];
  readonly preprocessing: Preprocessing;
  readonly classes: readonly string[];
  /** The share of each label that the loss of training spreads over all classes; 0 for none. */
  readonly labelSmoothing: number;
  /** In an order in which each layer comes after those that it reads; all have names. */
  readonly layers: readonly (LayerConfig & { readonly name: string })[];
}

/** What each layer reads, by name: what it says, or the layer before it. */
export function inputsOf({ layers }: Pick<Model, "layers">): ReadonlyMap<string, readonly string[]> {
  let previous = "input";
  return new Map(
    layers.map(({ name, inputs }) => {
      const reads = inputs ?? [previous];
      previous = name;
      return [name, reads];
    }),
  );
}
