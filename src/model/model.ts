import { InklingError, kindOf } from "../base/error.ts";
import type { LayerConfig } from "../layers/index.ts";
import type { PerChannel } from "../ops/normalize.ts";

/**
 * How pixels are normalized: (pixel − mean) / scale, with numbers for all channels or for each [C]; for photos often the
 * channels' means and standard deviations in the training images, in levels of 0 to 255.
 */
export interface Preprocessing {
  readonly mean: PerChannel;
  readonly scale: PerChannel;
}

/** Maps pixels to [−½, ½], as the notMNIST course does: roughly zero mean and a standard deviation near ½. */
export const defaultPreprocessing: Preprocessing = { mean: 127.5, scale: 255 };

/** A network as plain data: it can be printed, saved as JSON, and compiled. */
export interface Model {
  readonly formatVersion: 1;
  /** [height, width, channels] of an image. */
  readonly input: readonly [height: number, width: number, channels: number];
  readonly preprocessing: Preprocessing;
  readonly classes: readonly string[];
  /** The part of each label that the training loss spreads evenly over all classes; 0 for none. */
  readonly labelSmoothing: number;
  /** The layers, all named, each after those that it reads. */
  readonly layers: readonly (LayerConfig & { readonly name: string })[];
}

/** Throws `INVALID_MODEL` unless what a caller hands over has the parts of a model, as `network` and `parseModel` make it. */
export function checkModel(model: Model): void {
  const { input, classes, layers, preprocessing } = (model ?? {}) as Partial<Model>;
  const lists = { input, classes, layers };
  const wrong = Object.entries(lists).find(([, list]) => !Array.isArray(list));
  const isObject = typeof preprocessing === "object" && preprocessing !== null;
  if (!wrong && isObject) return;
  const what =
    typeof model !== "object" || model === null
      ? `it is ${kindOf(model)}`
      : wrong
        ? `${wrong[0]} is ${kindOf(wrong[1])}`
        : `preprocessing is ${kindOf(preprocessing)}`;
  throw new InklingError("INVALID_MODEL", `model: ${what}, expected what network or parseModel returns`);
}

/** The inputs of each layer, by its name: those that it declares, or else the layer before it. */
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
