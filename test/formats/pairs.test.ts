import { expect, it } from "vitest";
import { isIdxImages, labelsName, partOf } from "../../src/formats/pairs.ts";

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

it.each([
  ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"],
  ["my-imgs-idx3-ubyte", "my-labels-idx3-ubyte"],
  ["x-idx3-ubyte", "y-idx3-ubyte"],
  ["test_images.npy", "test_labels.npy"],
  ["train-images-idx3.npy", "train-labels-idx1.npy"],
  ["letters.npy", "letters.npy"],
])("%s has its labels in %s", (images, labels) => {
  expect(labelsName(images)).toBe(labels);
});

it.each([
  ["train-images-idx3-ubyte.gz", true],
  ["images.idx", true],
  ["labels.idx", false],
  ["train-labels-idx1-ubyte", false],
])("%s is an IDX file of images: %s", (name, is) => {
  expect(isIdxImages(name)).toBe(is);
});
