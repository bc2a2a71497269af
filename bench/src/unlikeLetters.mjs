import { philox, toUnit } from "../../dist/base/philox.js";

/** Pictures of each kind. */
const COUNT = 500;

/** The segments of digits: top, two on the upper sides, middle, two on the lower sides, bottom. */
const digits = [
  0b1110111, 0b0010010, 0b1011101, 0b1011011, 0b0111010, 0b1101011, 0b1101111, 0b1010010, 0b1111111, 0b1111011,
];
/** Ends of the segments, in widths and half heights of a digit. @type {readonly (readonly [number, number, number, number])[]} */
const segments = [
  [0, 0, 1, 0],
  [0, 0, 0, 1],
  [1, 0, 1, 1],
  [0, 1, 1, 1],
  [0, 1, 0, 2],
  [1, 1, 1, 2],
  [0, 2, 1, 2],
];

/** The distance of a point from a line between two points. @param {number} x @param {number} y @param {readonly number[]} line */
function distance(x, y, [x0 = 0, y0 = 0, x1 = 0, y1 = 0]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}

/**
 * Pictures that are no letters, as bytes [N,H,W,1] by what they show, the same each time: noise, plain gray, waves, and
 * digits of seven segments, light on dark, of random size, slant and thickness.
 *
 * @param {readonly [number, number, number]} input
 * @returns {Record<string, Uint8Array>}
 */
export function unlikeLetters([height, width]) {
  const random = (/** @type {number} */ what, /** @type {number} */ n, /** @type {number} */ k) =>
    toUnit(philox([7, what], [n, k, 0, 0])[0]);
  const between = (/** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ share) =>
    low + (high - low) * share;
  /** @param {(n: number) => (x: number, y: number) => number} picture A gray level from 0 to 1 for each place. */
  const drawn = (picture) => {
    const pixels = new Uint8Array(COUNT * height * width);
    for (let n = 0, at = 0; n < COUNT; n++) {
      const gray = picture(n);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) pixels[at++] = Math.round(255 * Math.min(1, Math.max(0, gray(x, y))));
    }
    return pixels;
  };
  return {
    noise: drawn((n) => (x, y) => random(1, n, y * width + x)),
    "plain gray": drawn((n) => () => n / (COUNT - 1)),
    waves: drawn((n) => {
      const [fx, fy, phase] = [0, 1, 2].map((k) => between(-0.8, 0.8, random(2, n, k)));
      return (x, y) => 0.5 + 0.5 * Math.sin((fx ?? 0) * x + (fy ?? 0) * y + 4 * (phase ?? 0));
    }),
    "drawn digits": drawn((n) => {
      const of = (/** @type {number} */ k) => random(3, n, k);
      const half = between(0.26, 0.38, of(0)) * height;
      const wide = between(0.8, 1.2, of(1)) * half;
      const thickness = between(0.06, 0.14, of(2)) * height;
      const slant = between(-0.15, 0.35, of(3));
      const lines = segments.flatMap((segment, s) => {
        if (((digits[n % 10] ?? 0) >> (6 - s)) % 2 === 0) return [];
        const point = (/** @type {number} */ x, /** @type {number} */ y) => [
          width / 2 + (x - 0.5) * wide - slant * (y - 1) * half,
          height / 2 + (y - 1) * half,
        ];
        const [x0, y0, x1, y1] = segment;
        return [[...point(x0, y0), ...point(x1, y1)]];
      });
      return (x, y) => 0.5 + thickness / 2 - Math.min(...lines.map((line) => distance(x + 0.5, y + 0.5, line)));
    }),
  };
}
