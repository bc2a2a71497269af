import { log } from "../../base/math.ts";
import { blurred, type Canvas, type Corruption, draw } from "./canvas.ts";

/** Lines fade to nothing at this distance, in pixels of 28. */
const REACH = 2.3;

/**
 * A line from (x0, y0) to (x1, y1) into a mask [H,W], brightest in its middle: 1 + ln(1 − d / 2.3) at the vertical distance d,
 * for the columns from x0 to x1.
 */
function addLine(
  { height, width, scale }: Canvas,
  mask: Float64Array,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
): void {
  if (x0 === x1) return;
  const slope = (y1 - y0) / (x1 - x0);
  for (let x = Math.max(0, Math.floor(Math.min(x0, x1))); x < Math.min(width, Math.ceil(Math.max(x0, x1))); x++)
    for (let y = 0; y < height; y++) {
      const distance = Math.min(Math.abs(y - (slope * (x - x0) + y0)) / scale, REACH * (1 - 1e-9));
      const shade = Math.max(0, 1 + log(1 - distance / REACH));
      mask[y * width + x] = Math.min(1, mask[y * width + x]! + shade);
    }
}

/** A dotted line across the picture. */
export const dottedLine: Corruption = {
  name: "dotted_line",
  description: "a dotted line across it",
  apply(canvas, draws) {
    const { height, width, scale } = canvas;
    const mask = new Float64Array(height * width);
    const [from, to] = [draws.uniform() * (height - 1), draws.uniform() * (height - 1)];
    addLine(canvas, mask, [0, from], [width, to]);
    const dot = Math.max(1, Math.round(2 * scale));
    return draw(
      canvas,
      mask.map((shade, p) => (Math.floor((p % width) / dot) % 2 === 0 ? 0 : shade)),
    );
  },
};

/** A zigzag line across the picture, with strokes of 4 by 4 of 28 pixels. */
export const zigzag: Corruption = {
  name: "zigzag",
  description: "a zigzag line across it",
  apply(canvas, draws) {
    const { height, width, scale } = canvas;
    const mask = new Float64Array(height * width);
    const [startX, startY] = [2 * scale, draws.uniform() * (height - 1)];
    const [acrossX, acrossY] = [width - 1 - 4 * scale, scale * draws.whole(-5, 4)];
    const length = Math.sqrt(acrossX ** 2 + acrossY ** 2);
    const [stepX, stepY] = [acrossX / length, acrossY / length];
    // Points beside the straight line, at odd multiples of 2 pixels along it, in turn below and above.
    let before: readonly [number, number] = [startX, startY];
    for (let k = 0; (2 * k + 1) * 2 * scale <= length; k++) {
      const [along, beside] = [(2 * k + 1) * 2 * scale, (k % 2 === 0 ? 2 : -2) * scale];
      const next = [startX + along * stepX - beside * stepY, startY + along * stepY + beside * stepX] as const;
      addLine(canvas, mask, before, next);
      before = next;
    }
    return draw(canvas, mask);
  },
};

/** Splashes of mud, a quarter as strong as ink. */
export const spatter: Corruption = {
  name: "spatter",
  description: "splashes of mud",
  apply(canvas, draws) {
    const { height, width, channels, values, scale, ink } = canvas;
    const plane = { height, width, channels: 1 };
    const liquid = blurred(
      plane,
      Float64Array.from({ length: height * width }, () => 0.65 + 0.3 * draws.normal()),
      scale,
    );
    const splashes = blurred(
      plane,
      liquid.map((value) => Number(value > 0.65)),
      1.5 * scale,
    ).map((value) => (value < 0.8 ? 0 : value));
    const mud = ink === 1 ? 63 / 255 : 192 / 255;
    return values.map((value, i) => {
      const share = splashes[Math.floor(i / channels)]!;
      return value * (1 - share) + mud * share;
    });
  },
};
