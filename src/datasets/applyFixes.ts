import { InklingError } from "../base/error.ts";
import { formatShape, sameShape } from "../base/shape.ts";
import { type Dataset, subset } from "./dataset.ts";
import { imageDigests } from "./fingerprint.ts";
import type { Fix, Fixes } from "./fixes.ts";

/** A data set after fixes, and what they did. */
export interface FixedDataset {
  readonly dataset: Dataset;
  /** Images of the data set before, by what was done to them. */
  readonly counts: Readonly<Record<Fix["action"], number>>;
  /** Rows of the data set as it is now that a fix says to keep. */
  readonly kept: readonly number[];
  /** Fixes for images that the data set has not, or that disagree on which copy of an image they are for. */
  readonly unmatched: readonly Fix[];
}

/**
 * The data set as fixes say: images left out, or with another label. A fix is for every image with its pixels and its
 * label; where its name is that of some of them, for these only. The data set given stays as it is. Throws
 * `INVALID_DATA` for images of another shape, a label that is no class, and where no image is left.
 */
export async function applyFixes(dataset: Dataset, fixes: Fixes): Promise<FixedDataset> {
  const { classNames, provenance } = dataset;
  checkShape(fixes, dataset);
  const { byRow, unmatched } = await match(dataset, fixes.fixes);
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
    labels.push(fix?.action === "relabel" ? classNumber(fix, classNames) : label);
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
  return { dataset: fixed, counts, kept, unmatched };
}

function checkShape({ imageShape }: Fixes, dataset: Dataset): void {
  if (sameShape(imageShape, dataset.imageShape)) return;
  throw new InklingError(
    "INVALID_DATA",
    `the label corrections are for images of shape ${formatShape(imageShape)}, but those of ${dataset.provenance.source} have ${formatShape(dataset.imageShape)}; open it with resize ${imageShape[0]}x${imageShape[1]} (--resize), or create new ones`,
  );
}

function classNumber(
  { to, name, sha256 }: Fix & { readonly action: "relabel" },
  classNames: readonly string[],
): number {
  const number = classNames.indexOf(to);
  if (number >= 0) return number;
  throw new InklingError(
    "INVALID_DATA",
    `the correction of ${name ?? sha256} gives the label ${JSON.stringify(to)}, which is not a class; the classes are ${classNames.join(", ")}`,
  );
}

interface Matched {
  readonly byRow: ReadonlyMap<number, Fix>;
  readonly unmatched: readonly Fix[];
}

async function match(dataset: Dataset, fixes: readonly Fix[]): Promise<Matched> {
  const { labels, classNames } = dataset;
  const keyOf = (digest: string, label: string) => `${digest} ${label}`;
  const byKey = grouped(fixes, ({ sha256, label }) => keyOf(sha256, label));
  const concerned = new Set(fixes.map(({ label }) => classNames.indexOf(label)));
  const rows = Array.from(labels.keys()).filter((row) => concerned.has(labels[row]!));
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
 * Gives rows of the same pixels and label their fixes, by name where that is found. Fixes that are left are for files
 * that have moved, or of which only copies are left: the image is the same. They are for all other rows where they
 * agree, or one for each; otherwise nobody knows which is for which, and they are given back.
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

/** A folder that was opened from above or from within gives names with more or fewer folders in front. */
const isSameFile = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && (a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`));
