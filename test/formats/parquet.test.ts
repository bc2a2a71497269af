import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parquet } from "../../src/formats/parquet/parquet.ts";
import { ThriftReader } from "../../src/formats/parquet/thrift.ts";
import { memorySource } from "../../src/formats/platform.ts";
import { type Dataset, openDataset } from "../../src/index.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { formatTests } from "../../src/testing/index.ts";
import { fixture } from "./datasets.ts";

const file = (name: string): Uint8Array => readFileSync(fixture(`parquet/${name}.parquet`));
const opened = (name: string, options = {}) =>
  openPlace(memorySource(file(name), `${name}.parquet`), options, nodePlatform);

/** The images of `parquet.py` that follow from these numbers, in classes. */
function dataset(numbers: readonly number[], labels: readonly number[], classNames: readonly string[]): Dataset {
  return {
    images: Uint8Array.from(numbers.flatMap((n) => [n, n + 1, n + 2, n + 3])),
    labels: Uint16Array.from(labels),
    imageShape: [2, 2, 1],
    classNames,
    provenance: { source: "parquet", description: "images" },
    skipped: [],
  };
}

const animals = ["bird", "cat", "dog"];
const train = dataset([2, 5, 0, 3, 1, 4], [0, 0, 1, 1, 2, 2], animals);
const flat = dataset([1, 1, 0, 0], [0, 0, 1, 1], ["a", "b"]);
const folder = new Map([
  ["set/train-00000-of-00002.parquet", file("train-00000-of-00002")],
  ["set/test-00000-of-00001.parquet", file("test-00000-of-00001")],
]);
const all = dataset([10, 2, 5, 0, 3, 11, 1, 4], [0, 0, 0, 1, 1, 2, 2, 2], animals);
const examples = [
  { name: "train.parquet", files: new Map([["train.parquet", file("train-00000-of-00002")]]), dataset: train },
  { name: "flat.parquet", files: new Map([["flat.parquet", file("flat")]]), dataset: flat },
];

describe("Parquet", () => {
  it.each(formatTests(parquet, { examples }).map(({ name, run }) => [name, run] as const))("%s", (_, run) => run());

  it.each(["plain", "gzip", "zstd"])("reads pages of another encoding and compression: %s", async (name) => {
    const files = new Map([
      ["train-00000-of-00002.parquet", file("train-00000-of-00002")],
      [`train-${name}.parquet`, file(`train-${name}`)],
    ]);
    const opened = await openDataset(blobs(files));
    expect(opened.labels.length).toBe(8);
    expect([...opened.images.subarray(20, 24)]).toEqual([6, 7, 8, 9]);
    expect(opened.skipped).toEqual([{ name: `train-${name}.parquet/2`, reason: "it has no label" }]);
  });

  const blobs = (files: ReadonlyMap<string, Uint8Array>) =>
    new Map([...files].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]));

  it("takes the files of a folder for the parts that they are named after", async () => {
    const files = new Map([...folder].map(([name, bytes]) => [name.slice(4), bytes]));
    const opened = await openDataset(blobs(files));
    expect(opened.classNames).toEqual(animals);
    expect([...opened.labels]).toEqual([...all.labels]);
    expect([...(opened.parts ?? [])]).toEqual([2, 0, 0, 0, 0, 2, 0, 0]);
    expect(opened.skipped).toEqual([{ name: "test-00000-of-00001.parquet/2", reason: "it has no label" }]);
    expect((await openDataset(blobs(files), { part: "test" })).labels.length).toBe(2);
  });

  it("names classes as asked", async () => {
    expect((await opened("train-00000-of-00002", { classNames: ["A", "B", "C"] })).classNames).toEqual(["A", "B", "C"]);
    await expect(opened("train-00000-of-00002", { classNames: ["A", "B"] })).rejects.toThrow(
      /a label is 2, expected 0 to 1/,
    );
  });

  it("rejects metadata that are nested without end", () => {
    // A struct with a list of a list of a list …, a byte each.
    const reader = new ThriftReader(new Uint8Array(2 ** 20).fill(0x19), 0, (problem) => new Error(problem));
    expect(() => reader.struct()).toThrow("its metadata are nested too deeply");
  });

  it("rejects more rows than bytes", async () => {
    // Metadata of one row group of 1000 rows.
    const metadata = Buffer.of(0x49, 0x1c, 0x36, 0xd0, 0x0f, 0, 0);
    const bytes = Buffer.concat([
      Buffer.from("PAR1"),
      metadata,
      Buffer.of(metadata.length, 0, 0, 0),
      Buffer.from("PAR1"),
    ]);
    await expect(openPlace(memorySource(bytes, "a.parquet"), {}, nodePlatform)).rejects.toThrow(
      "a.parquet: it claims 1000 rows, too many for its 19 bytes; the file is damaged or truncated",
    );
  });

  it("refuses an image column whose bytes are of another type", async () => {
    const changed = file("train-00000-of-00002").slice();
    changed[1061] = 0x1c; // the type of image.bytes, from 6 to 14
    await expect(openPlace(memorySource(changed, "a.parquet"), {}, nodePlatform)).rejects.toThrow(
      /its columns are .*, expected image, of picture files/,
    );
  });

  it("refuses what is not a table of images", async () => {
    const damaged = file("flat").slice();
    damaged.fill(0x78, damaged.length - 200, damaged.length - 8);
    await expect(openPlace(memorySource(damaged, "a.parquet"), {}, nodePlatform)).rejects.toThrow(
      /damaged or truncated/,
    );
    const renamed = Uint8Array.from(
      Buffer.from(Buffer.from(file("flat")).toString("latin1").replaceAll("img", "xyz"), "latin1"),
    );
    await expect(openPlace(memorySource(renamed, "a.parquet"), {}, nodePlatform)).rejects.toThrow(
      "a.parquet: its columns are xyz, class, n, expected image, of picture files (bytes, or a struct with bytes), and label; rename columns, or save pixels as an .npz file",
    );
  });
});
