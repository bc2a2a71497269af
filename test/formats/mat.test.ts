import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mat } from "../../src/formats/mat.ts";
import { memorySource } from "../../src/formats/platform.ts";
import type { Dataset } from "../../src/index.ts";
import { nodePlatform } from "../../src/sources/node/platform.ts";
import { openPlace } from "../../src/sources/openPlace.ts";
import { formatTests } from "../../src/testing/index.ts";
import { fixture } from "./datasets.ts";

const file = (name: string): Uint8Array => readFileSync(fixture(`${name}.mat`));
const opened = (bytes: Uint8Array) => openPlace(memorySource(bytes, "a.mat"), {}, nodePlatform);

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

  it("names the arrays of a file without images and labels", async () => {
    const renamed = file("rows").slice();
    const at = Buffer.from(renamed).indexOf("label");
    renamed.set(Buffer.from("other"), at);
    await expect(opened(renamed)).rejects.toThrow(
      "a.mat: its arrays are data (6, 9), other (1, 6), expected X and y, or images and labels",
    );
  });
});
