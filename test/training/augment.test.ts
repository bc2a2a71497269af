import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { flatten, gaussianNoise, identity, maxPool2d, randomAffine } from "../../src/layers/index.ts";
import { augment } from "../../src/training/index.ts";
import { bars } from "./data.ts";

enableRelaxedSimd();
const data = bars(24);
const size = 64;
const layers = [randomAffine({ rotation: 20, shift: 2 }), gaussianNoise({ stddev: 0.1 })];
const at = (pixels: Uint8Array, k: number) => pixels.slice(k * size, (k + 1) * size);

describe("augment", () => {
  it("leaves images as they are without layers", async () => {
    expect(await augment(data, [])).toEqual(data.images);
    expect(await augment(data, [identity()], { rows: [7, 3] })).toEqual(
      Uint8Array.from([...at(data.images, 7), ...at(data.images, 3)]),
    );
  });

  it("gives the same for the same seed and step, and other draws otherwise", async () => {
    const images = await augment(data, layers);
    expect(images).toHaveLength(data.images.length);
    expect(images).not.toEqual(data.images);
    expect(await augment(data, layers, { backend: interpretBackend })).toEqual(images);
    expect(await augment(data, layers, { seed: 2 })).not.toEqual(images);
    expect(await augment(data, layers, { step: 1 })).not.toEqual(images);
  });

  it("draws batch after batch for step after step, by an image's place in its batch", async () => {
    const rows = [5, 5, 5, 5, 5, 5];
    const images = await augment(data, layers, { rows, batchSize: 2, step: 3 });
    expect(new Set(rows.map((_, k) => at(images, k).join())).size).toBe(6);
    const second = await augment(data, layers, { rows: [5, 5], batchSize: 16, step: 4 });
    expect(second).toEqual(images.slice(2 * size, 4 * size));
    // The last batch need not be full.
    expect(await augment(data, layers, { rows: rows.slice(0, 5), batchSize: 2, step: 3 })).toEqual(
      images.slice(0, 5 * size),
    );
  });

  it("mixes each image with the one before in its batch, or with those that are named", async () => {
    const options = { rows: [0, 1, 2, 3, 4], batchSize: 2, mixup: 1 };
    const mixed = await augment(data, [], options);
    expect(await augment(data, [], { ...options, others: [1, 0, 3, 2, 4] })).toEqual(mixed);
    expect(await augment(data, [], { ...options, others: [1, 0, 3, 2, 0] })).not.toEqual(mixed);
    expect(await augment(data, [], { ...options, others: options.rows })).toEqual(data.images.slice(0, 5 * size));
  });

  it("stores what lies beyond black and white as these", async () => {
    const images = await augment(data, [gaussianNoise({ stddev: 5 })], { rows: [0] });
    expect([...images].filter((gray) => gray === 0 || gray === 255).length).toBeGreaterThan(size / 2);
  });

  it.each([
    [layers, { rows: [24] }, "augment: row 24 is out of range, expected 0 to 23"],
    [layers, { mixup: 1, others: [0] }, "augment: others has 1 rows for 24 images; give every image one"],
    [layers, { rows: [1], others: [-1] }, "augment: others: row -1 is out of range, expected 0 to 23"],
    [layers, { batchSize: 0 }, "augment: batchSize is 0, expected a whole number of at least 1"],
    [layers, { seed: -1 }, "augment: seed is -1, expected a whole number from 0 to 4294967295"],
    [layers, { mixup: -1 }, "augment: mixup is -1, expected a number of at least 0"],
    [
      [maxPool2d(2)],
      {},
      "augment: the layers change images of shape (8, 8, 1) to (4, 4, 1); use layers that preserve the shape",
    ],
    [
      [flatten()],
      {},
      "augment: the layers change images of shape (8, 8, 1) to (64,); use layers that preserve the shape",
    ],
  ])("refuses %j with %j", async (given, options, message) => {
    await expect(augment(data, given, options)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
  });
});
