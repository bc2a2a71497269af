import { expect, it } from "vitest";
import { partOf } from "../../src/formats/pairs.ts";

it.each([
  ["t10k-images-idx3-ubyte.gz", "test"],
  ["my_test_images.npy", "test"],
  ["x_test_2.npy", "test"],
  ["test-images.npy", "test"],
  ["latest_images.npy", "training"],
  ["X_valid.npy", "validation"],
  ["validation-images.npy", "validation"],
  ["medieval-images-idx3-ubyte", "training"],
  ["train-images-idx3-ubyte", "training"],
])("%s holds %s images", (name, part) => {
  expect(partOf(name)).toBe(part);
});
