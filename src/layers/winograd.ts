import { type Shape, shapeError, sizeOf } from "../base/shape.ts";
import { conv2d } from "../ops/conv2d.ts";
import type { Tensor } from "../ops/graph.ts";
import { type Padding, type Window, windowsOf } from "../ops/window.ts";
import { multiplications, tileSize, WINOGRAD_SIZES } from "../ops/winograd.ts";
import { winogradInput } from "../ops/winogradInput.ts";
import { winogradKernel } from "../ops/winogradKernel.ts";
import { winogradOutput } from "../ops/winogradOutput.ts";
import { winogradProduct } from "../ops/winogradProduct.ts";
import type { LayerBuilder } from "./layer.ts";

/** The settings of a convolution that matter here. */
interface Convolution {
  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly dilationRate?: readonly [number, number] | undefined;
  readonly groups: number;
}

/** With fewer channels than this, the transforms do not pay off. */
const LEAST_CHANNELS = 8;
/** The least ratio of the direct algorithm's multiplications to Winograd's, for the same reason. */
const LEAST_RATIO = 1.5;

/** The height and width of the output for an input [N,H,W,C], and of one tile of it. */
function extentsOf(x: Shape, config: Convolution) {
  const { kernelSize } = config;
  const { rows, columns } = windowsOf("conv2d", x, kernelSize, config);
  const output = [rows.output, columns.output] as const;
  const tile = [tileSize(output[0], kernelSize[0]), tileSize(output[1], kernelSize[1])] as const;
  return { output, tile };
}

/** The setting that rules out Winograd's algorithm, its value, and what it would have to be; undefined if there is none. */
function obstacle({ kernelSize, strides, dilationRate = [1, 1], groups }: Convolution) {
  const unsupported = kernelSize.find((size) => !WINOGRAD_SIZES.includes(size));
  const stride = strides.find((step) => step !== 1);
  const dilation = dilationRate.find((step) => step !== 1);
  if (unsupported !== undefined) return ["kernel size", unsupported, WINOGRAD_SIZES.join(" or ")] as const;
  if (stride !== undefined) return ["stride", stride, "1"] as const;
  if (dilation !== undefined) return ["dilation rate", dilation, "1"] as const;
  return groups === 1 ? undefined : (["groups", groups, "1"] as const);
}

/**
 * Whether every element of the kernel meets one of the input at some place. Where it does not, as in 5×5 on an image of
 * 2×2 with SAME padding, its gradient is 0; by Winograd's algorithm it would be rounding noise, of which an adaptive
 * optimizer makes whole steps.
 */
const meetsInput = (config: Convolution, x: Shape): boolean =>
  Object.values(windowsOf("conv2d", x, config.kernelSize, config)).every(isMet);

/** The first tap meets the end of the input or an earlier place, the last one its start or a later place. */
const isMet = ({ input, size, output, before }: Window): boolean => before < output && size - before <= input;

/** Whether Winograd's algorithm applies to a convolution of x [N,H,W,C] and needs far fewer multiplications. */
export function suitsWinograd(config: Convolution, x: Shape): boolean {
  if (obstacle(config) || !meetsInput(config, x) || Math.min(config.filters, x.at(-1)!) < LEAST_CHANNELS) return false;
  const { output, tile } = extentsOf(x, config);
  const needed = [0, 1].map((d) => multiplications(output[d]!, tile[d]!, config.kernelSize[d]!));
  return sizeOf(needed) * LEAST_RATIO <= sizeOf(output) * sizeOf(config.kernelSize);
}

/**
 * A convolution by Winograd's algorithm: tiles and kernels are transformed, multiplied point by point, and transformed
 * back; directly where some of the kernel meets no input. Throws `INVALID_SHAPE` naming a setting that the algorithm does not
 * support.
 */
export function convolveByWinograd(
  builder: LayerBuilder,
  { x, w }: { readonly x: Tensor; readonly w: Tensor },
  config: Convolution,
  part?: string,
): Tensor {
  const problem = obstacle(config);
  if (problem) {
    const [setting, value, expected] = problem;
    throw shapeError("conv2d", setting, value, `${expected} with algorithm "winograd"`);
  }
  if (!meetsInput(config, x.shape)) return builder.apply(conv2d, { x, w }, { ...config }, part);
  const { kernelSize: kernel, padding } = config;
  const { output, tile } = extentsOf(x.shape, config);
  const v = builder.apply(winogradInput, { x }, { kernel, tile, padding }, "winogradInput");
  const u = builder.apply(winogradKernel, { w }, { tile }, "winogradKernel");
  const q = builder.apply(winogradProduct, { v, u }, {}, "winogradProduct");
  return builder.apply(winogradOutput, { q }, { kernel, tile, output }, part);
}
