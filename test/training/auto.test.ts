import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import type { Dataset } from "../../src/datasets/index.ts";
import { summarize } from "../../src/model/index.ts";
import { recipe, recipeTraining, TrainingData, train } from "../../src/training/index.ts";
import { bars } from "./data.ts";

enableRelaxedSimd();
const auto = recipe("auto");
const shapeOf = (input: readonly [number, number, number], classes: number, trainingImages: number) => ({
  images: { input, classes: Array.from({ length: classes }, (_, k) => `class ${k}`) },
  trainingImages,
});
const workOf = ({ model, steps, batchSize }: ReturnType<typeof recipeTraining>) =>
  summarize(model).reduce((sum, row) => sum + row.multiplyAdds, 0) * steps * batchSize;

const side = fc.integer({ min: 8, max: 512 });
const shapes = fc.record({
  input: fc.tuple(side, side, fc.integer({ min: 1, max: 4 })),
  classes: fc.integer({ min: 2, max: 1000 }),
  images: fc.oneof(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 200, max: 2_000_000 })),
});

describe("the recipe auto", () => {
  it("fits any image size, any number of channels, classes and images", () => {
    fc.assert(
      fc.property(shapes, ({ input, classes, images }) => {
        const training = recipeTraining(auto, shapeOf(input, classes, images));
        const { model, batchSize, steps, optimizer } = training;
        const pooled = model.layers.findIndex(({ type }) => type === "globalAveragePool2d");
        const [height, width] = summarize(model)[pooled]!.outputShape as [number, number];
        const epochs = (steps * batchSize) / images;
        expect(Math.min(height, width)).toBeGreaterThanOrEqual(2);
        expect(Math.min(height, width)).toBeLessThanOrEqual(5);
        expect([1, 2, 4, 8, 16, 32, 64, 128]).toContain(batchSize);
        expect(batchSize).toBeLessThanOrEqual(images);
        expect(batchSize * input[0] * input[1]).toBeLessThanOrEqual(2 ** 21);
        expect(epochs).toBeGreaterThan(1.5);
        if (input[2] === 3 && images < 100) expect(steps).toBeLessThanOrEqual(2000);
        else expect(epochs).toBeLessThanOrEqual(300);
        // Long trainings have the fewest epochs.
        expect(workOf(training) <= 5e12 || epochs <= 3).toBe(true);
        expect(optimizer.learningRate).toMatchObject({ type: "oneCycle", totalSteps: steps });
        expect(recipeTraining(auto, shapeOf(input, classes, images))).toEqual(training);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("has more strided convolutions for larger images, and the same network for any number of them", () => {
    const networkOf = (size: number, images = 1000) => recipeTraining(auto, shapeOf([size, size, 3], 10, images)).model;
    const strided = (size: number) =>
      networkOf(size).layers.filter((layer) => "strides" in layer && String(layer.strides) === "2,2").length;
    const halvings = [8, 19, 20, 28, 40, 41, 64, 100, 224, 512].map((size) => strided(size));
    expect(halvings).toEqual([0, 0, 1, 1, 1, 2, 2, 3, 4, 5]);
    expect(networkOf(32, 100)).toEqual(networkOf(32, 500_000));
  });

  it("changes the colors of few images, for 2,000 steps, and of no others", () => {
    const typesOf = (channels: number, images: number) =>
      recipeTraining(auto, shapeOf([48, 48, channels], 2, images)).model.layers.map(({ type }) => type);
    const [few, many, gray] = [typesOf(3, 99), typesOf(3, 100), typesOf(1, 99)];
    expect(few.filter((type) => type.startsWith("random"))).toEqual(["randomAffine", "randomColor", "randomContrast"]);
    expect(few.filter((type) => type !== "randomColor" && type !== "randomContrast")).toEqual(many);
    expect(gray).toEqual(many);
    expect(recipeTraining(auto, shapeOf([48, 48, 3], 2, 36)).steps).toBe(2000);
  });

  it("takes more steps but fewer epochs the more images there are, up to what a training may cost", () => {
    const counts = [20, 50, 200, 1000, 5000, 20_000, 60_000];
    const trainings = counts.map((images) => recipeTraining(auto, shapeOf([28, 28, 1], 10, images)));
    const epochs = trainings.map(({ steps, batchSize }, k) => Math.round((steps * batchSize) / counts[k]!));
    expect(epochs).toEqual([...epochs].sort((a, b) => b - a));
    expect(trainings.map(({ batchSize }) => batchSize)).toEqual([16, 16, 16, 32, 128, 128, 128]);
    const seen = trainings.map(({ steps, batchSize }) => steps * batchSize);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it("gives way to values that are asked for, and scales its learning rate with the batch size", () => {
    const shape = shapeOf([28, 28, 1], 10, 20_000);
    const peak = (overrides: object) =>
      (recipeTraining(auto, shape, overrides).optimizer.learningRate as { maxLearningRate?: number }).maxLearningRate;
    expect(recipeTraining(auto, shape, { epochs: 2, batchSize: 100 })).toMatchObject({ steps: 400, batchSize: 100 });
    expect(peak({})).toBe(0.2);
    expect(peak({ batchSize: 32 })).toBeCloseTo(0.1);
    expect(peak({ batchSize: 1024 })).toBe(0.2);
    expect(peak({ learningRate: 0.03 })).toBe(0.03);
  });
});

/** Pixels replaced one by one, with as many channels as are returned. */
const repainted = (data: Dataset, paint: (pixel: number, label: number) => readonly number[]): Dataset => {
  const size = data.images.length / data.labels.length;
  const pixels = [...data.images].map((pixel, i) => paint(pixel, data.labels[Math.floor(i / size)]!));
  const [height, width] = data.imageShape;
  return { ...data, images: Uint8Array.from(pixels.flat()), imageShape: [height, width, pixels[0]!.length] };
};
const chosen = (data: Dataset, keep: (label: number, row: number) => boolean): Dataset => {
  const rows = [...data.labels.keys()].filter((row) => keep(data.labels[row]!, row));
  const size = data.images.length / data.labels.length;
  const images = Uint8Array.from(rows.flatMap((row) => [...data.images.subarray(row * size, (row + 1) * size)]));
  return { ...data, images, labels: Uint16Array.from(rows, (row) => data.labels[row]!) };
};
const dark = (pixel: number) => [pixel >> 4];
const colored = (pixel: number, label: number) => [0, 1, 2].map((c) => (c === label ? pixel : pixel >> 1));
const noise = (pixel: number) => pixel & 127;

/** Small data sets of several kinds, and others of the same kind to test on. */
const kinds: Readonly<Record<string, (count: number, stream: number) => Dataset>> = {
  "gray values up to 16": (count, stream) => repainted(bars(count, { stream }), dark),
  "classes told apart by color alone": (count, stream) =>
    repainted(bars(count, { classes: 3, size: 10, stream }), (pixel, label) => colored(noise(pixel), label)),
  "40 images of two classes": (count, stream) => bars(Math.min(count, 40), { classes: 2, stream }),
  "images of different height and width": (count, stream) => ({
    ...bars(count, { size: 12, stream }),
    imageShape: [9, 16, 1],
  }),
  "one class in twenty": (count, stream) =>
    stream === 0
      ? chosen(bars(2 * count, { classes: 2 }), (label, row) => label === 0 || row % 20 === 1)
      : bars(count, { classes: 2, stream }),
};

describe("a training of the recipe auto", () => {
  it.each(Object.entries(kinds))("learns %s", async (_, of) => {
    const [data, test] = [of(200, 0), of(80, 1)];
    const divided = new TrainingData(data, { test });
    const { length: trainingImages } = divided.division.split.training;
    const shape = { images: { input: data.imageShape, classes: data.classNames }, trainingImages };
    const { model, ...settings } = recipeTraining(auto, shape, { steps: 60, validateEvery: 0 });
    const { test: score } = await train(model, divided, { ...settings, backend: "wasm" }).result();
    expect(score.accuracy).toBeGreaterThan(0.95);
  });
});
