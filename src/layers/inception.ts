import { averagePool2d } from "./averagePool2d.ts";
import { concatenate } from "./concatenate.ts";
import { conv2d } from "./conv2d.ts";
import { identity } from "./identity.ts";
import type { LayerConfig } from "./layer.ts";
import { maxPool2d } from "./maxPool2d.ts";
import { relu } from "./relu.ts";
import { branch, type Layers } from "./residual.ts";

/** The settings of an Inception block. */
export interface InceptionOptions {
  /** The filters of each branch: the 1×1, 3×3 and 5×5 convolutions, and the 1×1 convolution after pooling. */
  readonly filters: readonly [number, number, number, number];
  /** The filters of 1×1 convolutions before the 3×3 and the 5×5, which make them cheaper. Default: none. */
  readonly reduce?: readonly [number, number];
  /** How the fourth branch pools, 3×3 with stride 1. Default: "max", as in GoogLeNet. */
  readonly pool?: "max" | "average";
  /** The layers after each convolution, such as `() => [batchNormalization(), relu()]`. Default: `() => [relu()]`. */
  readonly after?: () => Layers;
  /** The name of the block and the prefix of its layers' names, unique in the network. Default: "inception". */
  readonly name?: string;
}

/**
 * An Inception block: 1×1, 3×3 and 5×5 convolutions and a pooling followed by a 1×1 convolution read the same input,
 * and their outputs are concatenated. x [N,H,W,C] gives y [N,H,W,Σ filters].
 *
 * Source: Szegedy et al., "Going deeper with convolutions", CVPR 2015.
 */
export function inception(options: InceptionOptions): readonly LayerConfig[] {
  const { filters, reduce = [], pool = "max", after = () => [relu()], name = "inception" } = options;
  const start = `${name}_input`;
  const conv = (channels: number, size: number): Layers => [conv2d(channels, size, { padding: "same" }), ...after()];
  const reduced = (channels: number | undefined): Layers => (channels === undefined ? [] : conv(channels, 1));
  const pooling = { max: maxPool2d, average: averagePool2d }[pool];
  const branches = [
    branch(conv(filters[0], 1), start, `${name}_1x1`),
    branch([...reduced(reduce[0]), ...conv(filters[1], 3)], start, `${name}_3x3`),
    branch([...reduced(reduce[1]), ...conv(filters[2], 5)], start, `${name}_5x5`),
    branch([pooling(3, { strides: 1, padding: "same" }), ...conv(filters[3], 1)], start, `${name}_pool`),
  ];
  return [
    identity({ name: start }),
    ...branches.flatMap((b) => b.layers),
    concatenate(
      branches.map((b) => b.output),
      { name },
    ),
  ];
}
