import { proposeFixes } from "../../audit/index.ts";
import {
  type AnyDataset,
  alignClasses,
  allRows,
  applyFixes,
  bytesPerImage,
  type Dataset,
  type Fixes,
  fingerprint,
  readImages,
} from "../../datasets/index.ts";
import { type Answers, answersOf, type LabelBounds, labelBounds, probabilitiesOf } from "../../evaluation/index.ts";
import { readFixes } from "../../sources/node/openDataset.ts";
import { readAudit } from "../readAudit.ts";
import type { Chosen } from "./chooseImages.ts";

/** Where label corrections come from. */
interface Corrections {
  readonly fixes?: readonly string[];
  readonly audit?: string;
}

/** A model, by its classes and what it answers without test-time augmentation. */
interface Answering {
  readonly classes: readonly string[];
  /** Those for the images that are scored. */
  readonly answers: Answers;
  /** Those for all images of another data set. */
  readonly answer: (dataset: Dataset) => Promise<Answers>;
}

/**
 * What label corrections change about a model's accuracy: those of files of fixes on the images of a named source, or those
 * that an audit proposes, on the images that are scored. Undefined where there are neither.
 */
export async function labelBoundsOf(
  { dataset, uncorrected, rows }: Chosen,
  { classes, answers, answer }: Answering,
  { fixes = [], audit }: Corrections,
): Promise<LabelBounds | undefined> {
  if (audit !== undefined) {
    const proposed = proposeFixes(await readAudit(audit, await fingerprint(dataset), dataset.provenance.source));
    return boundsOf(classes, inMemory(dataset, rows), answers, [proposed]);
  }
  if (!uncorrected) return undefined;
  const all = await Promise.all(fixes.map((path) => readFixes(path)));
  return boundsOf(classes, uncorrected, await answer(uncorrected), all);
}

async function boundsOf(
  classes: readonly string[],
  dataset: Dataset,
  { logits, labels }: Answers,
  all: readonly Fixes[],
): Promise<LabelBounds> {
  let fixed = dataset;
  let origins: ArrayLike<number> = allRows(dataset);
  for (const fixes of all) {
    const next = await applyFixes(fixed, fixes);
    origins = next.rows.map((row) => origins[row]!);
    fixed = next.dataset;
  }
  const corrected = new Array<number | undefined>(dataset.labels.length).fill(undefined);
  for (const [i, label] of alignClasses(fixed, classes).labels.entries()) corrected[origins[i]!] = label;
  return labelBounds(labels, corrected, answersOf(probabilitiesOf(logits, labels, classes.length)));
}

/** Some rows of a data set, with their images. */
function inMemory({ labels, names, ...dataset }: AnyDataset, rows: ArrayLike<number>): Dataset {
  const images = new Uint8Array(rows.length * bytesPerImage(dataset));
  readImages({ labels, ...dataset } as AnyDataset, rows, images);
  const { imageShape, classNames, provenance, skipped } = dataset;
  return {
    ...{ images, imageShape, classNames, provenance, skipped },
    labels: Uint16Array.from(rows, (row) => labels[row]!),
    ...(names && { names: Array.from(rows, (row) => names[row]!) }),
  };
}
