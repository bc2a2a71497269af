import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/base/crc32.ts";
import { philox, purposes } from "../../src/base/philox.ts";
import { corruptDataset, corruptImage, corruptions, scoreCorruptions } from "../../src/evaluation/index.ts";
import type { Image } from "../../src/image/image.ts";
import { bars } from "../training/data.ts";

/** A cross of ink, thicker than a pixel, on a plain background with some grain. */
function cross(height: number, width: number, channels: 1 | 3, dark = true): Image {
  const pixels = Uint8Array.from({ length: height * width * channels }, (_, i) => {
    const p = Math.floor(i / channels);
    const [y, x] = [Math.floor(p / width), p % width];
    const isInk = Math.abs(y - height / 2) < height / 8 || Math.abs(x - width / 2) < width / 8;
    const value = (isInk ? 220 : 20) + (philox([1, purposes.test], [i, 0, 0, 0])[0] & 15);
    return dark ? value : 255 - value;
  });
  return { height, width, channels, pixels };
}
const named = (name: string) => corruptions.find((corruption) => corruption.name === name)!;
const at = ({ pixels, width, channels }: Image, y: number, x: number) => pixels[(y * width + x) * channels]!;

describe("corruptions", () => {
  it("are the fifteen of MNIST-C", () => {
    expect(corruptions.map(({ name }) => name)).toEqual(
      "shot_noise impulse_noise glass_blur motion_blur shear scale rotate brightness translate stripe fog spatter dotted_line zigzag canny_edges".split(
        " ",
      ),
    );
  });

  it.each(corruptions.map((corruption) => [corruption.name, corruption] as const))(
    "%s: images of any size",
    (_, one) => {
      for (const [height, width, channels] of [
        [28, 28, 1],
        [9, 14, 3],
        [40, 33, 1],
        [3, 2, 1],
      ] as const) {
        const image = cross(height, width, channels);
        const before = image.pixels.slice();
        const corrupted = corruptImage(image, one, 3);
        expect(image.pixels).toEqual(before);
        expect({ ...corrupted, pixels: corrupted.pixels.length }).toEqual({ ...image, pixels: image.pixels.length });
        expect(corruptImage(image, one, 3)).toEqual(corrupted);
        if (height >= 9) expect(corrupted.pixels).not.toEqual(image.pixels);
      }
    },
  );

  it("are the same on every engine: checksums of what they make of one image", () => {
    const sums = corruptions.map((one) => [one.name, crc32(corruptImage(cross(28, 28, 1), one, 5).pixels)]);
    expect(Object.fromEntries(sums)).toMatchInlineSnapshot(`
      {
        "brightness": 3340549150,
        "canny_edges": 3825669681,
        "dotted_line": 1844263946,
        "fog": 1925655711,
        "glass_blur": 357489590,
        "impulse_noise": 1996420338,
        "motion_blur": 510869606,
        "rotate": 707090005,
        "scale": 3789644696,
        "shear": 37153320,
        "shot_noise": 549274531,
        "spatter": 4125637239,
        "stripe": 2664345312,
        "translate": 1923385128,
        "zigzag": 4214160271,
      }
    `);
  });

  it("are drawn by row and seed, except those without chance", () => {
    const image = cross(28, 28, 1);
    const fixed = corruptions.filter((one) =>
      Array.from({ length: 6 }, (_, row) => crc32(corruptImage(image, one, row).pixels)).every(
        (sum, _, [first]) => sum === first,
      ),
    );
    expect(fixed.map(({ name }) => name)).toEqual(["scale", "brightness", "stripe", "canny_edges"]);
    const seeded = [1, 2].map((seed) => corruptImage(image, named("shot_noise"), 0, { seed }).pixels);
    expect(seeded[0]).not.toEqual(seeded[1]);
  });

  it("do what their names say", () => {
    const image = cross(28, 28, 1);
    const noisy = corruptImage(image, named("impulse_noise"), 1);
    const replaced = noisy.pixels.filter((value, i) => value !== image.pixels[i]).length;
    expect(replaced / 784).toBeGreaterThan(0.12);
    expect(replaced / 784).toBeLessThan(0.22);
    const striped = corruptImage(image, named("stripe"), 1);
    expect([0, 6, 7, 20, 21, 27].map((x) => at(striped, 3, x) === 255 - at(image, 3, x))).toEqual([
      ...[true, true, false, false, true, true],
    ]);
    const bright = corruptImage(image, named("brightness"), 1);
    expect(at(bright, 0, 0)).toBe(Math.round(255 * Math.min(1, at(image, 0, 0) / 255 + 0.5)));
    const moved = corruptImage(image, named("translate"), 1);
    const shifts = [-3, 3].flatMap((dy) => [-3, 3].map((dx) => [dy, dx] as const));
    const isMoved = ([dy, dx]: readonly [number, number]) =>
      [10, 14, 17].every((y) => [9, 14, 18].every((x) => at(moved, y + dy, x + dx) === at(image, y, x)));
    expect(shifts.filter(isMoved)).toHaveLength(1);
    const edges = corruptImage(image, named("canny_edges"), 1);
    expect(new Set(edges.pixels)).toEqual(new Set([0, 255]));
    const drawn = edges.pixels.filter((value) => value === 255).length;
    expect(drawn).toBeGreaterThan(60);
    expect(drawn).toBeLessThan(200);
  });

  it("take marks from a light background, and add them to a dark one", () => {
    for (const [dark, sign] of [
      [true, 1],
      [false, -1],
    ] as const) {
      const image = cross(28, 28, 3, dark);
      for (const name of ["dotted_line", "zigzag"]) {
        const changes = Array.from(corruptImage(image, named(name), 2).pixels, (value, i) => value - image.pixels[i]!);
        expect(changes.every((change) => change * sign >= 0)).toBe(true);
        expect(changes.some((change) => change * sign > 60)).toBe(true);
      }
    }
    const full: Image = { height: 28, width: 28, channels: 1, pixels: new Uint8Array(784).fill(255) };
    const [corner] = corruptImage(full, named("scale"), 0, { background: "dark" }).pixels;
    expect([corner, corruptImage(full, named("scale"), 0).pixels[0]]).toEqual([0, 255]);
  });

  it("are scored kind by kind, with their mean error", async () => {
    const data = bars(12);
    const asked: number[] = [];
    const report = await scoreCorruptions(data, async (images) => {
      const pixels = new Uint8Array(12 * 64);
      if ("read" in images)
        images.read(
          Uint32Array.from({ length: 12 }, (_, i) => i),
          pixels,
        );
      asked.push(crc32(pixels));
      return Float32Array.from({ length: 12 }, (_, i) => (i < 11 - (asked.length % 3) ? 1 : 0));
    });
    expect(new Set(asked).size).toBe(16);
    expect(report.clean).toMatchObject({ count: 12, accuracy: 10 / 12 });
    expect(report.kinds.map(({ name }) => name)).toEqual(corruptions.map(({ name }) => name));
    const errors = report.kinds.map(({ accuracy }) => 1 - accuracy);
    expect(report.meanError).toBeCloseTo(errors.reduce((a, b) => a + b) / 15, 12);
  });

  it("of a data set do not depend on how it is read", () => {
    const changed = corruptDataset(bars(6), named("glass_blur"));
    const [all, one] = [new Uint8Array(6 * 64), new Uint8Array(64)];
    changed.read([0, 1, 2, 3, 4, 5], all);
    changed.read([4], one);
    expect(one).toEqual(all.subarray(4 * 64, 5 * 64));
  });
});
