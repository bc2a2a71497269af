import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { imageDigests } from "../../src/datasets/index.ts";
import { sample } from "./datasets.ts";

it("gives the checksum of each row's pixels, in the order asked for, however many", async () => {
  const dataset = sample(1500);
  const rows = Array.from({ length: 1500 }, (_, i) => (i * 7) % 1500);
  const expected = rows.map((row) =>
    createHash("sha256")
      .update(dataset.images.subarray(row * 6, row * 6 + 6))
      .digest("hex"),
  );
  expect(await imageDigests(dataset, rows)).toEqual(expected);
});
