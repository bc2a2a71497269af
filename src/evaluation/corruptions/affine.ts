import { cos } from "../../base/math.ts";
import type { Canvas, Corruption } from "./canvas.ts";

/** The angle in rad, 23°, its cosine and its sine. */
const ANGLE = 0.4;
const [COS, SIN] = [cos(ANGLE), cos(Math.PI / 2 - ANGLE)];

/** A 2 × 2 matrix from offsets (x, y) in the result to those in the picture, both from the center. */
type Matrix = readonly [readonly [number, number], readonly [number, number]];

/** The picture under a linear map around its center and a shift, interpolated; what comes from outside has the color of the border. */
function warped(
  canvas: Canvas,
  [[a, b], [c, d]]: Matrix,
  shift: readonly [x: number, y: number] = [0, 0],
): Float64Array {
  const { height, width, channels, values, background } = canvas;
  const [centerX, centerY] = [(width - 1) / 2, (height - 1) / 2];
  const at = (y: number, x: number, channel: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? background[channel]! : values[(y * width + x) * channels + channel]!;
  return values.map((_, i) => {
    const [channel, pixel] = [i % channels, Math.floor(i / channels)];
    const [x, y] = [(pixel % width) - centerX, Math.floor(pixel / width) - centerY];
    const fromX = centerX + a * x + b * y + shift[0];
    const fromY = centerY + c * x + d * y + shift[1];
    const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
    const [right, down] = [fromX - left, fromY - top];
    return (
      (1 - down) * ((1 - right) * at(top, left, channel) + right * at(top, left + 1, channel)) +
      down * ((1 - right) * at(top + 1, left, channel) + right * at(top + 1, left + 1, channel))
    );
  });
}

/** Slanted by 23° to the left or to the right. */
export const shear: Corruption = {
  name: "shear",
  description: "slanted by 23°",
  apply: (canvas, draws) =>
    warped(canvas, [
      [1, -SIN * draws.sign()],
      [0, COS],
    ]),
};

/** Shrunk to 70 %. */
export const scale: Corruption = {
  name: "scale",
  description: "shrunk to 70 %",
  apply: (canvas) =>
    warped(canvas, [
      [1 / 0.7, 0],
      [0, 1 / 0.7],
    ]),
};

/** Rotated by 23° to the left or to the right. */
export const rotate: Corruption = {
  name: "rotate",
  description: "rotated by 23°",
  apply(canvas, draws) {
    const sin = SIN * draws.sign();
    return warped(canvas, [
      [COS, -sin],
      [sin, COS],
    ]);
  },
};

/** Moved by 3 of 28 pixels along both axes. */
export const translate: Corruption = {
  name: "translate",
  description: "moved by a tenth of its size",
  apply: (canvas, draws) =>
    warped(
      canvas,
      [
        [1, 0],
        [0, 1],
      ],
      [3 * canvas.scale * draws.sign(), 3 * canvas.scale * draws.sign()],
    ),
};
