import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/base/bytes.ts";
import { writeZip } from "../../src/formats/zipWriter.ts";
import { type Dataset, fingerprint, openDataset as openSource } from "../../src/index.ts";
import { openDataset, saveDataset } from "../../src/node.ts";
import { grayPng, tarOf } from "./files.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "inkling-split-"));
});
afterAll(() => rm(root, { recursive: true }));

type Files = Readonly<Record<string, Uint8Array>>;
let count = 0;
/** A different picture for each name. */
const pictures = (...names: readonly string[]): Files =>
  Object.fromEntries(names.map((name, i) => [name, grayPng(i * 4)]));

async function onDisk(files: Files): Promise<string> {
  const folder = join(root, String(count++));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

/** The same files as a folder, archives and a drop in a browser. */
async function everywhere(files: Files, options = {}): Promise<readonly Dataset[]> {
  const folder = await onDisk(files);
  const entries = Object.entries(files);
  const zip = concatBytes([...writeZip(entries.map(([name, bytes]) => ({ name, bytes })))]);
  const tar = await tarOf(entries.map(([name, bytes]) => [name, bytes]));
  const dropped = new Map(entries.map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]));
  return [
    await openDataset(folder, options),
    await openSource(zip, options),
    await openSource(new Uint8Array(tar), options),
    await openSource(dropped, options),
  ];
}

const split = pictures(
  ...["train", "val", "test"].flatMap((part) =>
    ["A", "B"].flatMap((name) => [1, 2].map((n) => `${part}/${name}/${n}.png`)),
  ),
);
/** The reading without the first clause, which says what the source is. */
const clauses = ({ provenance }: Dataset) => provenance.reading!.split("; ").slice(1).join("; ");

describe("split folders", () => {
  it("are the same on disk, in archives and in a browser", async () => {
    for (const dataset of await everywhere({
      ...split,
      ".DS_Store": new Uint8Array(3),
      "__MACOSX/train/A/1.png": grayPng(1),
    })) {
      expect(Array.from(dataset.parts!)).toEqual([2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]);
      expect(dataset.classNames).toEqual(["A", "B"]);
      expect(clauses(dataset)).toBe(
        "a folder for each class in train/, val/ and test/; hidden files are ignored: .DS_Store, __MACOSX; split by the source: 4 for training, 4 for validation, 4 for test",
      );
    }
  });

  it("give each part by its name, with the same classes", async () => {
    const folder = await onDisk({ ...split, "test/C/1.png": grayPng(7) });
    for (const [part, images] of [
      ["training", 4],
      ["validation", 4],
      ["test", 5],
    ] as const) {
      const dataset = await openDataset(`${folder}#${part}`);
      expect(dataset.labels.length).toBe(images);
      expect(dataset.classNames).toEqual(["A", "B", "C"]);
      expect(dataset).not.toHaveProperty("parts");
    }
    const two = await onDisk(pictures("train/A/1.png", "train/B/1.png", "val/A/2.png", "val/B/2.png"));
    await expect(openDataset(`${two}#test`)).rejects.toThrow(/has no test part/);
  });

  it("name every image that is left out, and say of folders that they are empty", async () => {
    const files = pictures("train/A/1.png", "train/B/1.png", "test/3.png", "test/4.png");
    for (const dataset of await everywhere(files)) {
      expect(dataset.labels.length).toBe(2);
      expect(dataset.skipped.map(({ name }) => name)).toEqual(["test/3.png", "test/4.png"]);
    }
    const folder = await onDisk(files);
    await mkdir(join(folder, "train/C"));
    expect(clauses(await openDataset(folder))).toContain("empty folders are not classes: train/C");
  });

  it("are written again by formats of files, and by packs", async () => {
    const dataset = await openDataset(await onDisk(split));
    for (const name of ["a.zip", "a.tar.gz", "folder/", "a.jsonl", "a.inkling"]) {
      await saveDataset(dataset, join(root, name));
      const again = await openDataset(join(root, name));
      expect(await fingerprint(again), name).toBe(await fingerprint(dataset));
      expect(again.parts, name).toEqual(dataset.parts);
    }
  });

  it("are given by a column of a list, too", async () => {
    const files = pictures("a.png", "b.png", "c.png", "d.png");
    const list = "file_name,label,split\na.png,A,train\nb.png,B,train\nc.png,A,Test\nd.png,B,test\n";
    const folder = await onDisk({
      ...files,
      "metadata.csv": Buffer.from(list),
      "bad.csv": Buffer.from(list.replace("Test", "")),
    });
    expect(Array.from((await openDataset(join(folder, "metadata.csv"))).parts!)).toEqual([0, 2, 0, 2]);
    await expect(openDataset(join(folder, "bad.csv"))).rejects.toThrow(
      /line 4: the split is .*expected train, val or test in every line/,
    );
    await expect(openDataset(folder)).rejects.toThrow(
      /it has (bad|metadata)\.csv with columns file_name, label, split: open .*\.csv$/,
    );
  });

  it("are advised on where names tell what they are", async () => {
    const flat = pictures(...[0, 1, 2].flatMap((n) => [`train/cat.${n}.png`, `train/dog.${n}.png`, `test1/${n}.png`]));
    const folder = await onDisk(flat);
    await expect(openDataset(folder)).rejects.toThrow(
      /seem to begin with the class: use classPattern: "train\/\{class\}\.\*"$/,
    );
    for (const dataset of await everywhere(flat, { classPattern: "train/{class}.*" })) {
      expect(dataset.classNames).toEqual(["cat", "dog"]);
      expect(dataset.skipped.length).toBe(3);
    }
    await expect(openDataset(await onDisk(pictures("IMG_1.png", "IMG_2.png")))).rejects.toThrow(
      /its 2 images are not in folders: put those of each class into a folder of its own/,
    );
    const yolo = {
      ...pictures("images/train/1.png", "images/val/2.png"),
      "labels/train/1.txt": Buffer.from("0 .5 .5 1 1"),
      "labels/val/2.txt": Buffer.from("0 .5 .5 1 1"),
    };
    await expect(openDataset(await onDisk(yolo))).rejects.toThrow(
      /laid out for object detection: labels\/train\/1\.txt has the boxes of images\/train\/1\.png/,
    );
  });
});
