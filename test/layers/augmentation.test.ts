import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feedImages, imagesInMemory, resultOf, runRows } from "../../src/engine/feed.ts";
import { augmentationProgram } from "../../src/engine/imagePrograms.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import {
  conv2d,
  dense,
  flatten,
  gaussianNoise,
  type LayerConfig,
  randomAffine,
  randomColor,
  randomContrast,
  randomCrop,
  randomElastic,
  randomErasing,
  randomFlip,
  randomThickness,
  relu,
} from "../../src/layers/index.ts";
import { buildGraph, defaultPreprocessing, network, parseLayers } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { pairs } from "../backends/backends.ts";
import { trainSteps } from "../engine/session.ts";

const classes = ["A", "B", "C", "D"];
const augmentations: readonly LayerConfig[] = [
  randomAffine({ rotation: 20, shift: 2, scale: 0.2, shear: 0.2 }),
  randomElastic({ strength: 3, grid: 2 }),
  randomThickness({ dilate: 0.4, erode: 0.4 }),
  randomErasing({ size: 3 }),
  randomContrast({ factor: 0.3, brightness: 0.2 }),
  randomFlip({ vertical: 0.5 }),
  randomCrop({ padding: 2 }),
  gaussianNoise({ stddev: 0.1 }),
];
const augmented = network({ input: [8, 8, 1], classes }, [...augmentations, conv2d(5, 3), relu(), flatten(), dense(4)]);

/** One image as augmented in training, in normalized values, `draws` times. */
async function drawn(
  layers: readonly LayerConfig[],
  size: number,
  pixel: (h: number, w: number) => number,
  { draws = 1, seed = 1, step = 0 } = {},
): Promise<readonly Float32Array[]> {
  const seen = { input: [size, size, 1], preprocessing: defaultPreprocessing, layers: parseLayers(layers) } as const;
  const { spec, images, output } = augmentationProgram(seen, { batchSize: draws });
  const engine = await Engine.create([spec], wasmBackend());
  const pixels = Uint8Array.from({ length: size * size }, (_, p) => pixel(Math.floor(p / size), p % size));
  const feed = (rows: Uint32Array) => feedImages(engine, spec, images, imagesInMemory(pixels, size * size), rows);
  const rows = new Uint32Array(draws);
  const run = await resultOf(runRows(engine, spec, { rows, feed, outputs: { output }, seed, stepOf: () => step }));
  return Array.from({ length: draws }, (_, k) => run.output.slice(k * size * size, (k + 1) * size * size));
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((x) => (x - mean(values)) ** 2)));

describe.each(augmentations.map((layer) => [layer.type, layer] as const))("%s", (_type, layer) => {
  const pixel = (h: number, w: number) => (h * 37 + w * 61) % 256;

  it("does nothing at inference", () => {
    const model = network({ input: [8, 8, 1], classes }, [layer, flatten(), dense(4)]);
    const built = buildGraph(model, 2, false);
    expect(built.outputs.get(model.layers[0]!.name)).toBe(built.outputs.get("input"));
  });

  it("draws different numbers for each sample, step, seed and layer, and the same ones for equal ones", async () => {
    const { name: _, ...nameless } = layer;
    const options = { draws: 8, seed: 3, step: 5 };
    const images = await drawn([layer], 8, pixel, options);
    expect(await drawn([layer], 8, pixel, options)).toEqual(images);
    expect(new Set(images.map((image) => image.join())).size).toBeGreaterThan(2);
    expect(await drawn([layer], 8, pixel, { ...options, step: 6 })).not.toEqual(images);
    expect(await drawn([layer], 8, pixel, { ...options, seed: 4 })).not.toEqual(images);
    const second = await drawn([randomErasing({ size: 1, probability: 0 }), nameless], 8, pixel, options);
    expect(second).not.toEqual(images);
  });

  it("draws for a sample independently of the batch size", async () => {
    const images = await drawn([layer], 8, pixel, { draws: 6 });
    expect(await drawn([layer], 8, pixel, { draws: 4 })).toEqual(images.slice(0, 4));
  });
});

describe("training with every augmentation", () => {
  it.each(pairs)("gives the same bits in the interpreter and in WebAssembly, %s", async (_name, interpreter, wasm) => {
    const options = { batchSize: 5, calls: [3] };
    const want = await trainSteps(augmented, { ...options, backend: interpreter });
    expect(await trainSteps(augmented, { ...options, backend: wasm })).toEqual(want);
  });

  it("gives the same bits however steps are divided into calls, even after reading and writing all weights", async () => {
    const run = (calls: readonly number[], rewrite = false) =>
      trainSteps(augmented, { backend: wasmBackend(), batchSize: 6, calls, rewrite });
    const want = await run([7]);
    expect(await run([1, 4, 2])).toEqual(want);
    expect(await run([3, 4], true)).toEqual(want);
  });
});

describe("what is drawn", () => {
  it("randomAffine shifts uniformly by up to the given number of pixels", async () => {
    // A ramp of 2 levels per pixel along both axes: its middle shows how far it moved.
    const images = await drawn([randomAffine({ shift: [3, 0] })], 21, (h) => 12 * h, { draws: 2000 });
    const rows = images.map((image) => ((image[10 * 21 + 10]! + 0.5) * 255) / 12 - 10);
    expect(Math.max(...rows.map(Math.abs))).toBeLessThanOrEqual(3.0001);
    expect(mean(rows)).toBeCloseTo(0, 0);
    expect(deviation(rows)).toBeCloseTo(3 / Math.sqrt(3), 1);
    const still = await drawn([randomAffine({ shift: [3, 0] })], 21, (_, w) => 12 * w, { draws: 20 });
    for (const image of still) expect(image[10 * 21 + 4]).toBeCloseTo((12 * 4 - 127.5) / 255, 5);
  });

  it("randomAffine rotates, scales and shears about the center", async () => {
    const only = async (options: object, pixel: (h: number, w: number) => number) =>
      (await drawn([randomAffine(options)], 21, pixel, { draws: 1000 })).map((image) => {
        const at = (h: number, w: number) => ((image[h * 21 + w]! + 0.5) * 255) / 12;
        expect(at(10, 10)).toBeCloseTo(10, 3);
        return [at(12, 10) - 10, at(10, 12) - 10] as const;
      });
    const row = (h: number) => 12 * h;
    for (const [down, right] of await only({ rotation: 30 }, row)) {
      expect((down / 2) ** 2 + (right / 2) ** 2).toBeCloseTo(1, 3);
      expect(Math.abs(right / 2)).toBeLessThan(0.5001);
    }
    const scaled = (await only({ scale: 0.25 }, row)).map(([down]) => 2 / down);
    expect(Math.min(...scaled)).toBeGreaterThan(0.7499);
    expect(Math.min(...scaled)).toBeLessThan(0.76);
    expect(Math.max(...scaled)).toBeLessThan(1.2501);
    expect(Math.max(...scaled)).toBeGreaterThan(1.24);
    const sheared = (await only({ shear: 0.5 }, (_, w) => 12 * w)).map(([down, right]) => {
      expect(right).toBeCloseTo(2, 3);
      return down / 2;
    });
    expect(Math.max(...sheared.map(Math.abs))).toBeLessThan(0.5001);
    expect(deviation(sheared)).toBeCloseTo(0.5 / Math.sqrt(3), 1);
  });

  it("randomElastic displaces pixels by a standard deviation of 0.28 times its strength", async () => {
    const images = await drawn([randomElastic({ strength: 4 })], 21, (_, w) => 12 * w, { draws: 500 });
    const moved = images.flatMap((image) =>
      Array.from({ length: 9 * 9 }, (_, i) => {
        const [h, w] = [6 + Math.floor(i / 9), 6 + (i % 9)];
        return ((image[h * 21 + w]! + 0.5) * 255) / 12 - w;
      }),
    );
    expect(Math.max(...moved.map(Math.abs))).toBeLessThan(4);
    expect(Math.abs(deviation(moved) / 4 - 0.277)).toBeLessThan(0.015);
  });

  it("randomErasing erases the given share of images, and the whole rectangle if it lies inside", async () => {
    const images = await drawn([randomErasing({ size: [4, 5], probability: 0.3 })], 12, () => 255, { draws: 3000 });
    const sizes = images.map((image) => image.filter((value) => value === -0.5).length);
    expect(mean(sizes.map((size) => Number(size > 0)))).toBeCloseTo(0.3, 1);
    expect(Math.max(...sizes)).toBe(20);
  });

  it("randomThickness dilates and erodes the given shares of images", async () => {
    const bar = (_: number, w: number) => (w === 4 || w === 5 || w === 6 ? 255 : 0);
    const images = await drawn([randomThickness({ dilate: 0.5, erode: 0.2 })], 11, bar, { draws: 2000 });
    const share = (is: (image: Float32Array) => boolean) => mean(images.map((image) => Number(is(image))));
    expect(share((image) => image[3]! > -0.5)).toBeCloseTo(0.5, 1);
    expect(share((image) => image[4]! < 0.5)).toBeCloseTo(0.2, 1);
    for (const image of images) expect([image[5], image[0]]).toEqual([0.5, -0.5]);
  });

  it("randomContrast preserves medium gray without a change of brightness", async () => {
    const images = await drawn([randomContrast({ factor: 0.5 })], 4, (h) => h * 85, { draws: 1000 });
    const gains = images.map((image) => image[12]! / 0.5);
    expect(Math.min(...gains)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...gains)).toBeLessThan(1.5);
    expect(deviation(gains)).toBeCloseTo(0.5 / Math.sqrt(3), 1);
    for (const [k, image] of images.entries()) expect(image[0]).toBeCloseTo(-0.5 * gains[k]!, 6);
  });

  it("randomFlip mirrors the given shares of images, each along its axis", async () => {
    const images = await drawn([randomFlip({ horizontal: 0.3, vertical: 0.5 })], 4, (h, w) => 16 * h + w, {
      draws: 3000,
    });
    const first = images.map((image) => Math.round(image[0]! * 255 + 127.5));
    const share = (...corners: readonly number[]) => mean(first.map((value) => Number(corners.includes(value))));
    expect(new Set(first)).toEqual(new Set([0, 3, 48, 51]));
    expect(share(3, 51)).toBeCloseTo(0.3, 1);
    expect(share(48, 51)).toBeCloseTo(0.5, 1);
  });

  it("randomCrop shifts by every number of whole pixels up to the padding, and continues edges", async () => {
    const images = await drawn([randomCrop({ padding: [2, 0] })], 6, (h) => 40 * h, { draws: 2000 });
    const rows = images.map((image) =>
      Array.from({ length: 6 }, (_, h) => Math.round(image[6 * h]! * 255 + 127.5) / 40),
    );
    const shifts = rows.map((row) => row[2]! - 2);
    for (const shift of [-2, -1, 0, 1, 2]) expect(mean(shifts.map((s) => Number(s === shift)))).toBeCloseTo(0.2, 1);
    for (const [k, row] of rows.entries())
      expect(row).toEqual(row.map((_, h) => Math.min(Math.max(h + shifts[k]!, 0), 5)));
  });

  it.each([randomAffine({ shift: 30, fill: "edge" }), randomElastic({ strength: 30, fill: "edge" })])(
    "$type leaves an even image as it is if it continues its edges",
    async (layer) => {
      for (const image of await drawn([layer], 8, () => 200, { draws: 20 }))
        expect(new Set(image)).toEqual(new Set([Math.fround((200 - 127.5) / 255)]));
    },
  );

  it("randomColor keeps grays and the mean of the channels, and changes the others by the given amount", async () => {
    const input = [1, 2, 3] as const;
    const layers = parseLayers([randomColor({ saturation: 0.5, hue: 60 })]);
    const { spec, images, output } = augmentationProgram(
      { input, preprocessing: { mean: 0, scale: 1 }, layers },
      { batchSize: 1000 },
    );
    const engine = await Engine.create([spec], wasmBackend());
    const feed = (rows: Uint32Array) =>
      feedImages(engine, spec, images, imagesInMemory(Uint8Array.of(90, 90, 90, 120, 60, 90), 6), rows);
    const run = await resultOf(
      runRows(engine, spec, { rows: new Uint32Array(1000), feed, outputs: { output }, seed: 1, stepOf: () => 0 }),
    );
    const colors = Array.from({ length: 1000 }, (_, k) => run.output.slice(6 * k, 6 * k + 6));
    const chroma = colors.map(([, , , r, g, b]) => Math.hypot(r! - 90, g! - 90, b! - 90) / Math.hypot(30, 30));
    for (const pixels of colors) {
      for (const gray of pixels.slice(0, 3)) expect(gray).toBeCloseTo(90, 3);
      expect(mean([...pixels.slice(3)])).toBeCloseTo(90, 3);
    }
    expect(Math.min(...chroma)).toBeGreaterThan(0.499);
    expect(Math.max(...chroma)).toBeLessThan(1.501);
    expect(deviation(chroma)).toBeCloseTo(0.5 / Math.sqrt(3), 1);
    const angles = colors.map(([, , , r, g, b]) =>
      Math.acos(
        ((r! - 90) * 30 - (g! - 90) * 30 + (b! - 90) * 0) /
          (Math.hypot(30, 30) * Math.hypot(r! - 90, g! - 90, b! - 90)),
      ),
    );
    expect(Math.max(...angles)).toBeLessThan(Math.PI / 3 + 1e-3);
    expect(Math.max(...angles)).toBeGreaterThan(1);
  });

  it("gaussianNoise has the moments of a normal distribution", async () => {
    const images = await drawn([gaussianNoise({ stddev: 0.2 })], 32, () => 255, { draws: 200 });
    const z = images.flatMap((image) => Array.from(image, (value) => (value - 0.5) / 0.2));
    const n = z.length;
    // Within 4 standard errors of mean 0, variance 1, skewness 0, kurtosis 3.
    for (const [power, moment, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const)
      expect(Math.abs(mean(z.map((x) => x ** power)) - moment)).toBeLessThan(4 * Math.sqrt(variance / n));
    expect(mean(z.map((x) => Number(Math.abs(x) > 3)))).toBeCloseTo(0.0027, 3);
  });
});

describe("options", () => {
  it("have defaults", () => {
    const { fill } = randomAffine({});
    expect(fill).toBe((0 - 127.5) / 255);
    expect(randomAffine({ rotation: 8 })).toEqual({
      type: "randomAffine",
      rotation: 8,
      shift: [0, 0],
      scale: 0,
      shear: 0,
      fill,
    });
    expect(randomAffine({ shift: 2 })).toMatchObject({ shift: [2, 2] });
    expect(randomElastic({ strength: 3 })).toEqual({ type: "randomElastic", strength: 3, grid: [4, 4], fill });
    expect(randomErasing({ size: 8 })).toEqual({ type: "randomErasing", size: [8, 8], probability: 0.5, fill });
    expect(randomThickness({ dilate: 0.2 })).toEqual({
      type: "randomThickness",
      dilate: 0.2,
      erode: 0,
      shape: "cross",
    });
    expect(randomContrast({ factor: 0.2 })).toEqual({
      type: "randomContrast",
      factor: 0.2,
      brightness: 0,
      probability: 1,
    });
    expect(gaussianNoise({ stddev: 0.1, name: "snow" })).toEqual({
      type: "gaussianNoise",
      stddev: 0.1,
      name: "snow",
    });
  });

  it.each([
    [() => randomAffine({ rotation: 200 }), "randomAffine: rotation is 200, expected degrees from 0 to 180"],
    [
      () => randomAffine({ shift: [1, -1] }),
      "randomAffine: shift is [1,-1], expected pixels of at least 0, or two of them: [rows, columns]",
    ],
    [() => randomAffine({ scale: 1 }), "randomAffine: scale is 1, expected a number of at least 0 and below 1"],
    [() => randomAffine({ fill: Number.NaN }), 'randomAffine: fill is NaN, expected a number or "edge"'],
    [() => randomElastic({ strength: -1 }), "randomElastic: strength is -1, expected a number of at least 0"],
    [() => randomElastic({ strength: 1, grid: 0 }), "randomElastic: grid is 0, expected a whole number of at least 1"],
    [
      () => randomErasing({ size: 2, probability: 2 }),
      "randomErasing: probability is 2, expected a number from 0 to 1",
    ],
    [
      () => randomThickness({ shape: "disc" as "cross" }),
      'randomThickness: shape is "disc", expected "cross" or "square"',
    ],
    [() => randomContrast({ factor: 1 }), "randomContrast: factor is 1, expected a number of at least 0 and below 1"],
    [() => randomFlip({ vertical: 2 }), "randomFlip: vertical is 2, expected a number from 0 to 1"],
    [() => randomCrop({ padding: 1.5 }), "randomCrop: padding is 1.5, expected a whole number of at least 0"],
    [() => randomColor({ hue: -5 }), "randomColor: hue is -5, expected degrees from 0 to 180"],
    [() => gaussianNoise({ stddev: -1 }), "gaussianNoise: stddev is -1, expected a number of at least 0"],
  ])("are checked: %#", (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });

  it("that have no effect add no op", () => {
    const nothing = [
      randomAffine({}),
      randomElastic({ strength: 0 }),
      randomErasing({ size: 3, probability: 0 }),
      randomFlip({ horizontal: 0 }),
      randomCrop({ padding: 0 }),
      randomColor({}),
      randomThickness({}),
      randomContrast({}),
      gaussianNoise({ stddev: 0 }),
    ];
    const model = network({ input: [8, 8, 1], classes }, [...nothing, flatten(), dense(4)]);
    const built = buildGraph(model, 2, true);
    expect(built.outputs.get("gaussianNoise_1")).toBe(built.outputs.get("input"));
  });
});

it("rejects a trained layer before one that passes no gradient on", () => {
  const model = network({ input: [8, 8, 1], classes }, [conv2d(1, 3), randomAffine({ shift: 1 }), flatten(), dense(4)]);
  expect(() => trainingProgram(model, { batchSize: 2, optimizer: sgd(0.1), steps: 1 })).toThrow(
    /the loss does not depend on conv2d_1/,
  );
});
