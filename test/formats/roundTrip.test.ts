import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { splitDataset, subset } from "../../src/datasets/index.ts";
import { openDataset, saveDataset } from "../../src/node.ts";
import { content, failure, sorted, withFolder } from "./datasets.ts";

const named = ["set/", "a.inkling", "a.tar", "a.tar.gz", "a.tgz", "a.zip", "a.npz", "a.csv", "a.jsonl", "images.npy"];
const idx = ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"];
const gray = sorted(40, [5, 5, 1], ["A", "B", "C", "D"]);
const oblong = sorted(30, [3, 7, 1], ["0", "1", "2"]);
const color = sorted(21, [4, 6, 3], ["apple", "pear, green", 'plum "late"'.replaceAll('"', "'")]);

describe.each([...named, ...idx])("%s", (name) => {
  it.each([
    ["gray", gray],
    ["oblong", oblong],
    ["color", color],
  ])("is read back identical: %s", async (_, dataset) => {
    await withFolder(async (folder) => {
      const path = join(folder, name);
      await saveDataset(dataset, path);
      expect(content(await openDataset(path))).toEqual(content(dataset));
      expect((await readdir(folder)).filter((file) => file.endsWith(".tmp"))).toEqual([]);
      expect((await openDataset(path, { resize: [2, 2], channels: 1 })).imageShape).toEqual([2, 2, 1]);
    });
  });
});

describe("saveDataset", () => {
  it("writes a list of files as CSV when asked", async () => {
    await withFolder(async (folder) => {
      await saveDataset(color, join(folder, "list.csv"), { format: "csv-files" });
      expect(content(await openDataset(join(folder, "list.csv")))).toEqual(content(color));
    });
  });

  it.each([2, 3, 4, 5])("keeps a pickle's parts by protocol %i", async (protocol) => {
    await withFolder(async (folder) => {
      const path = join(folder, "a.pickle");
      const split = splitDataset(gray, { validation: 4, test: 8 });
      await saveDataset(gray, path, { split, protocol });
      for (const part of ["training", "validation", "test"] as const) {
        const expected = content(subset(gray, split[part]));
        expect(content(await openDataset(path, { part }))).toEqual(expected);
        expect(content(await openDataset(`${path}#${part}`))).toEqual(expected);
      }
      expect((await openDataset(path)).labels.length).toBe(40);
      await saveDataset(color, path, { protocol });
      expect((await openDataset(path)).classNames).toEqual(color.classNames);
    });
  });

  it.each<[string, readonly string[]]>([
    ["a.csv", ["7", "3"]],
    ["a.csv", ["00", "01"]],
    ["a.npz", ["a\nb", "7"]],
    ["a.pickle", ["A", "B", "C"]],
    ["a.inkling", ["\x1b[1m", "10"]],
  ])("keeps class names whatever they are: %s of %j", async (name, classNames) => {
    await withFolder(async (folder) => {
      // The pickle's last class has no image.
      const dataset = {
        ...sorted(40, [3, 3, 1], classNames),
        labels: Uint16Array.from({ length: 40 }, (_, i) => i % 2),
      };
      await saveDataset(dataset, join(folder, name));
      const opened = await openDataset(join(folder, name));
      const namesOf = ({ labels, classNames: names }: typeof opened) => Array.from(labels, (k) => names[k]);
      expect([...opened.classNames].sort()).toEqual([...classNames].sort());
      if (name !== "a.pickle") expect(namesOf(opened)).toEqual(namesOf(dataset));
    });
  });

  it("refuses class names of two lines where a text file holds them", async () => {
    await withFolder(async (folder) => {
      const dataset = { ...oblong, classNames: ["a\nb", "c", "d"] };
      for (const name of ["images.npy", "train-images-idx3-ubyte"])
        expect((await failure(saveDataset(dataset, join(folder, name)))).message).toMatch(/"a\\nb" has a line break/);
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it.each(["x-idx3-ubyte", "my-imgs-idx3-ubyte.gz", "train-images-idx3.npy"])(
    "keeps labels beside images that are named %s",
    async (name) => {
      await withFolder(async (folder) => {
        await saveDataset(gray, join(folder, name));
        expect(content(await openDataset(join(folder, name)))).toEqual(content(gray));
      });
    },
  );

  it("keeps groups in .npz and .inkling", async () => {
    await withFolder(async (folder) => {
      const dataset = { ...gray, groups: Uint32Array.from(gray.labels, (_, i) => i >> 2) };
      for (const name of ["a.npz", "a.inkling"]) {
        await saveDataset(dataset, join(folder, name));
        expect((await openDataset(join(folder, name))).groups).toEqual(dataset.groups);
      }
    });
  });

  it("keeps groups in lists, whose rows come back ordered by class", async () => {
    await withFolder(async (folder) => {
      const dataset = { ...gray, groups: Uint32Array.from(gray.labels, (_, i) => 7 * (i >> 2)) };
      const rows = [...gray.labels.keys()].sort((a, b) => gray.labels[a]! - gray.labels[b]! || a - b);
      for (const format of ["csv-files", "jsonl"]) {
        const path = join(folder, `${format}.list`);
        await saveDataset(dataset, path, { format });
        expect((await openDataset(path)).groups).toEqual(subset(dataset, rows).groups);
        await saveDataset(gray, join(folder, `${format}-2.list`), { format });
        expect((await openDataset(join(folder, `${format}-2.list`))).groups).toBeUndefined();
      }
    });
  });

  it("reads groups by their names, and an image without one as a group of its own", async () => {
    await withFolder(async (folder) => {
      await saveDataset(subset(gray, [0, 1, 2, 37, 38, 39]), join(folder, "some.jsonl"));
      const files = (await readFile(join(folder, "some.jsonl"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
        .sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : a.file < b.file ? -1 : 1));
      const groups = ["Anna", "", "Ben", "Anna", "", "Ben"];
      const csv = files.map(({ file, label }, i) => `${groups[i]},${label},${file}\n`);
      await writeFile(join(folder, "list.csv"), ["group,label,file\n", ...csv].join(""));
      const jsonl = files.map((line, i) => `${JSON.stringify({ ...line, ...(groups[i] && { group: groups[i] }) })}\n`);
      await writeFile(join(folder, "list.jsonl"), jsonl.join(""));
      // Fields before file and label that are longer than what formats are recognized by.
      const late = jsonl.map((line) => `{"meta":"${"m".repeat(600)}",${line.slice(1)}`);
      await writeFile(join(folder, "late.jsonl"), late.join(""));
      for (const list of ["list.csv", "list.jsonl", "late.jsonl"])
        expect([...(await openDataset(join(folder, list))).groups!]).toEqual([0, 1, 2, 0, 3, 2]);
    });
  });

  it("takes parts from a folder of IDX files", async () => {
    await withFolder(async (folder) => {
      await saveDataset(oblong, join(folder, "train-images-idx3-ubyte.gz"));
      await saveDataset(subset(oblong, [1, 29, 12]), join(folder, "t10k-images-idx3-ubyte"));
      expect((await openDataset(folder)).labels.length).toBe(33);
      expect(content(await openDataset(`${folder}#training`))).toEqual(content(oblong));
      expect([...(await openDataset(`${folder}#test`)).labels]).toEqual([0, 2, 1]);
      expect((await failure(openDataset(`${folder}#validation`))).code).toBe("INVALID_ARGUMENT");
    });
  });

  it("makes nothing outside the place of a list, and can write it after it was refused", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "deep", "out.jsonl");
      await mkdir(join(folder, "deep"));
      const escaping = { ...gray, classNames: ["A", "B", "C", "../../escaped"] };
      expect((await failure(saveDataset(escaping, path))).code).toBe("INVALID_DATA");
      expect(await readdir(folder, { recursive: true })).toEqual(["deep"]);
      await saveDataset(gray, path);
      expect((await readdir(join(folder, "deep"))).sort()).toEqual(["out", "out.jsonl"]);
    });
  });

  it("refuses names that tell no format, classes that are no folder's name, and folders that are not empty", async () => {
    await withFolder(async (folder) => {
      const to = (name: string) => join(folder, name);
      expect((await failure(saveDataset(gray, to("a.txt")))).message).toMatch(
        /does not identify the format; use one of the extensions .*\.npz/,
      );
      expect((await failure(saveDataset(gray, to("a"), { format: "xyz" }))).message).toMatch(/expected one of folder/);
      for (const name of ["../up", "a/b", "..", "con:", " .", "a\n", "NUL", "com1.x", "__MACOSX"]) {
        const dataset = { ...gray, classNames: ["A", "B", "C", name] };
        for (const [path, format] of [["x/"], ["x.tar"], ["x.zip"], ["x.jsonl"], ["x.csv", "csv-files"]] as const)
          expect((await failure(saveDataset(dataset, to(path), { ...(format && { format }) }))).message).toMatch(
            /is not a valid folder name/,
          );
      }
      expect(await readdir(folder)).toEqual([]);
      await mkdir(to("full"));
      await writeFile(to("full/file"), "mine");
      expect((await failure(saveDataset(gray, to("full/")))).code).toBe("FILE_SYSTEM");
      expect(await readdir(folder)).toEqual(["full"]);
      expect(await readdir(to("full"))).toEqual(["file"]);
    });
  });
});
