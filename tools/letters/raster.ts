import type { Contour } from "./outline.ts";

/** A grey image, row-major, 0 (background) … 255 (ink). */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Lines that pixels' rows are measured along. */
const SCANLINES = 4;

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest rectangle around contours, or undefined where they have no area. */
export function boundsOf(contours: readonly Contour[]): Bounds | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const line of contours)
    for (let i = 0; i < line.length; i += 2) {
      left = Math.min(left, line[i]!);
      right = Math.max(right, line[i]!);
      top = Math.min(top, line[i + 1]!);
      bottom = Math.max(bottom, line[i + 1]!);
    }
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : undefined;
}

/** Adds the parts of pixels that x0 … x1 covers to a row of sums. */
function cover(row: Float64Array, x0: number, x1: number): void {
  const first = Math.floor(x0);
  const last = Math.min(row.length - 1, Math.floor(x1));
  for (let x = first; x <= last; x++) row[x]! += Math.min(x1, x + 1) - Math.max(x0, x);
}

/** The crossings of contours with the line at height y: where, and +1 downwards or −1 upwards, from left to right. */
function crossings(contours: readonly Contour[], y: number): [x: number, winding: number][] {
  const found: [number, number][] = [];
  for (const line of contours)
    for (let i = 0; i < line.length; i += 2) {
      const next = i + 2 < line.length ? i + 2 : 0;
      const [x0, y0, x1, y1] = [line[i]!, line[i + 1]!, line[next]!, line[next + 1]!];
      if (y0 <= y !== y1 <= y) found.push([x0 + ((y - y0) / (y1 - y0)) * (x1 - x0), y0 < y1 ? 1 : -1]);
    }
  return found.sort((a, b) => a[0] - b[0]);
}

/**
 * Fills contours, scaled so that their bounds are the image's edges. Inside is where the winding number is not
 * zero. A pixel is the mean of 4 lines through it, each covered exactly. Undefined where there is no area.
 */
export function rasterize(contours: readonly Contour[], width?: number, height?: number): Grey | undefined {
  const bounds = boundsOf(contours);
  if (!bounds) return undefined;
  const columns = width ?? Math.max(1, Math.round(bounds.width));
  const rows = height ?? Math.max(1, Math.round(bounds.height));
  const scaled = contours.map((line) =>
    line.map((value, i) =>
      i % 2 === 0 ? ((value - bounds.left) / bounds.width) * columns : ((value - bounds.top) / bounds.height) * rows,
    ),
  );
  const pixels = new Uint8Array(columns * rows);
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let line = 0; line < SCANLINES; line++) {
      let [winding, start] = [0, 0];
      for (const [x, turn] of crossings(scaled, row + (line + 0.5) / SCANLINES)) {
        if (winding === 0) start = x;
        winding += turn;
        if (winding === 0) cover(sums, start, x);
      }
    }
    for (let x = 0; x < columns; x++)
      pixels[row * columns + x] = Math.min(255, Math.round((sums[x]! / SCANLINES) * 255));
  }
  return { width: columns, height: rows, pixels };
}
