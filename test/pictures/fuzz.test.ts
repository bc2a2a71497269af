import { describe, expect, it } from "vitest";
import { decodePack, encodePack } from "../../src/formats/pack.ts";
import { dense, flatten, InklingError, network, TrainedModel } from "../../src/index.ts";
import { buildGraph, initialWeights } from "../../src/model/index.ts";
import { preparePicture, resizeOnly } from "../../src/pictures/index.ts";
import { decodeModel, encodeModel } from "../../src/runs/modelFile.ts";
import { decodeSafetensors } from "../../src/runs/safetensors.ts";
import { sample } from "../datasets/datasets.ts";
import { decodeImage, decodePicture } from "../image/decoded.ts";
import { greyJpeg, greyPng } from "../sources/files.ts";
import { mutate } from "./mutate.ts";
import { jpeg, oriented, webp } from "./pictures/scene.ts";
import { letterPicture } from "./pictures.ts";

/**
 * Mutated files for every parser of a file that a user may hand over. All 100,000 of each:
 *
 *     INKLING_FUZZ=100000 npx vitest run test/pictures/fuzz.test.ts
 */
const COUNT = Number(process.env["INKLING_FUZZ"] ?? 1500);
/** Seconds that one file may take, and bytes by which all of them may let the process grow. */
const SECONDS = 2;
const GROWTH = 400 * 2 ** 20;

const small = letterPicture("A", 24, 20);
const preparation = { ...resizeOnly, background: "dark", crop: true } as const;
const look = (bytes: Uint8Array) => {
  decodeImage(bytes);
  return preparePicture(decodePicture(bytes), [8, 8, 1], preparation);
};

const model = network({ input: [4, 4, 1], classes: ["A", "B"] }, [flatten(), dense(2)]);
const weightsFile = encodeModel(new TrainedModel(model, initialWeights(buildGraph(model, 1, false).weights, 1)));

const parsers: readonly [name: string, file: Uint8Array, parse: (bytes: Uint8Array) => unknown][] = [
  ["a PNG", greyPng(100), look],
  ["a JPEG", greyJpeg, look],
  ["a JPEG with EXIF", oriented(jpeg(small), 6), look],
  ["a WebP", webp(small), look],
  ["a pack", await encodePack(sample(6)), decodePack],
  ["an uncompressed pack", await encodePack(sample(6), { compress: false }), decodePack],
  ["safetensors", weightsFile, decodeSafetensors],
  ["a model", weightsFile, (bytes) => decodeModel(bytes)],
];

describe.each(parsers)("%s, mutated", (_, file, parse) => {
  it(`is read or refused with a line, ${COUNT} times`, { timeout: COUNT * 20 + 60_000 }, async () => {
    await parse(file);
    const before = process.memoryUsage().rss;
    const faults = new Map<string, number>();
    let slowest = 0;
    for (let n = 0; n < COUNT; n++) {
      const bytes = mutate(file, n);
      const started = performance.now();
      try {
        await parse(bytes);
      } catch (error) {
        const known = error instanceof InklingError && !error.message.includes("\n    at ");
        if (!known) faults.set(String(error), n);
      }
      slowest = Math.max(slowest, performance.now() - started);
    }
    expect(Object.fromEntries(faults)).toEqual({});
    expect(slowest).toBeLessThan(1000 * SECONDS);
    expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH);
  });
});
