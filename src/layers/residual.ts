import { add } from "./add.ts";
import { identity } from "./identity.ts";
import type { LayerConfig } from "./layer.ts";

/** Layers in a row. A list in it, such as another block, stands for its layers. */
export type Layers = readonly (LayerConfig | readonly LayerConfig[])[];

/**
 * Layers that follow one another from the named one on, and the name of the last, which is `name` unless it has
 * one. No layers at all give what is named `from`.
 */
export function branch(layers: Layers, from: string, name: string) {
  const row = layers.flat();
  const named = row.map((layer, k) => ({
    ...layer,
    ...(k === 0 && { inputs: layer.inputs ?? [from] }),
    ...(k === row.length - 1 && { name: layer.name ?? name }),
  }));
  return { layers: named, output: named.at(-1)?.name ?? from };
}

/**
 * A block y = x + f(x): `layers` are f, `shortcut` (none) are layers that x itself goes through, such as a
 * convolution 1×1 where f changes the number of channels. The block's layers are named after it; the sum has the
 * name of the block, "residual", so a network with two of them must name them.
 *
 * Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.
 */
export function residual(
  layers: Layers,
  options: { readonly name?: string; readonly shortcut?: Layers } = {},
): readonly LayerConfig[] {
  const { name = "residual", shortcut = [] } = options;
  const start = `${name}_input`;
  const f = branch(layers, start, `${name}_layers`);
  const other = branch(shortcut, start, `${name}_shortcut`);
  return [identity({ name: start }), ...f.layers, ...other.layers, add([other.output, f.output], { name })];
}
