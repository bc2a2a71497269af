import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Dataset } from "../../src/datasets/index.ts";
import { cifar } from "../../src/formats/cifar.ts";
import { memorySource } from "../../src/formats/platform.ts";
import { openDataset as openFiles } from "../../src/index.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { formatTests } from "../../src/testing/index.ts";
import { tarOf } from "../sources/files.ts";
import { fixture } from "./datasets.ts";

const file = (name: string): Uint8Array => readFileSync(fixture(`cifar_${name}`));
const pickled = new Map(["data_batch_1", "test_batch", "batches.meta"].map((name) => [name, file(name)]));

/** [2, 32, 32, 3] from the planes of `cifar.py`. */
const plane = Array.from({ length: 2 * 3072 }, (_, i) => (i * 37) % 251);
const lastChannels = (planes: readonly number[]) =>
  planes.map((_, i) => {
    const [n, rest] = [Math.floor(i / 3072), i % 3072];
    return planes[n * 3072 + (rest % 3) * 1024 + Math.floor(rest / 3)]!;
  });
const images = Uint8Array.from([...lastChannels(plane), ...lastChannels(plane.map((value) => 255 - value))]);
const dataset: Dataset = {
  images,
  labels: Uint16Array.of(1, 0, 1, 1),
  imageShape: [32, 32, 3],
  classNames: ["airplane", "automobile"],
  parts: Uint8Array.of(0, 0, 2, 2),
  provenance: { source: "cifar", description: "batches" },
  skipped: [],
};

/** The binary version of the pickled batches. */
const record = (label: number, planes: readonly number[]) => [label, ...planes];
const binary = new Map<string, Uint8Array>([
  ["data_batch_1.bin", Uint8Array.from([...record(1, plane.slice(0, 3072)), ...record(0, plane.slice(3072))])],
  [
    "test_batch.bin",
    Uint8Array.from(
      [0, 3072].flatMap((at) =>
        record(
          1,
          plane.slice(at, at + 3072).map((value) => 255 - value),
        ),
      ),
    ),
  ],
  ["batches.meta.txt", Buffer.from("airplane\nautomobile\n\n")],
]);
const fine = new Map<string, Uint8Array>([
  ["train.bin", Uint8Array.from([0, 3072].flatMap((at, i) => [7, 1 - i, ...plane.slice(at, at + 3072)]))],
  [
    "test.bin",
    Uint8Array.from([0, 3072].flatMap((at) => [7, 1, ...plane.slice(at, at + 3072).map((value) => 255 - value)])),
  ],
  ["fine_label_names.txt", Buffer.from("airplane\nautomobile\n")],
]);

const inFolder = (files: ReadonlyMap<string, Uint8Array>, folder: string) =>
  new Map([...files].map(([name, bytes]) => [`${folder}/${name}`, bytes]));
const archive = await tarOf(
  [...inFolder(pickled, "cifar-10-batches-py")].map(([name, bytes]) => [name, bytes] as const),
);

const examples = [
  { name: "cifar-10-batches-py", files: inFolder(pickled, "cifar-10-batches-py"), dataset },
  { name: "data", files: inFolder(pickled, "data/cifar-10-batches-py"), dataset },
  { name: "set", files: inFolder(binary, "set"), dataset },
  { name: "cifar-100-binary", files: inFolder(fine, "cifar-100-binary"), dataset },
  { name: "cifar-10-python.tar.gz", files: new Map([["cifar-10-python.tar.gz", gzipSync(archive)]]), dataset },
  { name: "cifar.tar", files: new Map([["cifar.tar", archive]]), dataset },
];

describe("CIFAR", () => {
  it.each(formatTests(cifar, { examples }).map(({ name, run }) => [name, run] as const))("%s", (_, run) => run());

  it("is split as published", async () => {
    const opened = await openPlace(memorySource(gzipSync(archive), "cifar-10-python.tar.gz"), {}, nodePlatform);
    expect([...(opened.parts ?? [])]).toEqual([0, 0, 2, 2]);
    expect(opened.classNames).toEqual(["airplane", "automobile"]);
    const test = await openPlace(memorySource(archive, "cifar.tar"), { part: "test" }, nodePlatform);
    expect([...test.labels]).toEqual([1, 1]);
    expect(Buffer.from(test.images)).toEqual(Buffer.from(images.subarray(2 * 3072)));
  });

  it("opens a single batch, with names if they are beside it", async () => {
    const batch = new Blob([file("data_batch_1") as Uint8Array<ArrayBuffer>]);
    const meta = new Blob([file("batches.meta") as Uint8Array<ArrayBuffer>]);
    const alone = await openFiles(batch, { name: "data_batch_1" });
    expect([alone.labels.length, ...alone.classNames]).toEqual([2, "0", "1"]);
    const named = new Map([
      ["data_batch_1", batch],
      ["batches.meta", meta],
    ]);
    expect((await openFiles(named, { file: "data_batch_1" })).classNames).toEqual(["airplane", "automobile"]);
  });

  it.each<[string, Map<string, Uint8Array>, RegExp]>([
    ["no batch", new Map([["cifar-10-batches-py", new Uint8Array()]]), /it has no batch, such as data_batch_1/],
    ["a batch of another size", new Map([["data_batch_1.bin", new Uint8Array(3000)]]), /expected a multiple of 3073/],
    ["names as a batch", new Map([["data_batch_1", file("batches.meta")]]), /it is not a batch of CIFAR/],
  ])("refuses %s", async (_, files, message) => {
    const blobs = new Map([...files].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]));
    await expect(openFiles(blobs)).rejects.toThrow(message);
  });
});
