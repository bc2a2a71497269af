import { mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findExactDuplicates } from "../../src/datasets/duplicates/exact.ts";
import { type StreamedDataset, subset } from "../../src/datasets/index.ts";
import { encodePack } from "../../src/formats/pack.ts";
import { evaluate, fingerprint, learnPreparation, splitDataset, train } from "../../src/index.ts";
import { openDataset, openStreamed, savePack } from "../../src/node.ts";
import { bars } from "../training/data.ts";
import { recipeModel } from "../training/recipeModel.ts";

const inMemory = { ...subset(bars(120, { size: 12 }), [...Array(120).keys(), 7, 7, 50]), skipped: [] };
const count = inMemory.labels.length;
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inkling-"));
  await savePack(inMemory, at("raw.inkling"), { compress: false });
  await savePack(inMemory, at("small.inkling"));
});
afterAll(() => rm(folder, { recursive: true }));

async function streamed(name = "raw.inkling"): Promise<StreamedDataset> {
  const dataset = await openStreamed(at(name));
  if ("images" in dataset) throw new Error(`${name} is in memory`);
  return dataset;
}

function read(dataset: StreamedDataset, rows: ArrayLike<number>): Uint8Array {
  const target = new Uint8Array(rows.length * 144);
  dataset.read(rows, target);
  return target;
}

/** Where the images of an uncompressed pack begin: before its labels and checksums. */
const imagesAt = async (name: string) => (await readFile(at(name))).length - count * (144 + 2 + 4);

describe("openStreamed", () => {
  it("gives what openDataset gives, but for the images", async () => {
    const { read: _, imagesSha256: __, crc32: ___, ...others } = await streamed();
    const { images: ____, ...expected } = await openDataset(at("raw.inkling"));
    expect(others).toEqual(expected);
    expect(others.labels).toEqual(inMemory.labels);
  });

  it("reads any images in any order, as often as asked for", async () => {
    const dataset = await streamed();
    fc.assert(
      fc.property(fc.array(fc.nat(count - 1), { maxLength: 30 }), (rows) => {
        expect(read(dataset, rows)).toEqual(subset(inMemory, rows).images);
      }),
      { seed: 1 },
    );
    expect(read(dataset, [...Array(count).keys()])).toEqual(inMemory.images);
  });

  it("is the same data set: fingerprint, split, duplicates, preparation, and its file when it is saved", async () => {
    const dataset = await streamed();
    expect(await fingerprint(dataset)).toBe(await fingerprint(inMemory));
    expect(splitDataset(dataset)).toEqual(splitDataset(inMemory));
    expect(findExactDuplicates(dataset)).toEqual([
      [7, 120, 121],
      [50, 122],
    ]);
    expect(findExactDuplicates(dataset, inMemory)).toEqual(findExactDuplicates(inMemory, inMemory));
    expect(learnPreparation(dataset)).toEqual(learnPreparation(inMemory));
    await savePack(dataset, at("again.inkling"));
    expect(await readFile(at("again.inkling"))).toEqual(await readFile(at("raw.inkling")));
    expect(await encodePack(dataset, { compress: true })).toEqual(await encodePack(inMemory));
  });

  it("takes a data set of one's own, which knows no checksums", async () => {
    const { images, ...others } = inMemory;
    const own: StreamedDataset = {
      ...others,
      read: (rows, target) => target.set(subset(inMemory, rows).images),
    };
    expect(await fingerprint(own)).toBe(await fingerprint(inMemory));
    expect(findExactDuplicates(own)).toEqual(findExactDuplicates(inMemory));
    expect(images).toHaveLength(count * 144);
  });

  it("trains and evaluates to the same bits as in memory", async () => {
    const model = recipeModel("lenet", { input: [12, 12, 1], classes: inMemory.classNames });
    const dataset = await streamed();
    const other = bars(40, { size: 12, stream: 1 });
    for (const test of [{}, { test: other }]) {
      const options = { steps: 30, batchSize: 8, threads: 1, ...test };
      const [a, b] = [train(model, inMemory, options), train(model, dataset, options)];
      const { seconds: _, imagesPerSecond: __, ...expected } = await a.result();
      expect(await b.result()).toMatchObject(expected);
      expect(await evaluate(await b.model(), dataset)).toEqual(await evaluate(await a.model(), inMemory));
    }
  });

  it("reads into memory what is compressed, and what is resized", async () => {
    for (const dataset of [await openStreamed(at("small.inkling")), await openStreamed("letters")])
      expect(dataset).toHaveProperty("images");
    const resized = await openStreamed(at("raw.inkling"), { resize: [6, 6] });
    expect(resized).toEqual(await openDataset(at("raw.inkling"), { resize: [6, 6] }));
    expect(await openStreamed(at("raw.inkling"), { resize: [12, 12] })).toMatchObject(inMemory);
  });

  it("does not read the images when it opens, and checks each one that it reads", async () => {
    const bytes = await readFile(at("raw.inkling"));
    const start = await imagesAt("raw.inkling");
    bytes[start + 5 * 144 + 9]! ^= 1;
    await writeFile(at("damaged.inkling"), bytes);
    const dataset = await streamed("damaged.inkling");
    expect(read(dataset, [4, 6])).toEqual(subset(inMemory, [4, 6]).images);
    expect(() => read(dataset, [4, 5])).toThrow(/damaged\.inkling: the checksum of image 5 is wrong; .*build it again/);
    await expect(openDataset(at("damaged.inkling"))).rejects.toThrow(/the checksum of its images is wrong/);
  });

  it("says so where the file is replaced, cut or gone", async () => {
    await savePack(inMemory, at("other.inkling"), { compress: false });
    const dataset = await streamed("other.inkling");
    await savePack(inMemory, at("other.inkling"), { compress: false });
    expect(() => read(dataset, [0])).toThrow(/other\.inkling has changed since it was opened; open it again/);
    const again = await streamed("other.inkling");
    await truncate(at("other.inkling"), 1000);
    expect(() => read(again, [100])).toThrow(/has changed/);
    await rm(at("other.inkling"));
    expect(() => read(again, [0])).toThrow(
      expect.objectContaining({
        code: "NOT_FOUND",
        message: expect.stringMatching(/cannot be read: it does not exist$/),
      }),
    );
  });

  it("refuses a file cut anywhere before it reads an image", async () => {
    const file = await open(at("cut.inkling"), "w");
    await file.writeFile(await readFile(at("raw.inkling")));
    await file.close();
    for (const length of [count * 144 + 900, 500, 80, 30]) {
      await truncate(at("cut.inkling"), length);
      await expect(openStreamed(at("cut.inkling"))).rejects.toMatchObject({ code: "INVALID_DATA" });
    }
  });
});
