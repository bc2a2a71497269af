import type { Grey } from "./raster.ts";

/** sin πx by its series, from + and × alone: `Math.sin` differs in its last bits between engines. */
export function sinPi(x: number): number {
  const whole = Math.round(x);
  const angle = (x - whole) * Math.PI; // −π/2 … π/2
  let series = 1;
  for (let n = 22; n >= 2; n -= 2) series = 1 - (series * angle * angle) / (n * (n + 1));
  return (whole % 2 === 0 ? 1 : -1) * angle * series;
}

const sinc = (x: number): number => (x === 0 ? 1 : sinPi(x) / (x * Math.PI));
const lanczos3 = (x: number): number => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0);

/** Fixed-point bits of a weight, as in Pillow. */
const PRECISION = 22;

/** Which pixels make a pixel, from `first` on, and their weights in fixed point, which sum to 1 but for rounding. */
function taps(from: number, to: number): { first: number; weights: number[] }[] {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - 3 * stretch + 0.5));
    const end = Math.min(from, Math.trunc(centre + 3 * stretch + 0.5));
    const raw = Array.from({ length: end - first }, (_, k) => lanczos3((first + k - centre + 0.5) / stretch));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => Math.round((weight / sum) * 2 ** PRECISION)) };
  });
}

const clip = (sum: number): number => Math.max(0, Math.min(255, Math.floor(sum / 2 ** PRECISION + 0.5)));

/**
 * Another size by the Lanczos filter of three lobes, as Pillow does it: along rows first, rounded to bytes, then
 * along columns. Its sharp edges ring as those in notMNIST do.
 */
export function resize({ width, height, pixels }: Grey, toWidth: number, toHeight: number): Grey {
  const across = new Uint8Array(toWidth * height);
  for (const [x, { first, weights }] of taps(width, toWidth).entries())
    for (let y = 0; y < height; y++) {
      const sum = weights.reduce((total, weight, k) => total + weight * pixels[y * width + first + k]!, 0);
      across[y * toWidth + x] = clip(sum);
    }
  const down = new Uint8Array(toWidth * toHeight);
  for (const [y, { first, weights }] of taps(height, toHeight).entries())
    for (let x = 0; x < toWidth; x++) {
      const sum = weights.reduce((total, weight, k) => total + weight * across[(first + k) * toWidth + x]!, 0);
      down[y * toWidth + x] = clip(sum);
    }
  return { width: toWidth, height: toHeight, pixels: down };
}
