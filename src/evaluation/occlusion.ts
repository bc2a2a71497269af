import { log } from "../base/math.ts";
import { below, philox, purposes } from "../base/philox.ts";
import { checkClassifier } from "./ensemble.ts";
import { softmax } from "./softmax.ts";
import type { TrainedModel } from "./trainedModel.ts";

/** How to occlude an image. */
export interface OcclusionOptions {
  /** How many grids of squares are laid over the image, each at another place. Default: 8. */
  readonly grids?: number;
  /** Determines the places of the grids. Default: 1. */
  readonly seed?: number;
}

/** The squares have a quarter of the shorter side of the image. */
const SQUARES = 4;

/** A part of the image, of which the rows and columns from `top` and `left` on are hidden up to `bottom` and `right`. */
interface Square {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * How much each pixel of an image [H,W,C] speaks for class k, [H,W]: the mean, over all squares that cover it, of
 *
 *   ln p_k(image) − ln p_k(image with the square hidden),   in nats.
 *
 * A square is hidden by the color of the image's edge: the median of each channel. Grids of squares are laid over the image
 * at places drawn by Philox, so that no detail lies between squares in all of them. Source: Zeiler and Fergus, "Visualizing
 * and understanding convolutional networks", ECCV 2014.
 */
export async function occlusionMap(
  trained: TrainedModel,
  pixels: Uint8Array,
  k: number,
  { grids = 8, seed = 1 }: OcclusionOptions = {},
): Promise<Float32Array> {
  checkClassifier(trained);
  const [height, width] = trained.model.input;
  const squares = Array.from({ length: grids }, (_, grid) => squaresOf(height, width, grid, seed)).flat();
  const color = edgeColor(pixels, trained.model.input);
  const images = new Uint8Array((squares.length + 1) * pixels.length);
  images.set(pixels);
  for (const [s, square] of squares.entries()) {
    const image = images.subarray((s + 1) * pixels.length, (s + 2) * pixels.length);
    image.set(pixels);
    for (let y = square.top; y < square.bottom; y++)
      for (let x = square.left; x < square.right; x++) image.set(color, (y * width + x) * color.length);
  }
  const logits = await trained.logits(images);
  const classes = trained.model.classes.length;
  const logitsOf = (image: number) => logits.subarray(image * classes, (image + 1) * classes);
  const logProbability = (image: number) =>
    log(Math.max(Number.MIN_VALUE, softmax(logitsOf(image), trained.scaling)[k]!));
  const whole = logProbability(0);
  const values = new Float32Array(height * width);
  for (const [s, { top, left, bottom, right }] of squares.entries()) {
    const share = (whole - logProbability(s + 1)) / grids;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) values[y * width + x]! += share;
  }
  return values;
}

/** The squares of one grid, which together cover the image. */
function squaresOf(height: number, width: number, grid: number, seed: number): readonly Square[] {
  const side = Math.max(1, Math.ceil(Math.min(height, width) / SQUARES));
  const [down, across] = philox([seed >>> 0, purposes.occlusion], [grid, 0, 0, 0]).map((word) => below(word, side));
  const squares: Square[] = [];
  for (let top = -down!; top < height; top += side)
    for (let left = -across!; left < width; left += side)
      squares.push({
        top: Math.max(0, top),
        left: Math.max(0, left),
        bottom: Math.min(height, top + side),
        right: Math.min(width, left + side),
      });
  return squares;
}

/** The median of each channel along the edge of an image. */
function edgeColor(
  pixels: Uint8Array,
  [height, width, channels]: readonly [height: number, width: number, channels: number],
): Uint8Array {
  const edge = Array.from({ length: height * width }, (_, p) => p).filter((p) => {
    const [y, x] = [Math.floor(p / width), p % width];
    return y === 0 || x === 0 || y === height - 1 || x === width - 1;
  });
  return Uint8Array.from({ length: channels }, (_, c) => {
    const values = edge.map((p) => pixels[p * channels + c]!).sort((a, b) => a - b);
    return values[values.length >> 1]!;
  });
}
