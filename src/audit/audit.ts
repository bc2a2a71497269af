import type { Arithmetic } from "../backends/index.ts";
import { checkFields } from "../datasets/dataset.ts";
import { type AnyDataset, fingerprint, imageDigests } from "../datasets/index.ts";
import { topKAccuracy } from "../evaluation/probabilities.ts";
import { confidentJoint, estimatedNoise } from "./confidentLearning.ts";
import { type AuditOptions, resolveOptions } from "./options.ts";
import { outOfFold } from "./outOfFold.ts";
import { findSuspects, type SuspectKind, type SuspectRow } from "./suspects.ts";

/** An image whose label should be reviewed. */
export interface Suspect {
  readonly kind: SuspectKind;
  readonly row: number;
  /** Its file in the source, if known. */
  readonly name?: string;
  /** SHA-256 of its pixels, in hex. */
  readonly sha256: string;
  /** Its given class. */
  readonly label: string;
  /** The class that it appears to be. */
  readonly suggested: string;
  /** The probability of the label minus that of the most probable other class, −1 to 1. */
  readonly margin: number;
  /** The probabilities [K] of the classes, predicted by a model that was not trained on the image. */
  readonly probabilities: readonly number[];
}

/** The findings of an audit, as plain data. */
export interface Audit {
  readonly source: string;
  readonly fingerprint: string;
  readonly images: number;
  readonly imageShape: AnyDataset["imageShape"];
  readonly classNames: readonly string[];
  readonly recipe: string;
  readonly folds: number;
  /** Weight updates of each model. */
  readonly steps: number;
  readonly seed: number;
  readonly backend: string;
  readonly arithmetic: Arithmetic;
  /** The fraction of images whose label is the class predicted by a model that was not trained on them, 0 to 1. */
  readonly accuracy: number;
  /** The estimated fraction of wrong labels, 0 to 1: {@link estimatedNoise}. */
  readonly noise: number;
  /** The thresholds [K] of the classes ({@link confidentJoint}); null for a class without images. */
  readonly thresholds: readonly (number | null)[];
  /** The confident joint [K][K]: numbers of images by label, then by the class that they are counted in. */
  readonly joint: readonly (readonly number[])[];
  /** The number of images that are not listed as suspects because their labels were already confirmed. */
  readonly kept: number;
  /** Ordered by kind, then by margin: the labels most likely to be wrong first. */
  readonly suspects: readonly Suspect[];
}

/** An audit with the probabilities that it is based on. */
export interface AuditResult extends Audit {
  /** The probabilities [N,K] of every image, row-major, predicted by a model that was not trained on it. */
  readonly probabilities: Float64Array;
}

/**
 * Finds wrong labels. Models are trained by k-fold cross-validation, so that each image is judged by a model that was
 * not trained on it, its copies or its group. From the predicted probabilities, confident learning identifies labels
 * that are probably wrong ({@link confidentJoint}); images may also be ambiguous or unreadable ({@link suspectKinds}).
 * The same data and options give the same audit. Throws `INVALID_ARGUMENT` for an invalid option, `ABORTED` if `signal`
 * aborts, and otherwise as `train` does.
 */
export async function auditLabels(dataset: AnyDataset, options: AuditOptions = {}): Promise<AuditResult> {
  checkFields(dataset);
  const resolved = resolveOptions(options, dataset);
  const { recipe, training, folds, seed, backend } = resolved;
  const { imageShape, classNames, labels, provenance } = dataset;
  const probabilities = await outOfFold(dataset, resolved);
  const data = { labels, probabilities, classes: classNames.length };
  const confident = confidentJoint(data);
  const right = new Set(options.kept);
  const found = findSuspects(data, confident);
  const suspects = found.filter(({ row }) => !right.has(row));
  return {
    source: provenance.source,
    fingerprint: await fingerprint(dataset),
    images: labels.length,
    imageShape,
    classNames,
    recipe: recipe.name,
    folds,
    steps: training.steps,
    seed,
    backend: backend.name,
    arithmetic: backend.arithmetic,
    accuracy: topKAccuracy(data, 1),
    noise: estimatedNoise(confident, data),
    thresholds: confident.thresholds.map((threshold) => (Number.isFinite(threshold) ? threshold : null)),
    joint: confident.joint,
    kept: found.length - suspects.length,
    suspects: await describeSuspects(dataset, suspects, probabilities),
    probabilities,
  };
}

/** Suspects with the names, checksums and probabilities of their images. */
async function describeSuspects(
  dataset: AnyDataset,
  suspects: readonly SuspectRow[],
  probabilities: Float64Array,
): Promise<readonly Suspect[]> {
  const { labels, classNames, names } = dataset;
  const classes = classNames.length;
  const rows = suspects.map(({ row }) => row);
  const digests = await imageDigests(dataset, rows);
  return suspects.map(({ row, kind, suggested, margin }, i) => ({
    kind,
    row,
    ...(names && { name: names[row]! }),
    sha256: digests[i]!,
    label: classNames[labels[row]!]!,
    suggested: classNames[suggested]!,
    margin,
    probabilities: [...probabilities.subarray(row * classes, (row + 1) * classes)],
  }));
}
