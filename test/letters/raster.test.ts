import { describe, expect, it } from "vitest";
import { flatten } from "../../tools/letters/outline.ts";
import { boundsOf, rasterize } from "../../tools/letters/raster.ts";

/** A rectangle, clockwise on a screen, or the other way round. */
const box = (x0: number, y0: number, x1: number, y1: number, reverse = false) => {
  const clockwise = [x0, y0, x1, y0, x1, y1, x0, y1];
  return reverse ? [x0, y0, x0, y1, x1, y1, x1, y0] : clockwise;
};
const ink = (pixels: Uint8Array) => pixels.reduce((sum, pixel) => sum + pixel, 0) / 255;

/** A circle of four cubic curves, whose area is that of a true one to within 0.03 %. */
function circle(cx: number, cy: number, r: number) {
  const k = 0.5519150244935106 * r;
  return flatten([
    { type: "M", x: cx + r, y: cy },
    { type: "C", x1: cx + r, y1: cy + k, x2: cx + k, y2: cy + r, x: cx, y: cy + r },
    { type: "C", x1: cx - k, y1: cy + r, x2: cx - r, y2: cy + k, x: cx - r, y: cy },
    { type: "C", x1: cx - r, y1: cy - k, x2: cx - k, y2: cy - r, x: cx, y: cy - r },
    { type: "C", x1: cx + k, y1: cy - r, x2: cx + r, y2: cy - k, x: cx + r, y: cy },
    { type: "Z" },
  ]);
}

describe("outline", () => {
  it("has exact bounds, also where a curve turns between its ends", () => {
    const quadratic = flatten([{ type: "M", x: 0, y: 0 }, { type: "Q", x1: 3, y1: 10, x: 9, y: 0 }, { type: "Z" }]);
    const bounds = boundsOf(quadratic)!;
    expect(bounds.height).toBeCloseTo(5, 12); // half of the control point's height
    expect(bounds.width).toBe(9);
    const cubic = flatten([
      { type: "M", x: 0, y: 0 },
      { type: "C", x1: 20, y1: 4, x2: -10, y2: 4, x: 10, y: 0 },
      { type: "Z" },
    ]);
    const { left, width, height } = boundsOf(cubic)!;
    expect(height).toBeCloseTo(3, 12);
    const x = (t: number) => 60 * t * (1 - t) ** 2 - 30 * t * t * (1 - t) + 10 * t ** 3;
    const dense = Array.from({ length: 100_001 }, (_, i) => x(i / 100_000));
    expect(left).toBeCloseTo(Math.min(...dense.slice(0, 50_000), ...dense.slice(50_000)), 6);
    expect(left + width).toBeGreaterThanOrEqual(dense.reduce((a, b) => Math.max(a, b)) - 1e-9);
  });

  it("leaves out contours without area, and images of nothing", () => {
    expect(flatten([{ type: "M", x: 1, y: 1 }, { type: "L", x: 9, y: 9 }, { type: "Z" }])).toEqual([]);
    expect(rasterize([])).toBeUndefined();
    expect(rasterize([[0, 0, 5, 0, 9, 0]])).toBeUndefined();
  });
});

describe("rasterize", () => {
  it("fills a rectangle wholly, whatever its place and its fractions of pixels", () => {
    const image = rasterize([box(-3.3, 7.1, 6.9, 28.2)])!;
    expect([image.width, image.height]).toEqual([10, 21]);
    expect(image.pixels.every((pixel) => pixel === 255)).toBe(true);
  });

  it("gives a thin stroke one pixel", () => {
    const image = rasterize([box(0, 0, 0.2, 9)])!;
    expect([image.width, image.height]).toEqual([1, 9]);
    expect(image.pixels.every((pixel) => pixel === 255)).toBe(true);
  });

  it("measures what a line covers of a pixel exactly", () => {
    // A bar of a quarter pixel hangs below a beam; both edges of the bar lie within one pixel.
    const { pixels } = rasterize([box(0, 0, 4, 1), box(1.25, 1, 1.5, 2)])!;
    expect([...pixels]).toEqual([255, 255, 255, 255, 0, 64, 0, 0]);
  });

  it("has the area of a triangle and of a circle", () => {
    expect(ink(rasterize([[0, 0, 40, 40, 0, 40]])!.pixels)).toBeCloseTo(800, 0);
    const disc = rasterize(circle(3.7, -2, 20))!;
    expect([disc.width, disc.height]).toEqual([40, 40]);
    expect(Math.abs(ink(disc.pixels) / (Math.PI * 400) - 1)).toBeLessThan(0.003);
  });

  it("is non-zero winding: a ring has a hole only where its contours run against each other", () => {
    expect(ink(rasterize([box(0, 0, 12, 12), box(4, 4, 8, 8, true)])!.pixels)).toBe(144 - 16);
    expect(ink(rasterize([box(0, 0, 12, 12), box(4, 4, 8, 8)])!.pixels)).toBe(144);
    expect(ink(rasterize([box(0, 0, 8, 12), box(4, 0, 12, 12)])!.pixels)).toBe(144); // strokes that overlap
    expect(ink(rasterize([box(0, 0, 12, 12, true), box(4, 4, 8, 8)])!.pixels)).toBe(144 - 16);
  });

  it("is symmetric where its outline is", () => {
    const { width, height, pixels } = rasterize(circle(0, 0, 16))!;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        expect(Math.abs(pixels[y * width + x]! - pixels[y * width + width - 1 - x]!)).toBeLessThanOrEqual(1);
  });
});
