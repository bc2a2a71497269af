import type { Model } from "./model.ts";

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
