/** A stroke: the x and the y of its points. */
export type Stroke = readonly [x: readonly number[], y: readonly number[]];

/** The side of a simplified drawing, and the width of its lines and of the margin around it, in its units. */
const SIDE = 256;
const LINE = 16;
const MARGIN = 16;

/** The side of the pictures that are drawn. */
export const BITMAP_SIDE = 28;

/**
 * Draws strokes as the bitmaps of Quick, Draw! are: centered, white lines with round ends on black, 28 × 28 pixels. The
 * coverage of a pixel is r + 1/2 − d, limited to 0 … 1, for its distance d from the nearest line of half-width r. Drawings
 * that are larger than 256 units, as raw ones are, are made smaller. Uses only arithmetic that is the same everywhere.
 */
export function drawStrokes(strokes: readonly Stroke[]): Uint8Array {
  const [left, right] = extent(strokes.map(([x]) => x));
  const [top, bottom] = extent(strokes.map(([, y]) => y));
  const size = Math.max(right - left, bottom - top);
  // Simplified drawings begin at 0 and are drawn as they are; only raw ones are moved and scaled.
  const shrunk = size > SIDE - 1 || left < 0 || top < 0 || right > SIDE - 1 || bottom > SIDE - 1;
  const scale = shrunk && size > 0 ? (SIDE - 1) / size : 1;
  const [startX, startY] = shrunk ? [left, top] : [0, 0];
  const pixel = BITMAP_SIDE / (SIDE + 2 * MARGIN + LINE);
  const offset = MARGIN + LINE / 2;
  const [centerX, centerY] = [(SIDE - (right - startX) * scale) / 2, (SIDE - (bottom - startY) * scale) / 2];
  const coverage = new Float64Array(BITMAP_SIDE * BITMAP_SIDE);
  for (const [xs, ys] of strokes) {
    const point = (k: number): Point => [
      ((xs[k]! - startX) * scale + centerX + offset) * pixel,
      ((ys[k]! - startY) * scale + centerY + offset) * pixel,
    ];
    for (let i = 0; i < xs.length; i++) drawLine(coverage, point(Math.max(0, i - 1)), point(i), (LINE / 2) * pixel);
  }
  return Uint8Array.from(coverage, (share) => Math.round(255 * share));
}

type Point = readonly [x: number, y: number];

function extent(lists: readonly (readonly number[])[]): readonly [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists)
    for (const value of list) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  return least > most ? [0, 0] : [least, most];
}

/** Adds a line with round ends: each pixel keeps its largest coverage. */
function drawLine(coverage: Float64Array, [x0, y0]: Point, [x1, y1]: Point, radius: number): void {
  const reach = radius + 1;
  const bound = (value: number) => Math.min(BITMAP_SIDE - 1, Math.max(0, Math.floor(value)));
  const [dx, dy] = [x1 - x0, y1 - y0];
  const square = dx * dx + dy * dy;
  for (let y = bound(Math.min(y0, y1) - reach); y <= bound(Math.max(y0, y1) + reach); y++)
    for (let x = bound(Math.min(x0, x1) - reach); x <= bound(Math.max(x0, x1) + reach); x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = square === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / square));
      const [ex, ey] = [px - along * dx, py - along * dy];
      const share = Math.min(1, Math.max(0, radius + 0.5 - Math.sqrt(ex * ex + ey * ey)));
      const at = y * BITMAP_SIDE + x;
      if (share > coverage[at]!) coverage[at] = share;
    }
}
