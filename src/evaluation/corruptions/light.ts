import type { Canvas, Corruption, Draws } from "./canvas.ts";

/** Brighter by half of the range: the largest channel, as in HSV, with hue and saturation kept. */
export const brightness: Corruption = {
  name: "brightness",
  description: "brighter by half of the range",
  apply({ values, channels }) {
    return values.map((value, i) => {
      const first = i - (i % channels);
      let largest = 0;
      for (let c = 0; c < channels; c++) largest = Math.max(largest, values[first + c]!);
      const brighter = Math.min(1, largest + 0.5);
      return largest === 0 ? brighter : (value / largest) * brighter;
    });
  },
};

/** The left and the right quarter inverted. */
export const stripe: Corruption = {
  name: "stripe",
  description: "the outer quarters inverted",
  apply: ({ values, channels, width }) =>
    values.map((value, i) => {
      const x = Math.floor(i / channels) % width;
      return 4 * x < width - (width % 4) || 4 * x >= 3 * width ? 1 - value : value;
    }),
};

/** How much thicker than the picture fog is, and how much less each finer level of it varies. */
const [FOG, DECAY] = [3, 1.4];

/** Clouds over the picture: plasma, three times as strong as the picture itself. */
export const fog: Corruption = {
  name: "fog",
  description: "clouds three times as strong as the picture",
  apply(canvas, draws) {
    const { values, channels } = canvas;
    const clouds = plasma(canvas, draws);
    const largest = values.reduce((most, value) => Math.max(most, value), 0);
    return values.map((value, i) => ((value + FOG * clouds[Math.floor(i / channels)]!) * largest) / (largest + FOG));
  },
};

/**
 * Clouds [H,W] from 0 to 1, by the diamond-square algorithm on a square that wraps around. Source: Fournier, Fussell &
 * Carpenter, "Computer rendering of stochastic models", CACM 25, 1982.
 */
function plasma({ height, width }: Canvas, draws: Draws): Float64Array {
  let size = 1;
  while (size < Math.max(height, width)) size *= 2;
  const map = new Float64Array(size * size);
  const at = (y: number, x: number): number => map[((y + size) % size) * size + ((x + size) % size)]!;
  let wobble = 1;
  for (let step = size; step >= 2; step /= 2, wobble /= DECAY * DECAY) {
    const half = step / 2;
    const set = (y: number, x: number, sum: number) => {
      map[y * size + x] = sum / 4 + wobble * (2 * draws.uniform() - 1);
    };
    for (let y = half; y < size; y += step)
      for (let x = half; x < size; x += step)
        set(y, x, at(y - half, x - half) + at(y - half, x + half) + at(y + half, x - half) + at(y + half, x + half));
    for (let y = 0; y < size; y += half)
      for (let x = y % step === 0 ? half : 0; x < size; x += step)
        set(y, x, at(y - half, x) + at(y + half, x) + at(y, x - half) + at(y, x + half));
  }
  const least = map.reduce((a, b) => Math.min(a, b));
  const most = map.reduce((a, b) => Math.max(a, b));
  return Float64Array.from({ length: height * width }, (_, p) => {
    const value = map[Math.floor(p / width) * size + (p % width)]!;
    return most === least ? 0 : (value - least) / (most - least);
  });
}
