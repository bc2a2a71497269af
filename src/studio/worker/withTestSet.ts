import {
  type AnyDataset,
  alignClasses,
  allRows,
  bytesPerImage,
  type Dataset,
  mergeDatasets,
  readImages,
} from "../../datasets/index.ts";
import type { ReadOptions } from "../../formats/format.ts";

/** How to read images so that they are like those of a data set: of their size and channels. */
export function readingLike({ imageShape: [height, width, channels] }: AnyDataset): ReadOptions {
  return { resize: [height, width], ...((channels === 1 || channels === 3) && { channels }) };
}

/** The places of splits in the `parts` of a data set. */
const [TRAINING, VALIDATION, TEST] = [0, 1, 2];

/**
 * A data set with another one as its test images. Its own are for validation where it says so, and otherwise for training.
 * Throws `INVALID_DATA` for images of other shapes, and for classes that it does not have.
 */
export function withTestSet(dataset: AnyDataset, test: AnyDataset): Dataset {
  const parts = Uint8Array.from(dataset.labels, (_, row) =>
    dataset.parts?.[row] === VALIDATION ? VALIDATION : TRAINING,
  );
  const own = { ...inMemory(dataset), parts };
  const theirs = {
    ...alignClasses(inMemory(test), dataset.classNames),
    parts: new Uint8Array(test.labels.length).fill(TEST),
  };
  return mergeDatasets([own, theirs]);
}

function inMemory(dataset: AnyDataset): Dataset {
  const images = new Uint8Array(dataset.labels.length * bytesPerImage(dataset));
  readImages(dataset, allRows(dataset), images);
  const { labels, imageShape, classNames, groups, parts, names, provenance, conversion, skipped } = dataset;
  return {
    ...{ images, labels, imageShape, classNames, provenance, skipped },
    ...(groups && { groups }),
    ...(parts && { parts }),
    ...(names && { names }),
    ...(conversion && { conversion }),
  };
}
