import type { Image } from "./image.ts";

/** The source positions that one output position draws from, with weights that sum to 1. */
interface Tap {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Weights of the triangle filter along one axis. Pixel centres lie at i + ½; an output pixel at x has its centre
 * at c = (x + ½)·from/to and draws from source pixels by max(0, 1 − |i + ½ − c| / s), s = max(1, from/to): linear
 * interpolation where the image grows, an average over the area where it shrinks (Pillow's BILINEAR).
 */
function taps(from: number, to: number): Tap[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, x) => {
    const centre = (x + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach));
    const last = Math.min(from - 1, Math.ceil(centre + reach) - 1);
    const raw = Array.from({ length: last - first + 1 }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

/** The image at another size, by the triangle filter: along rows, then along columns, rounded once at the end. */
export function resize(image: Image, [height, width]: readonly [height: number, width: number]): Image {
  if (image.height === height && image.width === width) return image;
  const { channels } = image;
  const across = new Float64Array(image.height * width * channels);
  for (const [x, { first, weights }] of taps(image.width, width).entries())
    for (let y = 0; y < image.height; y++)
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++)
          sum += weights[k]! * image.pixels[(y * image.width + first + k) * channels + c]!;
        across[(y * width + x) * channels + c] = sum;
      }
  const row = width * channels;
  const pixels = new Uint8Array(height * row);
  for (const [y, { first, weights }] of taps(image.height, height).entries())
    for (let i = 0; i < row; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * across[(first + k) * row + i]!;
      pixels[y * row + i] = Math.round(sum);
    }
  return { width, height, channels, pixels };
}
