import { type AnyDataset, bytesPerImage, readImages, type StreamedDataset } from "../../datasets/index.ts";
import type { EditState } from "./editing.ts";

/** Images by row, of the source and then the added ones. */
export interface AllImages {
  /** The data set as it was opened. */
  readonly source: AnyDataset;
  /** The pixels [H,W,C] of every added picture by number, undone or not; undefined for those that cannot be made again. */
  readonly pictures: readonly (Uint8Array | undefined)[];
}

/** A data set with its edits made. */
export interface EditedDataset {
  readonly dataset: AnyDataset;
  /** The row of each of its images among all images. */
  readonly rows: Uint32Array;
  /** Of all images, the class that each belongs to, numbered as by edits; −1 for those that are left out. */
  readonly classOf: Int32Array;
  /** The classes of the data set, numbered as by edits. */
  readonly classes: readonly number[];
}

/** The number of images, added ones included. */
export const countAll = ({ source, pictures }: AllImages): number => source.labels.length + pictures.length;

/** Copies the images of rows, which may be added ones, to the start of the target. */
export function readAll({ source, pictures }: AllImages, rows: ArrayLike<number>, target: Uint8Array): void {
  const own = source.labels.length;
  const size = bytesPerImage(source);
  for (let first = 0, end = 0; first < rows.length; first = end) {
    if (rows[first]! >= own) {
      end = first + 1;
      const picture = pictures[rows[first]! - own];
      if (picture) target.set(picture, first * size);
      else target.fill(0, first * size, end * size);
      continue;
    }
    while (end < rows.length && rows[end]! < own) end++;
    const some = Uint32Array.from({ length: end - first }, (_, i) => rows[first + i]!);
    readImages(source, some, target.subarray(first * size, end * size));
  }
}

/**
 * Makes the edits of a data set. Its images stay where they are; without edits, it is the source itself. What is decided about
 * images is done as by {@link applyFixes}. Classes keep their order, new ones come last, and are there once they have images.
 */
export function editedDataset(all: AllImages, state: EditState, name: string): EditedDataset {
  const { source } = all;
  const { classNames, labels: own, groups, parts, names } = source;
  const classOf = classesOf(all, state);
  const counts = new Uint32Array(state.classes.length);
  for (const label of classOf) if (label >= 0) counts[label]!++;
  const classes = [...state.classes.keys()].filter(
    (k) => state.classes[k]!.is === k && (k < classNames.length || counts[k]! > 0),
  );
  const rows = Uint32Array.from(classOf.keys()).filter((row) => classOf[row]! >= 0);
  const isSame =
    rows.length === own.length &&
    classes.length === classNames.length &&
    classNames.every((className, k) => state.classes[k]!.name === className) &&
    own.every((label, row) => classOf[row] === label);
  if (isSame) return { dataset: source, rows, classOf, classes };
  const numbers = new Map(classes.map((k, number) => [k, number]));
  const isAdded = (row: number) => row >= own.length;
  const firstGroup = groups ? groups.reduce((most, group) => Math.max(most, group), 0) + 1 : 0;
  const { provenance, imageShape, conversion, skipped } = source;
  const dataset: StreamedDataset = {
    ...{ imageShape, skipped },
    ...(conversion && { conversion }),
    provenance: { ...provenance, source: name, description: `${provenance.description}; edited` },
    classNames: classes.map((k) => state.classes[k]!.name),
    labels: Uint16Array.from(rows, (row) => numbers.get(classOf[row]!)!),
    // An added picture is a group of its own, and a training image.
    ...(groups && {
      groups: Uint32Array.from(rows, (row) => (isAdded(row) ? firstGroup + row - own.length : groups[row]!)),
    }),
    ...(parts && { parts: Uint8Array.from(rows, (row) => (isAdded(row) ? 0 : parts[row]!)) }),
    ...(hasNames(source) && {
      names: Array.from(rows, (row) => names?.[row] ?? state.added.get(row - own.length)!.name),
    }),
    read: (some, target) =>
      readAll(
        all,
        Uint32Array.from(some, (i) => rows[i]!),
        target,
      ),
  };
  return { dataset, rows, classOf, classes };
}

/** Whether images have names; those of a data set that began empty have. */
const hasNames = ({ names, labels }: AnyDataset): boolean => names !== undefined || labels.length === 0;

/** The class that each image belongs to; −1 for those that are left out. */
function classesOf(all: AllImages, { decisions, classes, added }: EditState): Int32Array {
  const own = all.source.labels;
  const classOf = new Int32Array(countAll(all)).fill(-1);
  const place = (row: number, label: number) => {
    classOf[row] = classes[label]!.is ?? -1;
  };
  for (let row = 0; row < own.length; row++) place(row, own[row]!);
  for (const [picture, { label }] of added) place(own.length + picture, label);
  for (const [row, decision] of decisions) {
    if (row >= own.length && !added.has(row - own.length)) continue;
    if (decision.action === "drop") classOf[row] = -1;
    else if (decision.action === "relabel") place(row, decision.to);
  }
  return classOf;
}
