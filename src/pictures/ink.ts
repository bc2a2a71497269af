import type { Box, Image } from "../image/image.ts";
import { drawnBox } from "./components.ts";
import { percentile } from "./gray.ts";
import { fitSurface, type Surface } from "./surface.ts";

/** Ink on a uniform or shaded background. */
export interface Ink {
  readonly background: Surface;
  /** Whether the ink is darker than the background. */
  readonly darker: boolean;
  /** The difference from the background, in gray levels in the direction of the ink, above which a pixel is ink. */
  readonly threshold: number;
  /** Gray levels between background and full ink. */
  readonly contrast: number;
  readonly box: Box;
}

/** The width of the border from which the background is estimated, as a share of the shorter side. */
const BORDER = 0.06;
/** Ink differs from the background by at least this many gray levels, and this many standard deviations. */
const LEAST_CONTRAST = 12;
const LEAST_DEVIATIONS = 4;
/** The most background pixels that are sampled for the second fit. */
const LOOKED_AT = 4000;

/** Whether an image [H, W, C] shows nothing: no channel differs by more than noise. */
export function isBlank({ pixels, channels }: Image): boolean {
  for (let c = 0; c < channels; c++) {
    let [least, most] = [255, 0];
    for (let i = c; i < pixels.length; i += channels) {
      least = Math.min(least, pixels[i]!);
      most = Math.max(most, pixels[i]!);
    }
    if (most - least >= LEAST_CONTRAST) return false;
  }
  return true;
}

/**
 * Finds the ink in a gray picture. The background is fitted to the border, then to everything that is not ink; ink is
 * darker or lighter, whichever differs more from the background in total. Undefined if the picture is uniform.
 */
export function findInk(gray: Image): Ink | undefined {
  const first = separate(gray, fitSurface(gray, borderOf(gray)));
  if (!first) return undefined;
  const step = Math.ceil(first.strength.length / LOOKED_AT);
  const behind: number[] = [];
  for (let i = 0; i < first.strength.length; i += step) if (first.strength[i]! < first.threshold / 2) behind.push(i);
  const found = separate(gray, fitSurface(gray, behind)) ?? first;
  const mask = new Uint8Array(found.strength.length);
  for (let i = 0; i < mask.length; i++) mask[i] = found.strength[i]! > found.threshold ? 1 : 0;
  const box = drawnBox(mask, gray.width);
  return box && { ...found, box };
}

/** The indices of the pixels along the border. */
function borderOf({ width, height }: Image): number[] {
  const border = Math.max(1, Math.round(BORDER * Math.min(width, height)));
  const pixels: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (Math.min(x, y, width - 1 - x, height - 1 - y) < border) pixels.push(y * width + x);
  return pixels;
}

type Separated = Omit<Ink, "box"> & {
  /** Shape [H, W]: the difference from the background, in gray levels in the direction of the ink. */
  readonly strength: Float32Array;
};

function separate({ width, height, pixels }: Image, background: Surface): Separated | undefined {
  const floor = LEAST_DEVIATIONS * background.noise;
  const strength = new Float32Array(pixels.length);
  let [dark, light] = [0, 0];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const d = background.at(x / width, y / height) - pixels[i]!;
      strength[i] = d;
      if (d > floor) dark += d - floor;
      else if (d < -floor) light -= d + floor;
    }
  const darker = dark >= light;
  const counts = new Uint32Array(256);
  for (let i = 0; i < strength.length; i++) {
    if (!darker) strength[i] = -strength[i]!;
    counts[Math.min(255, Math.max(0, Math.round(strength[i]!)))]!++;
  }
  const threshold = Math.max(otsu(counts), floor / 2);
  const inked = counts.map((n, bin) => (bin > threshold ? n : 0));
  const contrast = percentile(inked, 0.6);
  if (!inked.some((n) => n > 0) || contrast < Math.max(LEAST_CONTRAST, floor)) return undefined;
  return { background, darker, strength, threshold, contrast };
}

/** The bin that splits a histogram into two classes with the largest between-class variance (Otsu, 1979). */
function otsu(counts: Uint32Array): number {
  const total = counts.reduce((a, b) => a + b, 0);
  const sum = counts.reduce((a, n, bin) => a + n * bin, 0);
  let [below, sumBelow, best, most] = [0, 0, 0, -1];
  for (let bin = 0; bin < counts.length; bin++) {
    below += counts[bin]!;
    sumBelow += counts[bin]! * bin;
    if (below === 0 || below === total) continue;
    const apart = sumBelow / below - (sum - sumBelow) / (total - below);
    const variance = below * (total - below) * apart * apart;
    if (variance > most) [best, most] = [bin, variance];
  }
  return best;
}
