import { describe, expect, it } from "vitest";
import { encodeNpy } from "../../src/formats/npy.ts";
import { memorySource } from "../../src/formats/platform.ts";
import { quickDraw, quickDrawBitmaps } from "../../src/formats/quickDraw/quickDraw.ts";
import { drawStrokes, type Stroke } from "../../src/formats/quickDraw/strokes.ts";
import type { Dataset } from "../../src/index.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { formatTests } from "../../src/testing/index.ts";

const cross: readonly Stroke[] = [
  [
    [0, 255],
    [0, 255],
  ],
  [
    [0, 255],
    [255, 0],
  ],
];
const line: readonly Stroke[] = [
  [
    [0, 255],
    [0, 0],
  ],
];
const lines = (word: string, ...drawings: (readonly Stroke[])[]) =>
  Buffer.from(drawings.map((drawing) => `${JSON.stringify({ word, countrycode: "CH", drawing })}\n`).join(""));

const dataset = (images: readonly Uint8Array[], labels: readonly number[], classNames: readonly string[]): Dataset => ({
  images: Uint8Array.from(images.flatMap((image) => [...image])),
  labels: Uint16Array.from(labels),
  imageShape: [28, 28, 1],
  classNames,
  provenance: { source: "quickdraw", description: "drawings" },
  skipped: [],
});
const drawn = dataset([drawStrokes(cross), drawStrokes(line), drawStrokes(line)], [0, 0, 1], ["cross", "hot dog"]);
const bitmaps = (count: number, start: number) =>
  encodeNpy(
    Uint8Array.from({ length: 784 * count }, (_, i) => (start + i) % 256),
    [count, 784],
  );

const drawings = [
  {
    name: "set",
    files: new Map([
      ["set/cross.ndjson", lines("cross", cross, line)],
      ["set/hot dog.ndjson", lines("hot dog", line)],
    ]),
    dataset: drawn,
  },
  {
    name: "all.ndjson",
    files: new Map([["all.ndjson", Buffer.concat([lines("hot dog", line), lines("cross", cross, line)])]]),
    dataset: drawn,
  },
];
const arrays = [
  {
    name: "set",
    files: new Map([
      ["set/full_numpy_bitmap_cat.npy", bitmaps(2, 3)],
      ["set/full_numpy_bitmap_hot%20dog.npy", bitmaps(1, 8)],
    ]),
    dataset: dataset(
      [3, 3 + 784, 8].map((start) => Uint8Array.from({ length: 784 }, (_, i) => (start + i) % 256)),
      [0, 0, 1],
      ["cat", "hot dog"],
    ),
  },
];

describe("Quick, Draw!", () => {
  it.each(formatTests(quickDraw, { examples: drawings }).map(({ name, run }) => [name, run] as const))(
    "drawings: %s",
    (_, run) => run(),
  );
  it.each(formatTests(quickDrawBitmaps, { examples: arrays }).map(({ name, run }) => [name, run] as const))(
    "bitmaps: %s",
    (_, run) => run(),
  );

  it("draws lines of the width and margin of the published bitmaps", () => {
    const rows = (image: Uint8Array) => Array.from({ length: 28 }, (_, y) => [...image.subarray(28 * y, 28 * y + 28)]);
    // A horizontal line is centered: between rows 13 and 14, from the margin of 16 units on.
    const drawnLine = rows(drawStrokes(line));
    for (const [y, row] of drawnLine.entries()) expect(row.some((value) => value > 0)).toBe(y >= 13 && y <= 14);
    expect(drawnLine[13]![14]).toBe(drawnLine[14]![14]);
    expect(drawnLine[13]!.slice(0, 2)).toEqual([0, expect.any(Number)]);
    const drawnCross = drawStrokes(cross);
    expect(rows(drawnCross)).toEqual(rows(drawnCross).map((row) => row.toReversed()));
    expect(Math.max(...drawnCross)).toBe(255);
  });

  it("draws raw drawings like simplified ones, dots, and nothing", () => {
    const raw: readonly Stroke[] = cross.map(([x, y]) => [x.map((v) => 3 * v + 100), y.map((v) => 3 * v - 40)]);
    expect([...drawStrokes(raw)]).toEqual([...drawStrokes(cross)]);
    expect(drawStrokes([[[128], [128]]]).some((value) => value > 0)).toBe(true);
    expect(drawStrokes([]).every((value) => value === 0)).toBe(true);
  });

  it.each<[string, Buffer, RegExp]>([
    ["one class", lines("cat", line), /it has only one class, "cat"; give a folder/],
    ["a line that is none", Buffer.concat([lines("cat", line), Buffer.from('{"word": 1}\n')]), /line 2 is not a word/],
    ["a stroke without y", lines("cat", [[[1, 2]]] as unknown as Stroke[]), /line 1 is not a word and a drawing/],
  ])("refuses %s", async (_, bytes, message) => {
    await expect(openPlace(memorySource(bytes, "a.ndjson"), {}, nodePlatform)).rejects.toThrow(message);
  });
});
