import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contrastProblem } from "../../src/datasets/statistics.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { type Dataset, learnPreparation } from "../../src/index.ts";
import { type OpenOptions, openDataset } from "../../src/node.ts";
import { datasetOf } from "../pictures/pictures.ts";
import { png } from "./files.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-conversion-"));
});
afterAll(() => rm(folder, { recursive: true }));

let sets = 0;
type Values = Parameters<typeof encodeNpy>[0];
/** Opens two images of 2 × 2 numbers. */
async function arrays(values: Values, options: OpenOptions = {}): Promise<Dataset> {
  const path = join(folder, `${sets++}.npz`);
  const files = [
    { name: "images.npy", bytes: encodeNpy(values, [2, 2, 2]) },
    { name: "labels.npy", bytes: encodeNpy(Int32Array.of(0, 1), [2]) },
  ];
  await writeFile(path, Buffer.concat([...writeZip(files)]));
  return openDataset(path, options);
}

/** Opens a folder of PNG files, by their names. */
async function files(named: Readonly<Record<string, Uint8Array>>, options: OpenOptions = {}): Promise<Dataset> {
  const root = join(folder, `set${sets++}`);
  for (const [name, bytes] of Object.entries(named)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), bytes);
  }
  return openDataset(root, options);
}

describe("the numbers of arrays", () => {
  it.each<[string, Values, readonly number[], string | undefined]>([
    ["floats 0 … 16", Float32Array.of(0, 4, 8, 16, 0, 0, 0, 2), [0, 64, 128, 255, 0, 0, 0, 32], "0 … 16"],
    ["bytes 0 and 1", Uint8Array.of(0, 1, 1, 0, 0, 0, 0, 1), [0, 255, 255, 0, 0, 0, 0, 255], "0 … 1"],
    ["bytes 0 … 64", Uint8Array.of(0, 64, 1, 0, 0, 0, 0, 1), [0, 64, 1, 0, 0, 0, 0, 1], undefined],
    ["floats −1 … 1", Float32Array.of(-1, 1, 0, 0.5, 0, 0, 0, 0), [0, 255, 128, 191, 128, 128, 128, 128], "-1 … 1"],
    [
      "floats by mean and deviation",
      Float32Array.of(-2, 3, 0.5, 0, 0, 0, 0, 0),
      [0, 255, 128, 102, 102, 102, 102, 102],
      "-2 … 3",
    ],
    ["12 of 16 bits", Uint16Array.of(0, 4095, 2048, 0, 0, 0, 0, 0), [0, 255, 128, 0, 0, 0, 0, 0], "0 … 4095"],
    ["bytes", Uint8Array.of(0, 255, 7, 0, 0, 0, 0, 0), [0, 255, 7, 0, 0, 0, 0, 0], undefined],
  ])("are taken by the range of all of them, which is said: %s", async (_, values, pixels, range) => {
    const { images, provenance } = await arrays(values);
    expect([...images]).toEqual(pixels);
    const said =
      range === undefined
        ? expect.not.stringContaining("gray levels")
        : expect.stringContaining(`values ${range} as gray levels`);
    expect(provenance.reading).toEqual(said);
  });

  it("are taken by a range that is given, and clipped", async () => {
    const values = Float32Array.of(-5, 0, 5, 10, 20, 0, 0, 0);
    const { images } = await arrays(values, { valueRange: [0, 10] });
    expect([...images.subarray(0, 5)]).toEqual([0, 0, 128, 255, 255]);
    await expect(arrays(values, { valueRange: [3, 3] })).rejects.toThrow("valueRange is [3, 3], expected [low, high]");
  });

  it("mean in a set for a model what they meant in training", async () => {
    const training = await arrays(Float32Array.of(-1, 1, 0, 0, 0, 0, 0, 0));
    const model = { model: { input: training.imageShape }, preparation: learnPreparation(training) };
    const positive = Float32Array.of(0, 1, 0.5, 0, 0, 0, 0, 0);
    expect([...(await arrays(positive)).images.subarray(0, 3)]).toEqual([0, 255, 128]);
    expect([...(await arrays(positive, { inputsOf: model })).images.subarray(0, 3)]).toEqual([128, 255, 191]);
    // Bytes of a training on bytes are never stretched.
    const bytes = await arrays(Uint8Array.of(0, 255, 0, 0, 0, 0, 0, 0));
    const onBytes = { model: { input: bytes.imageShape }, preparation: learnPreparation(bytes) };
    const dark = Uint8Array.of(0, 9, 0, 0, 0, 0, 0, 0);
    expect([...(await arrays(dark, { inputsOf: onBytes })).images.subarray(0, 2)]).toEqual([0, 9]);
  });
});

const gray = (value: number, side = 4) =>
  png(
    side,
    Array.from({ length: side }, () => Array(side).fill(value)),
  );
const rgb = (side: number, color: (i: number) => readonly number[]) =>
  png(
    side,
    Array.from({ length: side }, (_, y) => Array.from({ length: side }, (_, x) => color(y * side + x)).flat()),
    { kind: "rgb" },
  );
const words = (value: number) => png(2, Array(2).fill([value >> 8, value & 255, 0, 0]), { depth: 16 });

describe("the values of image files", () => {
  it("of 16 bits are taken by the range of all files, and those of a model by that of its training", async () => {
    const set = await files({ "a/1.png": words(4095), "b/1.png": words(2048) });
    expect([...set.images]).toEqual([255, 0, 255, 0, 128, 0, 128, 0]);
    expect(set.conversion).toEqual({ values: { of: "pictures", range: [0, 4095] } });
    const model = { model: { input: set.imageShape }, preparation: learnPreparation(set) };
    const dark = await files({ "a/1.png": words(1000), "b/1.png": words(500) }, { inputsOf: model });
    expect([dark.images[0], dark.images[4]]).toEqual([62, 31]);
  });

  it("of 16 bits that fill their range are divided by 257", async () => {
    expect((await files({ "a/1.png": words(65535), "b/1.png": words(257) })).images[4]).toBe(1);
  });
});

describe("gray and color", () => {
  const spot = rgb(28, (i) => (i === 5 ? [90, 130, 90] : [90, 90, 90]));
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${"ab"[n % 2]}/${n}.png`, gray(100 + n, 28)]));

  it("are gray despite a single pixel that is not", async () => {
    const set = await files({ ...many, "a/spot.png": spot });
    expect(set.imageShape).toEqual([28, 28, 1]);
    expect((await files({ ...many, "a/spot.png": spot }, { channels: 3 })).imageShape).toEqual([28, 28, 3]);
  });

  it("are gray where fewer than 1 in 20 images has color, with the pixels that channels 1 gives, also resized", async () => {
    const red = rgb(28, (i) => [200, (i * 7) % 90, 10]);
    const set = { ...many, "a/20.png": gray(50, 28), "a/red.png": red };
    for (const options of [{}, { resize: [11, 9] }] as const) {
      const read = await files(set, options);
      expect(read.imageShape[2]).toBe(1);
      expect(read.images).toEqual((await files(set, { ...options, channels: 1 })).images);
      const inColor = await files(set, { ...options, channels: 3 });
      expect(inColor.provenance.reading).toContain("21 in gray converted to color");
      expect(read.provenance.reading).toContain("converted to gray, though 1 of them have color");
    }
  });

  it("are in color where a class is", async () => {
    const red = rgb(28, () => [200, 20, 10]);
    expect((await files({ ...many, "c/1.png": red })).imageShape).toEqual([28, 28, 3]);
  });

  it("of a set for a model are converted to what it takes", async () => {
    const set = await files(many);
    const inputsOf = { model: { input: [28, 28, 1] as const }, preparation: learnPreparation(set) };
    const red = rgb(28, () => [200, 20, 10]);
    const read = await files({ "a/1.png": red, "b/1.png": gray(3, 28) }, { inputsOf });
    expect([read.imageShape, read.images[0]]).toEqual([[28, 28, 1], 73]);
    expect(read.provenance.reading).toContain("converted to 28 × 28 × 1 as in training: 1 in color");
  });
});

describe("another aspect ratio", () => {
  const wide = png(4, [
    [10, 200, 100, 20],
    [10, 200, 100, 20],
  ]);
  const set = { "a/1.png": wide, "b/1.png": gray(90) };
  const first = async (options: OpenOptions) => [...(await files(set, options)).images.subarray(0, 4)];

  it("is stretched, letterboxed with its outermost pixels, or cropped at its center", async () => {
    expect(await first({ resize: [2, 2] })).toEqual([104, 80, 104, 80]);
    expect(await first({ resize: [4, 4], fit: "contain" })).toEqual([10, 200, 100, 20]);
    expect(await first({ resize: [2, 2], fit: "cover" })).toEqual([200, 100, 200, 100]);
  });

  it("is only treated where images are resized", async () => {
    await expect(files(set, { fit: "cover" })).rejects.toThrow("fit applies to resize, which is not given");
  });
});

describe("sets in which there is nothing to see", () => {
  it.each([
    [0, "all images are black: every pixel is 0 of 255"],
    [2, "all images are of the same gray: every pixel is 2 of 255; if the stored values have another range"],
    [255, "all images are white: every pixel is 255 of 255"],
  ])("are warned of: only %i", (value, problem) => {
    expect(contrastProblem(datasetOf(4, 8, () => value))).toContain(problem);
  });

  it("are warned of with the cause", () => {
    expect(contrastProblem(datasetOf(4, 8, (_, x) => 3 * x))).toContain(
      "nearly all pixels are black, at most 21 of 255",
    );
    const light = { ...datasetOf(4, 8, (_, x) => 255 - 3 * x), conversion: { transparent: "white" as const } };
    expect(contrastProblem(light)).toContain("transparent areas became white");
    expect(contrastProblem(datasetOf(4, 8, (_, x) => 30 * x))).toBeUndefined();
  });
});

it("says that pictures were resized only where they had another size", async () => {
  const named = Object.fromEntries(
    ["a/0", "a/1", "b/0", "b/1"].map((name, n) => [
      `${name}.png`,
      png(2, [
        [n, 9],
        [9, n],
      ]),
    ]),
  );
  expect((await files(named, { resize: [2, 2] })).provenance.reading).not.toContain("stretched");
  expect((await files(named, { resize: [4, 4] })).provenance.reading).toContain("stretched to 4 × 4 from 2 × 2");
});
