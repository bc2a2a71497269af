import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import type { Dataset } from "../../src/datasets/index.ts";
import type { Entry } from "../../src/formats/format.ts";
import { collect } from "../../src/sources/collect.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { grayPng, png } from "../sources/files.ts";

async function* entries(files: readonly (readonly [string, Uint8Array])[]): AsyncGenerator<Entry> {
  for (const [name, bytes] of files) yield { name, bytes, read: 1 };
}
const provenance = { source: "somewhere", description: "files for tests" };
const replacing = {
  ...provenance,
  reading: "a folder for each class; one file replaced by a later one of the same name, as when extracting",
};
async function collected(files: readonly (readonly [string, Uint8Array])[], options = {}): Promise<Dataset> {
  const dataset = await collect(entries(files), provenance, options, nodePlatform);
  return "again" in dataset ? collected(files, { ...options, ...dataset.again }) : dataset;
}
const red = png(
  2,
  [
    [255, 0, 0, 255, 0, 0],
    [255, 0, 0, 255, 0, 0],
  ],
  { kind: "rgb" },
);
const files = [
  ["set/B/2.png", grayPng(120)],
  ["set/A/1.png", grayPng(110)],
  ["set/B/1.png", grayPng(130)],
] as const;

describe("collect", () => {
  it("orders classes by name, and rows by class and file, however the files come", async () => {
    const dataset = await collected(files);
    expect(dataset).toEqual({
      images: Uint8Array.of(110, 111, 112, 113, 130, 131, 132, 133, 120, 121, 122, 123),
      labels: Uint16Array.of(0, 1, 1),
      imageShape: [2, 2, 1],
      classNames: ["A", "B"],
      names: ["set/A/1.png", "set/B/1.png", "set/B/2.png"],
      provenance: { ...provenance, reading: "a folder for each class" },
      skipped: [],
    });
    expect(await collected(files.toReversed())).toEqual(dataset);
  });

  it("leaves out and names what is not an image, or is not in a class folder", async () => {
    const { labels, skipped, classNames } = await collected([
      ...files,
      ["set/A/notes.txt", Buffer.from("notes")],
      ["set/A/empty.png", new Uint8Array()],
      ["set/A/more/9.png", grayPng(9)],
      ["set/preview.png", png(3, [[1, 2, 3]])],
      ["cover.png", grayPng(7)],
    ]);
    expect([...labels]).toEqual([0, 1, 1]);
    expect(classNames).toEqual(["A", "B"]);
    expect(skipped.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
      expect.stringMatching(/^cover.png: it is not in a class folder/),
      "set/A/empty.png: the file is empty",
      expect.stringMatching(/^set\/A\/more\/9.png: it is not in/),
      "set/A/notes.txt: it is not a picture",
      expect.stringMatching(/^set\/preview.png: it is not in/),
    ]);
  });

  it("takes the last of files with one name, as extracting would", async () => {
    const twice = await collected([["./set//A/1.png", grayPng(99)], ["set/A/1.png", new Uint8Array()], ...files]);
    expect(twice).toEqual({
      ...(await collected(files)),
      provenance: {
        ...provenance,
        reading: "a folder for each class; 2 files replaced by a later one of the same name, as when extracting",
      },
    });
  });

  it("makes gray and color one: three channels where any has color, or as asked", async () => {
    const mixed = [...files, ["set/A/red.png", red]] as const;
    const color = await collected(mixed);
    expect(color.imageShape).toEqual([2, 2, 3]);
    expect([...color.images.subarray(0, 6)]).toEqual([110, 110, 110, 111, 111, 111]);
    expect([...color.images.subarray(12, 18)]).toEqual([255, 0, 0, 255, 0, 0]);
    const gray = await collected(mixed, { channels: 1 });
    expect(gray.imageShape).toEqual([2, 2, 1]);
    expect([...gray.images.subarray(4, 8)]).toEqual([76, 76, 76, 76]);
    expect((await collected(files, { channels: 3 })).imageShape).toEqual([2, 2, 3]);
  });

  it("minds no sizes of files that are left out, or replaced by a later one of the same name", async () => {
    const small = png(1, [[5]]);
    const strays = [["cover.png", small] as const, ...files, ["preview.png", png(3, [[1, 2, 3]])] as const];
    const { labels, skipped } = await collected(strays);
    expect([labels.length, skipped.length]).toEqual([(await collected(files)).labels.length, 2]);
    expect(await collected([["set/A/1.png", small], ...files])).toEqual({
      ...(await collected(files)),
      provenance: replacing,
    });
  });

  it("names the file of another size, or scales it when asked", async () => {
    const uneven = [...files, ["set/A/wide.png", png(3, [[1, 2, 3]])]] as const;
    await expect(collected(uneven)).rejects.toThrow(
      "set/A/wide.png has 1 x 3 pixels (height x width), and set/B/2.png has 2 x 2; all images must have the same size: scale them with resize: [2, 2]",
    );
    expect((await collected(uneven, { resize: [4, 5] })).imageShape).toEqual([4, 5, 1]);
  });

  it("leaves out and names a stray of another size among hundreds", async () => {
    const many = Array.from({ length: 400 }, (_, i) => [`set/${"AB"[i % 2]}/${i}.png`, grayPng(i % 250)] as const);
    const { labels, skipped } = await collected([["set/A/wide.png", png(3, [[1, 2, 3]])], ...many]);
    expect(labels.length).toBe(400);
    expect(skipped).toEqual([
      {
        name: "set/A/wide.png",
        reason: expect.stringMatching(/^its size is 1 × 3, but nearly all others are \d × \d; it is used if/),
      },
    ]);
  });

  it.each<[string, [string, Uint8Array][], RegExp]>([
    ["no files", [], /somewhere has no readable image .*; expected a folder .*\(there are no other files\)$/],
    ["no image", [["A/x.txt", Buffer.from("x")]], /no readable image .*1 file skipped: A\/x.txt: it is not a picture/],
    [
      "no folders",
      [["x.png", grayPng(1)]],
      /no readable image in a class folder; expected .*x.png: it is unlabeled, because it is in no class folder/,
    ],
    ["one class", [["A/x.png", grayPng(1)]], /only one class, "A"/],
  ])("refuses %s", async (_, none, message) => {
    const error = await collected(none).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InklingError);
    expect((error as InklingError).code).toBe("INVALID_DATA");
    expect((error as InklingError).message).toMatch(message);
  });
});
