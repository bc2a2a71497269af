import { describe, expect, it } from "vitest";
import { resize, sinPi } from "../../tools/letters/resize.ts";

const gray = (width: number, height: number, pixel: (x: number, y: number) => number) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width))),
});

describe("resize", () => {
  it("has a sine of its own", () => {
    for (let x = -6; x <= 6; x += 1 / 64) expect(sinPi(x)).toBeCloseTo(Math.sin(Math.PI * x), 14);
    expect(sinPi(3)).toBe(-0);
  });

  it("leaves an image of the same size alone", () => {
    const image = gray(28, 28, (x, y) => (x * 37 + y * 101) % 256);
    expect(resize(image, 28, 28)).toEqual(image);
  });

  it("keeps even gray even, larger and smaller", () => {
    for (const [width, height] of [
      [1, 1],
      [5, 90],
      [64, 3],
    ] as const)
      for (const level of [0, 1, 127, 255])
        expect(
          new Set(
            resize(
              gray(width, height, () => level),
              28,
              28,
            ).pixels,
          ),
        ).toEqual(new Set([level]));
  });

  it("rings beside an edge", () => {
    // By the formula: 4 samples to 8, the filter at offsets ±1/4, ±3/4 … from each new sample, clipped to 0 … 255.
    const { pixels } = resize(
      gray(4, 1, (x) => (x < 2 ? 50 : 200)),
      8,
      1,
    );
    const lanczos = (x: number) => (Math.abs(x) < 3 ? (sinPi(x) * sinPi(x / 3) * 3) / (Math.PI * x) ** 2 : 0);
    const expected = Array.from({ length: 8 }, (_, i) => {
      const weights = [0, 1, 2, 3].map((k) => lanczos(k - (i + 0.5) / 2 + 0.5));
      const sum = weights.reduce((a, b) => a + b, 0);
      return Math.round(weights.reduce((total, weight, k) => total + (weight / sum) * (k < 2 ? 50 : 200), 0));
    });
    expect([...pixels]).toEqual(expected);
    expect(Math.min(...pixels)).toBeLessThan(50);
    expect(Math.max(...pixels)).toBeGreaterThan(200);
  });

  it("treats rows as it treats columns", () => {
    const image = gray(40, 17, (x, y) => (x * y * 13) % 256);
    const turned = gray(17, 40, (x, y) => image.pixels[x * 40 + y]!);
    const [a, b] = [resize(image, 28, 28).pixels, resize(turned, 28, 28).pixels];
    // Bytes are rounded and clipped between the two passes, so only nearly.
    const mean = a.reduce((sum, _, i) => sum + Math.abs(a[i]! - b[(i % 28) * 28 + Math.floor(i / 28)]!), 0) / 784;
    expect(mean).toBeLessThan(4);
  });
});
