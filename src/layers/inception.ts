import { averagePool2d } from "./averagePool2d.ts";
import { concatenate } from "./concatenate.ts";
import { conv2d } from "./conv2d.ts";
import { identity } from "./identity.ts";
import type { LayerConfig } from "./layer.ts";
import { maxPool2d } from "./maxPool2d.ts";
import { relu } from "./relu.ts";
import { branch, type Layers } from "./residual.ts";

/** A convolution of an Inception block: the 1×1 one, those of 3×3 and 5×5 and before them, and the one after pooling. */
export type InceptionConvolution = "1x1" | "3x3Reduce" | "3x3" | "5x5Reduce" | "5x5" | "pool";

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
  /** Names of the block's convolutions, by branch. Default: their types with a number, as for any layer. */
  readonly convolutionNames?: Readonly<Partial<Record<InceptionConvolution, string>>>;
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
  const { convolutionNames: names = {} } = options;
  const start = `${name}_input`;
  const conv = (as: InceptionConvolution, channels: number, size: number): Layers => {
    const own = names[as];
    return [conv2d(channels, size, { padding: "same", ...(own !== undefined && { name: own }) }), ...after()];
  };
  const reduced = (as: InceptionConvolution, channels: number | undefined): Layers =>
    channels === undefined ? [] : conv(as, channels, 1);
  const pooling = { max: maxPool2d, average: averagePool2d }[pool];
  const branches = [
    branch(conv("1x1", filters[0], 1), start, `${name}_1x1`),
    branch([...reduced("3x3Reduce", reduce[0]), ...conv("3x3", filters[1], 3)], start, `${name}_3x3`),
    branch([...reduced("5x5Reduce", reduce[1]), ...conv("5x5", filters[2], 5)], start, `${name}_5x5`),
    branch([pooling(3, { strides: 1, padding: "same" }), ...conv("pool", filters[3], 1)], start, `${name}_pool`),
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
