import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findNearDuplicates } from "../../src/datasets/duplicates/near.ts";
import type { Images } from "../../src/datasets/images.ts";
import { bars } from "../training/data.ts";

type Shape = readonly [number, number, number];
const imagesOf = (imageShape: Shape, images: readonly (readonly number[])[]): Images => ({
  images: Uint8Array.from(images.flat()),
  labels: new Uint16Array(images.length),
  imageShape,
});

/** The means of cells of f × f pixels, rounded. */
function thumbnail([height, width, channels]: Shape, image: ArrayLike<number>): number[] {
  const f = Math.ceil(Math.max(height, width) / 16);
  const means: number[] = [];
  for (let y = 0; y < height; y += f)
    for (let x = 0; x < width; x += f)
      for (let c = 0; c < channels; c++) {
        const cell: number[] = [];
        for (let v = y; v < Math.min(height, y + f); v++)
          for (let u = x; u < Math.min(width, x + f); u++) cell.push(image[(v * width + u) * channels + c]!);
        means.push(Math.round(cell.reduce((a, b) => a + b) / cell.length));
      }
  return means;
}

function areNear(a: readonly number[], b: readonly number[]): boolean {
  const centred = (values: readonly number[]) => {
    const mean = values.reduce((x, y) => x + y) / values.length;
    return values.map((value) => value - mean);
  };
  const [x, y] = [centred(a), centred(b)];
  const dot = (p: readonly number[], q: readonly number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
  const correlation = dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  return correlation >= 0.995 && a.every((value, i) => Math.abs(value - b[i]!) <= 64);
}

/** Groups as their definition says, pair by pair. */
function slowly(shape: Shape, images: readonly (readonly number[])[]): number[][] {
  const small = images.map((image) => thumbnail(shape, image));
  const groupOf = images.map((_, i) => i);
  for (let a = 0; a < images.length; a++)
    for (let b = 0; b < a; b++)
      if (images[a]!.join() === images[b]!.join() || areNear(small[a]!, small[b]!)) {
        const [from, to] = [groupOf[a]!, groupOf[b]!];
        for (let i = 0; i < images.length; i++) if (groupOf[i] === from) groupOf[i] = to;
      }
  return [...new Set(groupOf)]
    .map((group) => groupOf.flatMap((other, i) => (other === group ? [i] : [])))
    .filter((rows) => rows.length > 1)
    .sort((a, b) => a[0]! - b[0]!);
}

fc.configureGlobal({ seed: 4 });

describe("near duplicates", () => {
  it("are those of the definition: none is missed, none is too many", () => {
    const shapes = fc.constantFrom<Shape>([8, 8, 1], [5, 7, 3], [20, 33, 1], [1, 3, 1]);
    const draws = fc.array(
      fc.record({ base: fc.nat(3), scale: fc.integer({ min: 50, max: 100 }), noise: fc.nat(40), seed: fc.nat(1000) }),
      { minLength: 2, maxLength: 20 },
    );
    let found = 0;
    fc.assert(
      fc.property(shapes, draws, (shape, drawn) => {
        const size = shape[0] * shape[1] * shape[2];
        const images = drawn.map(({ base, scale, noise, seed }) =>
          Array.from({ length: size }, (_, i) => {
            const pattern = base === 0 ? 90 : (i * (base * 37 + 11)) % 200;
            return Math.round((pattern * scale) / 100) + ((i * (2 * seed + 1)) % (noise + 1));
          }),
        );
        const groups = findNearDuplicates(imagesOf(shape, images));
        expect(groups).toEqual(slowly(shape, images));
        found += groups.length;
      }),
    );
    expect(found).toBeGreaterThan(50);
  });

  const { images: pixels } = bars(12, { size: 28 });
  const images = Array.from({ length: 12 }, (_, i) => [...pixels.subarray(i * 784, (i + 1) * 784)]);
  const [one, other] = [images[0]!, images[1]!];
  const groupsOf = (...all: readonly (readonly number[])[]) => findNearDuplicates(imagesOf([28, 28, 1], all));

  it("are images with noise, and with other brightness and contrast", () => {
    const noisy = one.map((value, i) => Math.max(0, value + ((i * 7) % 5) - 2));
    const bright = one.map((value) => 20 + value * 0.8);
    expect(groupsOf(one, other, noisy, bright)).toEqual([[0, 2, 3]]);
  });

  it("are not images of another class, moved, or changed in one place", () => {
    const moved = one.map((_, i) => one[(i + 784 - 56) % 784]!);
    const changed = one.map((value, i) => (Math.floor(i / 28) < 4 && i % 28 < 4 ? 255 - value : value));
    expect(groupsOf(one, other, moved, changed)).toEqual([]);
  });

  it("are even images with no contrast, if they are the same", () => {
    const even = (value: number) => one.map(() => value);
    expect(groupsOf(even(0), even(1), even(0), even(255), even(255))).toEqual([
      [0, 2],
      [3, 4],
    ]);
  });

  it("are found across data sets, rows being counted on", () => {
    const set = (...all: readonly (readonly number[])[]) => imagesOf([28, 28, 1], all);
    const near = one.map((value) => Math.min(255, value + 1));
    expect(findNearDuplicates(set(other, one), set(images[2]!, near))).toEqual([[1, 3]]);
    expect(findNearDuplicates(set())).toEqual([]);
  });
});
