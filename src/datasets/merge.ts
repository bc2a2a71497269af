import { InklingError, message, optionRef } from "../base/error.ts";
import { classNameOf } from "./classNames.ts";
import { checkFields, type Dataset, validateDataset } from "./dataset.ts";

/**
 * Concatenates data sets. Classes are merged by name, starting with those of the first set. If any set has groups, groups
 * of different sets remain distinct, and each image of a set without groups is a group of its own. If any set is split into
 * parts, all images of a set without parts are training images. Names are kept if all sets have them. Throws
 * `INVALID_ARGUMENT` for no data sets, and `INVALID_DATA` for images of different shapes.
 */
export function mergeDatasets(datasets: readonly Dataset[]): Dataset {
  for (const dataset of datasets) checkFields(dataset);
  const [first] = datasets;
  if (!first) throw new InklingError("INVALID_ARGUMENT", "merge: there are no data sets, expected two or more");
  const other = datasets.find(({ imageShape }) => imageShape.some((extent, axis) => extent !== first.imageShape[axis]));
  if (other)
    throw new InklingError(
      "INVALID_DATA",
      message`merge: images of ${other.provenance.source} have shape (${other.imageShape.join(", ")}), but those of ${first.provenance.source} have (${first.imageShape.join(", ")}); open both with the same ${optionRef("resize")} and ${optionRef("channels")}`,
    );
  const classNames = [...new Set(datasets.flatMap((dataset) => dataset.classNames.map(classNameOf)))];
  const numbers = new Map(classNames.map((name, number) => [name, number]));
  const count = datasets.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = new Uint8Array(datasets.reduce((sum, dataset) => sum + dataset.images.length, 0));
  const labels = new Uint16Array(count);
  let [row, byte] = [0, 0];
  for (const dataset of datasets) {
    images.set(dataset.images, byte);
    byte += dataset.images.length;
    const own = dataset.classNames.map((name) => numbers.get(classNameOf(name))!);
    for (const label of dataset.labels) labels[row++] = own[label]!;
  }
  const groups = datasets.some((dataset) => dataset.groups) ? mergedGroups(datasets, count) : undefined;
  const parts = datasets.some((dataset) => dataset.parts) ? mergedParts(datasets, count) : undefined;
  const conversion = mergedConversion(datasets);
  return validateDataset({
    images,
    labels,
    imageShape: first.imageShape,
    classNames,
    ...(conversion && { conversion }),
    ...(groups && { groups }),
    ...(parts && { parts }),
    ...(datasets.every(({ names }) => names) && { names: datasets.flatMap(({ names }) => names!) }),
    provenance: {
      source: datasets.map(({ provenance }) => provenance.source).join(" + "),
      description: `merged: ${datasets.map(({ provenance }) => provenance.description).join("; ")}`,
    },
    skipped: datasets.flatMap(({ skipped }) => skipped),
  });
}

/** What was done to all of the images; if it differed, only that images of several sizes were resized. */
function mergedConversion(datasets: readonly Dataset[]): Dataset["conversion"] {
  const [first, ...others] = datasets.map(({ conversion }) => conversion);
  if (others.every((other) => JSON.stringify(other) === JSON.stringify(first))) return first;
  const resized = datasets.find(({ conversion }) => conversion?.resize)?.conversion?.resize;
  return resized && { resize: { fit: resized.fit } };
}

function mergedParts(datasets: readonly Dataset[], count: number): Uint8Array {
  const merged = new Uint8Array(count);
  let first = 0;
  for (const { parts, labels } of datasets) {
    if (parts) merged.set(parts, first);
    first += labels.length;
  }
  return merged;
}

function mergedGroups(datasets: readonly Dataset[], count: number): Uint32Array {
  const merged = new Uint32Array(count);
  let [row, next] = [0, 0];
  for (const { groups, labels } of datasets) {
    const numbers = new Map<number, number>();
    for (let i = 0; i < labels.length; i++) {
      const group = groups?.[i] ?? i;
      if (!numbers.has(group)) numbers.set(group, next++);
      merged[row++] = numbers.get(group)!;
    }
  }
  return merged;
}
