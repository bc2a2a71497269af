import { exp, log } from "../../base/math.ts";
import { philox, purposes, toUnit, type Words } from "../../base/philox.ts";
import type { Image } from "../../image/image.ts";
import { borderColor } from "../../image/place.ts";
import type { Preparation } from "../../pictures/preparation.ts";

/** A picture to corrupt: [H,W,C] values from 0 to 1, row-major. */
export interface Canvas {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly values: Float64Array;
  /** What is behind the subject, one value for each channel. */
  readonly background: readonly number[];
  /** The value of marks that stand out: 1 on a dark background, 0 on a light one. */
  readonly ink: 0 | 1;
  /** Lengths are given for 28 pixels and multiplied by this: the shorter side / 28. */
  readonly scale: number;
}

/** A way to corrupt a picture. */
export interface Corruption {
  /** As in MNIST-C, such as `shot_noise`. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly description: string;
  /** The values [H,W,C] of the corrupted picture; those beyond 0 and 1 are cut off. */
  readonly apply: (canvas: Canvas, draws: Draws) => Float64Array;
}

/** Random numbers for one picture: the same seed, kind and row give the same ones. */
export class Draws {
  readonly #counter: readonly [kind: number, row: number];
  readonly #key: readonly [number, number];
  #block = 0;
  #words: Words = [0, 0, 0, 0];
  #used = 4;

  constructor(seed: number, kind: number, row: number) {
    this.#key = [seed >>> 0, purposes.corrupt];
    this.#counter = [kind, row];
  }

  /** In [0, 1). */
  uniform(): number {
    if (this.#used === 4) {
      this.#words = philox(this.#key, [this.#block++, ...this.#counter, 0]);
      this.#used = 0;
    }
    return toUnit(this.#words[this.#used++]!);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** −1 or 1. */
  sign(): number {
    return this.uniform() < 0.5 ? -1 : 1;
  }

  /** From the standard normal distribution. Source: Marsaglia & Bray, "A convenient method for generating normal variables", 1964. */
  normal(): number {
    for (;;) {
      const [x, y] = [2 * this.uniform() - 1, 2 * this.uniform() - 1];
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * log(square)) / square);
    }
  }

  /** From Poisson's distribution with a small mean, by multiplying uniform numbers. */
  poisson(mean: number): number {
    const least = exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > least; product *= this.uniform()) count++;
    return count;
  }
}

/** A picture to corrupt, on a dark or a light background or, for `any`, on that of its border. */
export function canvasOf(image: Image, behind: Preparation["background"]): Canvas {
  const { height, width, channels, pixels } = image;
  const background =
    behind === "any"
      ? borderColor(image).map((value) => value / 255)
      : new Array<number>(channels).fill(behind === "dark" ? 0 : 1);
  return {
    ...{ height, width, channels, background },
    values: Float64Array.from(pixels, (value) => value / 255),
    ink: background.reduce((sum, value) => sum + value, 0) < background.length / 2 ? 1 : 0,
    scale: Math.min(height, width) / 28,
  };
}

/** The canvas with a mask [H,W] of 0 … 1 drawn in ink: added to a dark picture, taken from a light one. */
export const draw = ({ values, channels, ink }: Canvas, mask: ArrayLike<number>): Float64Array =>
  values.map((value, i) => value + (ink === 1 ? 1 : -1) * mask[Math.floor(i / channels)]!);

/** The brightness [H,W] of a picture: the mean of its channels. */
export function brightnessOf({ height, width, channels, values }: Canvas): Float64Array {
  return Float64Array.from({ length: height * width }, (_, p) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values[p * channels + c]!;
    return sum / channels;
  });
}

/** Values [H,W,C] blurred by a Gaussian of a standard deviation in pixels, cut off at 4 of them; borders are repeated. */
export function blurred(
  { height, width, channels }: Pick<Canvas, "height" | "width" | "channels">,
  values: Float64Array,
  deviation: number,
): Float64Array {
  const radius = Math.max(1, Math.round(4 * deviation));
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    exp(-((k - radius) ** 2) / (2 * deviation ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const along = (from: Float64Array, count: number, step: number, placeOf: (i: number) => number) =>
    from.map((_, i) => {
      const place = placeOf(i);
      let sum = 0;
      for (let k = -radius; k <= radius; k++) {
        const other = Math.min(count - 1, Math.max(0, place + k));
        sum += weights[k + radius]! * from[i + (other - place) * step]!;
      }
      return sum / total;
    });
  const rows = along(values, width, channels, (i) => Math.floor(i / channels) % width);
  return along(rows, height, width * channels, (i) => Math.floor(i / (channels * width)));
}
