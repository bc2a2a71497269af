import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { memorySource } from "../../src/formats/platform.ts";
import { webDataset } from "../../src/formats/webDataset.ts";
import { type Dataset, openDataset } from "../../src/index.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { formatTests } from "../../src/testing/index.ts";
import { grayPng, tarOf } from "../sources/files.ts";

const sample = (n: number, label: string, key = `000${n}`) =>
  [
    [`${key}.cls`, Buffer.from(label)],
    [`${key}.png`, grayPng(n)],
  ] as const;
const json = (n: number, label: unknown) =>
  [
    [`000${n}.png`, grayPng(n)],
    [`000${n}.json`, Buffer.from(JSON.stringify({ label, width: 2 }))],
  ] as const;
const train = await tarOf([...sample(1, "7\n"), ...sample(2, "3"), ...json(3, 7), ...json(4, "3")]);
const test = await tarOf([...sample(5, "3"), ...sample(6, "7")]);

const dataset: Dataset = {
  images: Uint8Array.from([2, 4, 5, 1, 3, 6].flatMap((n) => [n, n + 1, n + 2, n + 3])),
  labels: Uint16Array.of(0, 0, 0, 1, 1, 1),
  imageShape: [2, 2, 1],
  classNames: ["3", "7"],
  provenance: { source: "shards", description: "shards" },
  skipped: [],
};
const examples = [
  {
    name: "set",
    files: new Map([
      ["set/train-000.tar", train],
      ["set/test-000.tar", test],
    ]),
    dataset,
  },
];

const opened = (bytes: Uint8Array, options = {}) => openPlace(memorySource(bytes, "a.tar"), options, nodePlatform);

describe("WebDataset", () => {
  it.each(formatTests(webDataset, { examples }).map(({ name, run }) => [name, run] as const))("%s", (_, run) => run());

  it("has the parts that shards are named after", async () => {
    const blobs = new Map(
      [
        ["train-000.tar", train],
        ["test-000.tar", test],
      ].map(([name, bytes]) => [name as string, new Blob([bytes as Uint8Array<ArrayBuffer>])]),
    );
    const { parts, names } = await openDataset(blobs);
    expect([...(parts ?? [])]).toEqual([0, 0, 2, 0, 0, 2]);
    expect(names?.[0]).toBe("train-000.tar/0002.png");
  });

  it("is read from a single shard, gzipped or not, with names for its numbers", async () => {
    for (const bytes of [train, gzipSync(train)]) {
      const { classNames, labels, skipped } = await opened(bytes);
      expect([classNames, [...labels], skipped]).toEqual([["3", "7"], [0, 0, 1, 1], []]);
    }
    const names = Array.from({ length: 10 }, (_, i) => `class ${i}`);
    expect((await opened(train, { classNames: names })).classNames).toEqual(["class 3", "class 7"]);
  });

  it("leaves archives of class folders as they are, whatever lies beside their images", async () => {
    const bytes = await tarOf([
      ["A/1.png", grayPng(1)],
      ["A/1.json", Buffer.from('{"label": "no class"}')],
      ["B/2.v1.png", grayPng(2)],
      ["B/2.v2.png", grayPng(3)],
    ]);
    const { classNames, labels, skipped } = await opened(bytes);
    expect([classNames, [...labels]]).toEqual([
      ["A", "B"],
      [0, 1, 1],
    ]);
    expect(skipped.map(({ name }) => name)).toEqual(["A/1.json"]);
  });

  it("names a companion that is damaged", async () => {
    const bytes = await tarOf([
      ["1.png", grayPng(1)],
      ["1.json", Buffer.from("{")],
    ]);
    await expect(opened(bytes)).rejects.toThrow(/1.json is not valid JSON/);
  });
});
