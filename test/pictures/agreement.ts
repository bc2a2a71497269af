import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Dataset, dense, flatten, learnPreparation, network, subset, TrainedModel } from "../../src/index.ts";
import { buildGraph, initialWeights } from "../../src/model/index.ts";
import { type OpenOptions, openDataset, saveDataset } from "../../src/node.ts";
import { type kinds, png } from "../sources/files.ts";
import { draw, jpeg, png as pngOf, sheet } from "./pictures/scene.ts";

/** A set of image files to train on, and how it is opened. */
export interface Case {
  readonly name: string;
  readonly options?: OpenOptions;
  /** Writes the folder. */
  readonly make: (folder: string) => Promise<void>;
}

const write = async (path: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
};

const COLORS = ["#d33", "#2a4"] as const;
/** A colored square or disk at a place of its own. */
const shape = (n: number, kind: number, [width, height]: readonly [number, number]) => {
  const [x, y, r] = [20 + ((n * 7) % 20), 22 + ((n * 5) % 18), 8 + (n % 6)];
  const fill = COLORS[(n + kind) % 2];
  const drawn =
    kind === 0
      ? `<rect x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}" fill="${fill}"/>`
      : `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`;
  return draw(width, height, sheet(width, height, "#eef") + drawn);
};

/** The built-in letters, or a part of them, as PNG files. */
const letters = (per: number) => async (folder: string) => {
  const all = await openDataset("letters");
  const rows = all.labels.map((_, row) => row).filter((row) => row % Math.ceil(all.labels.length / per) === 0);
  await saveDataset(subset(all, rows), `${folder}/`);
};

const shapes = (count: number, kindOf: (n: number) => "png" | "jpg") => async (folder: string) => {
  for (let n = 0; n < count; n++) {
    const picture = shape(n, n % 2, [64, 64]);
    await write(
      join(folder, ["square", "disk"][n % 2]!, `${n}.${kindOf(n)}`),
      kindOf(n) === "png" ? pngOf(picture) : jpeg(picture),
    );
  }
};

/** Gray photos of odd sizes, as color JPEGs and gray PNGs. */
const photos = (count: number) => async (folder: string) => {
  for (let n = 0; n < count; n++) {
    const [width, height] = [41 + ((n * 13) % 60), 35 + ((n * 29) % 50)];
    const light = n % 2 === 0 ? "#888" : "#ccc";
    const picture = draw(
      width,
      height,
      `${sheet(width, height, "#444")}<circle cx="${width / 2}" cy="${height / 3}" r="${height / 4}" fill="${light}"/>`,
    );
    await write(join(folder, ["dim", "bright"][n % 2]!, `${n}.jpg`), jpeg(picture, 80));
  }
};

/** Digits of 8 × 8 pixels, whose brightness matters, stored with 16 bits of which 12 are used. */
const digits = (count: number) => async (folder: string) => {
  for (let n = 0; n < count; n++) {
    const rows = Array.from({ length: 8 }, (_, y) =>
      Array.from({ length: 8 }, (_, x) => {
        const value = n % 2 === 0 ? (x * y * 37 + n * 11) % 4096 : ((x + y) * 250 + n) % 4096;
        return [value >> 8, value & 255];
      }).flat(),
    );
    await write(join(folder, `${n % 2}`, `${n}.png`), png(8, rows, { depth: 16 }));
  }
};

/** Shapes on a transparent background. */
const transparent = (count: number) => async (folder: string) => {
  for (let n = 0; n < count; n++) {
    const fill = n % 3 === 0 ? "#fff" : "#c33";
    const drawn = draw(
      24,
      24,
      `<circle cx="${8 + (n % 8)}" cy="12" r="${3 + (n % 5)}" fill="${fill}" fill-opacity="0.8"/>`,
    );
    const rows = Array.from({ length: 24 }, (_, y) => [...drawn.data.subarray(y * 96, (y + 1) * 96)]);
    await write(
      join(folder, ["a", "b"][n % 2]!, `${n}.png`),
      png(24, rows, { kind: "rgba" satisfies keyof typeof kinds }),
    );
  }
};

/** Sets of image files of each kind. */
export const casesOf = (count: number): readonly Case[] => [
  { name: "letters as PNG files", make: letters(count) },
  { name: "letters as PNG files, resized", make: letters(count), options: { resize: [20, 24] } },
  { name: "colored shapes as PNG and JPEG", make: shapes(count, (n) => (n % 3 === 0 ? "jpg" : "png")) },
  { name: "gray photos of odd sizes, stretched", make: photos(count), options: { resize: [28, 28] } },
  { name: "gray photos of odd sizes, letterboxed", make: photos(count), options: { resize: [28, 28], fit: "contain" } },
  {
    name: "gray photos of odd sizes, cropped at the center",
    make: photos(count),
    options: { resize: [24, 32], fit: "cover" },
  },
  { name: "digits of 12 bits in 16", make: digits(count) },
  { name: "transparent shapes", make: transparent(count), options: { channels: 3 } },
];

/** A model with random weights, whose preparation is that of a training on the data set. */
export function modelOn(dataset: Dataset): TrainedModel {
  const model = network({ input: dataset.imageShape, classes: dataset.classNames }, [
    flatten(),
    dense(dataset.classNames.length),
  ]);
  const weights = initialWeights(buildGraph(model, 1, false).weights, 1);
  return new TrainedModel(model, weights, undefined, learnPreparation(dataset));
}

/** The files of a data set in its order, given the folder that holds them. */
export const filesOf = (folder: string, { names }: Dataset): Promise<readonly Buffer[]> =>
  Promise.all(names!.map((name) => readFile(join(folder, name))));
