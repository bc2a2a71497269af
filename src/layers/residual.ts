import { add } from "./add.ts";
import { identity } from "./identity.ts";
import type { LayerConfig } from "./layer.ts";

/** A sequence of layers. A nested list, such as another block, stands for its layers. */
export type Layers = readonly (LayerConfig | readonly LayerConfig[])[];

/**
 * A sequence of layers that reads the layer `from`, and the name of its output. The last layer is called `name` unless it
 * already has a name; without layers, the output is `from` itself.
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
 * A residual block, y = shortcut(x) + f(x): `layers` are f, and `shortcut` (default: none) is applied to x, such as a 1×1
 * convolution if f changes the number of channels. The sum has the name of the block (default: "residual"), and the names
 * of its other layers begin with it, so each block of a network needs its own name.
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
