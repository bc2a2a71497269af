import { cos, exp } from "../../base/math.ts";
import { blurred, type Corruption } from "./canvas.ts";

/** As through frosted glass: blurred, neighbors exchanged twice, blurred again. */
export const glassBlur: Corruption = {
  name: "glass_blur",
  description: "as through frosted glass",
  apply(canvas, draws) {
    const { height, width, channels, scale } = canvas;
    const reach = Math.max(1, Math.round(scale));
    const values = blurred(canvas, canvas.values, 0.7 * scale);
    for (let round = 0; round < 2; round++)
      for (let y = height - reach - 1; y >= reach; y--)
        for (let x = width - reach - 1; x >= reach; x--) {
          if (draws.uniform() < 0.5) continue;
          const [dx, dy] = [draws.whole(-reach, reach - 1), draws.whole(-reach, reach - 1)];
          exchange(values, (y * width + x) * channels, ((y + dy) * width + x + dx) * channels, channels);
        }
    return blurred(canvas, values, 0.7 * scale);
  },
};

function exchange(values: Float64Array, a: number, b: number, count: number): void {
  for (let c = 0; c < count; c++) {
    const held = values[a + c]!;
    values[a + c] = values[b + c]!;
    values[b + c] = held;
  }
}

/** As from a shaking hand: along a direction within 45° of the horizontal, with weights that fall off like half a Gaussian. */
export const motionBlur: Corruption = {
  name: "motion_blur",
  description: "as from a moving camera",
  apply(canvas, draws) {
    const { height, width, channels, values, scale } = canvas;
    const angle = (Math.PI / 4) * (2 * draws.uniform() - 1);
    const [stepX, stepY] = [cos(angle), cos(Math.PI / 2 - angle)];
    const length = Math.round(10 * scale);
    const weights = Float64Array.from({ length: length + 1 }, (_, k) => exp(-(k ** 2) / (2 * (3 * scale) ** 2)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const moved = new Float64Array(values.length);
    for (const [k, weight] of weights.entries()) {
      const [dx, dy] = [Math.round(k * stepX), Math.round(k * stepY)];
      for (let y = 0; y < height; y++) {
        const row = Math.min(height - 1, Math.max(0, y + dy)) * width;
        for (let x = 0; x < width; x++) {
          const from = (row + Math.min(width - 1, Math.max(0, x + dx))) * channels;
          for (let c = 0; c < channels; c++)
            moved[(y * width + x) * channels + c]! += (weight / total) * values[from + c]!;
        }
      }
    }
    return moved;
  },
};
