import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ReadOptions } from "../../src/formats/format.ts";
import { mat } from "../../src/formats/mat.ts";
import { memorySource } from "../../src/formats/platform.ts";
import type { Dataset } from "../../src/index.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { formatTests } from "../../src/testing/index.ts";
import { fixture } from "./datasets.ts";

const file = (name: string): Uint8Array => readFileSync(fixture(`${name}.mat`));
const opened = (bytes: Uint8Array, options: ReadOptions = {}) =>
  openPlace(memorySource(bytes, "a.mat"), options, nodePlatform);

/** An element of a MAT-file, padded to a multiple of 8 bytes. */
function element(type: number, data: Uint8Array): Buffer {
  const all = Buffer.alloc(8 + Math.ceil(data.length / 8) * 8);
  all.writeUInt32LE(type, 0);
  all.writeUInt32LE(data.length, 4);
  all.set(data, 8);
  return all;
}

/** A matrix of bytes. */
function matrix(name: string, shape: readonly number[], data: Uint8Array): Buffer {
  const flags = element(6, Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0));
  const dimensions = element(5, new Uint8Array(Int32Array.from(shape).buffer));
  return element(14, Buffer.concat([flags, dimensions, element(1, Buffer.from(name)), element(2, data)]));
}

function matFile(...matrices: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(128, " ");
  header.write("MATLAB 5.0 MAT-file");
  header.write("\0\x01IM", 124, "latin1");
  return Buffer.concat([header, ...matrices]);
}

/** What `mat.py` writes. */
const svhn: Dataset = {
  images: Uint8Array.from({ length: 6 * 4 * 3 * 3 }, (_, i) => {
    const [n, y, x, c] = [Math.floor(i / 36), Math.floor(i / 9) % 4, Math.floor(i / 3) % 3, i % 3];
    return y + 10 * x + 30 * c + 7 * n;
  }),
  labels: Uint16Array.of(1, 2, 0, 0, 2, 1),
  imageShape: [4, 3, 3],
  classNames: ["0", "1", "2"],
  provenance: { source: "svhn.mat", description: "digits" },
  skipped: [],
};
const examples = ["svhn", "svhn-compressed"].map((name) => ({
  name: `${name}.mat`,
  files: new Map([[`${name}.mat`, file(name)]]),
  dataset: svhn,
}));

describe("MAT-files", () => {
  it.each(formatTests(mat, { examples }).map(({ name, run }) => [name, run] as const))("%s", (_, run) => run());

  it("says that label 10 is the digit 0", async () => {
    const { classNames, provenance } = await opened(file("svhn"));
    expect(classNames).toEqual(["0", "1", "2"]);
    expect(provenance.reading).toMatch("label 10 is the digit 0");
  });

  it("reads rows of numbers, with labels in a row, beside text", async () => {
    const { imageShape, labels, images, classNames } = await opened(file("rows"));
    expect([imageShape, [...labels], classNames]).toEqual([
      [3, 3, 1],
      [0, 1, 2, 2, 1, 0],
      ["0", "1", "2"],
    ]);
    expect([...images.subarray(0, 9)]).toEqual([0, 1, 2, 10, 11, 12, 20, 21, 22]);
  });

  it("numbers classes that have names from 1 on, also if there are 10", async () => {
    const labels = Uint8Array.from({ length: 20 }, (_, i) => 1 + (i % 10));
    const bytes = matFile(matrix("X", [2, 2, 20], new Uint8Array(80)), matrix("y", [20, 1], labels));
    const named = await opened(bytes, { classNames: [..."abcdefghij"] });
    expect([...named.labels.subarray(0, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const digits = await opened(bytes);
    expect([...digits.labels.subarray(0, 10)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
  });

  it("takes the range of values that is given", async () => {
    const bytes = matFile(matrix("X", [1, 1, 2], Uint8Array.of(0, 8)), matrix("y", [2, 1], Uint8Array.of(0, 1)));
    expect([...(await opened(bytes, { valueRange: [0, 16] })).images]).toEqual([0, 128]);
  });

  it("rejects extents without bytes at once", async () => {
    const [huge, none] = [2 ** 31 - 1, new Uint8Array()];
    const bytes = matFile(matrix("X", [huge, 0, huge], none), matrix("y", [huge, 0], none));
    await expect(opened(bytes)).rejects.toThrow("a.mat: its labels have the shape (2147483647, 0)");
  });

  it("names the arrays of a file without images and labels", async () => {
    const renamed = file("rows").slice();
    const at = Buffer.from(renamed).indexOf("label");
    renamed.set(Buffer.from("other"), at);
    await expect(opened(renamed)).rejects.toThrow(
      "a.mat: its arrays are data (6, 9), other (1, 6), expected X and y, or images and labels",
    );
  });
});
