import { InklingError, message, optionRef } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { formatShape, sameShape } from "../base/shape.ts";
import { classNameOf } from "./classNames.ts";
import { type AnyDataset, checkFields, type Dataset, subset } from "./dataset.ts";
import { imageDigests } from "./fingerprint.ts";
import type { Fix, Fixes } from "./fixes.ts";

/** A corrected data set, and what the fixes did. */
export interface FixedDataset {
  readonly dataset: Dataset;
  /** The row of each of its images in the original data set. */
  readonly rows: readonly number[];
  /** The number of images of the original data set to which each action was applied. */
  readonly counts: Readonly<Record<Fix["action"], number>>;
  /** Rows of the corrected data set that a fix says to keep. */
  readonly kept: readonly number[];
  /** Fixes that match no image, or conflicting fixes that cannot be assigned to the copies of an image. */
  readonly unmatched: readonly Fix[];
}

/**
 * Applies fixes to a data set: drops images, or changes their labels. A fix applies to every image with its pixels and
 * label, or, if some of these also have its name, only to those. Returns a new data set. Throws `INVALID_DATA` if the
 * fixes are for images of another shape, a new label is not a class, or no image is left.
 */
export async function applyFixes(dataset: Dataset, fixes: Fixes): Promise<FixedDataset> {
  checkFields(dataset);
  const { classNames, provenance } = dataset;
  const { byRow, unmatched } = await matchFixes(dataset, fixes);
  const rows: number[] = [];
  const labels: number[] = [];
  const kept: number[] = [];
  const counts = { drop: 0, relabel: 0, keep: 0 };
  for (const [row, label] of dataset.labels.entries()) {
    const fix = byRow.get(row);
    if (fix) counts[fix.action]++;
    if (fix?.action === "drop") continue;
    if (fix?.action === "keep") kept.push(rows.length);
    rows.push(row);
    labels.push(fix?.action === "relabel" ? relabeledTo(fix, classNames) : label);
  }
  if (rows.length === 0 && byRow.size > 0)
    throw new InklingError(
      "INVALID_DATA",
      `the label corrections drop every image of ${provenance.source}; use others, or none`,
    );
  const changed = counts.drop + counts.relabel > 0;
  const description = `${provenance.description}; ${counts.drop} images dropped and ${counts.relabel} relabeled by label corrections`;
  const fixed = changed
    ? { ...subset(dataset, rows), labels: Uint16Array.from(labels), provenance: { ...provenance, description } }
    : dataset;
  return { dataset: fixed, rows, counts, kept, unmatched };
}

function checkShape(imageShape: Fixes["imageShape"], dataset: AnyDataset): void {
  if (sameShape(imageShape, dataset.imageShape)) return;
  throw new InklingError(
    "INVALID_DATA",
    message`the label corrections are for images of shape ${formatShape(imageShape)}, but those of ${dataset.provenance.source} have ${formatShape(dataset.imageShape)}; open it with ${optionRef("resize", imageShape.slice(0, 2))}, or create new ones`,
  );
}

/** The number of the class that a fix gives. Throws `INVALID_DATA` if it is not one of the classes. */
export function relabeledTo(
  { to, name, sha256 }: Fix & { readonly action: "relabel" },
  classNames: readonly string[],
): number {
  const number = classNames.findIndex((own) => classNameOf(own) === classNameOf(to));
  if (number >= 0) return number;
  throw new InklingError(
    "INVALID_DATA",
    `the correction of ${name ?? sha256} gives the label ${quoted(to)}, which is not a class; the classes are ${classNames.join(", ")}`,
  );
}

/** The fix of each row that has one. */
interface Matched {
  readonly byRow: ReadonlyMap<number, Fix>;
  /** As in {@link FixedDataset}. */
  readonly unmatched: readonly Fix[];
}

/** Finds the rows that fixes apply to, as {@link applyFixes} does. Throws `INVALID_DATA` for images of another shape. */
export async function matchFixes(dataset: AnyDataset, { imageShape, fixes }: Fixes): Promise<Matched> {
  checkShape(imageShape, dataset);
  const { labels } = dataset;
  const classNames = dataset.classNames.map(classNameOf);
  const keyOf = (digest: string, label: string) => `${digest} ${classNameOf(label)}`;
  const byKey = grouped(fixes, ({ sha256, label }) => keyOf(sha256, label));
  const concerned = new Set(fixes.map(({ label }) => classNameOf(label)));
  const rows = Array.from(labels.keys()).filter((row) => concerned.has(classNames[labels[row]!]!));
  const digests = await imageDigests(dataset, rows);
  const keys = new Map(rows.map((row, i) => [row, keyOf(digests[i]!, classNames[labels[row]!]!)]));
  const rowsByKey = grouped(
    rows.filter((row) => byKey.has(keys.get(row)!)),
    (row) => keys.get(row)!,
  );
  const byRow = new Map<number, Fix>();
  const unclear = new Set([...rowsByKey].flatMap(([key, same]) => assign(byRow, same, byKey.get(key)!, dataset.names)));
  const isUnmatched = (fix: Fix) => unclear.has(fix) || !rowsByKey.has(keyOf(fix.sha256, fix.label));
  return { byRow, unmatched: fixes.filter(isUnmatched) };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/**
 * Assigns fixes to rows with the same pixels and label, by name if possible. The files of the remaining fixes have been
 * moved, or only copies of them exist, but the image is the same. If these fixes agree, they apply to all remaining rows;
 * if there are as many of them as rows, each applies to one row; otherwise they are ambiguous, and are returned.
 */
function assign(
  byRow: Map<number, Fix>,
  rows: readonly number[],
  fixes: readonly Fix[],
  names: readonly string[] | undefined,
): readonly Fix[] {
  const others: Fix[] = [];
  for (const fix of fixes) {
    const own = rows.filter((row) => isSameFile(names?.[row], fix.name));
    for (const row of own) byRow.set(row, fix);
    if (own.length === 0) others.push(fix);
  }
  const free = rows.filter((row) => !byRow.has(row));
  const [first] = others;
  if (!first || free.length === 0) return [];
  const agree = others.every((fix) => outcomeOf(fix) === outcomeOf(first));
  if (!agree && others.length !== free.length) return others;
  for (const [i, row] of free.entries()) byRow.set(row, agree ? first : others[i]!);
  return [];
}

const outcomeOf = (fix: Fix): string => (fix.action === "relabel" ? `relabel ${fix.to}` : fix.action);

/** Names have more or fewer leading folders if a parent folder or a subfolder was opened instead. */
const isSameFile = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && (a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`));
