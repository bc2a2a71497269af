import type { Arithmetic } from "../backends/index.ts";
import { type Dataset, fingerprint, imageDigests } from "../datasets/index.ts";
import { argMax } from "../evaluation/score.ts";
import { confidentJoint, estimatedNoise, type LabelledProbabilities } from "./confidentLearning.ts";
import { type AuditOptions, resolveOptions } from "./options.ts";
import { outOfFold } from "./outOfFold.ts";
import { findSuspects, type SuspectKind, type SuspectRow } from "./suspects.ts";

/** An image whose label somebody should look at. */
export interface Suspect {
  readonly kind: SuspectKind;
  readonly row: number;
  /** Its file in the source, where that is known. */
  readonly name?: string;
  /** Of its pixels. */
  readonly sha256: string;
  /** The class that it has. */
  readonly label: string;
  /** The class that it is taken for. */
  readonly suggested: string;
  /** The probability of the label less that of the most probable other class, −1 to 1. */
  readonly margin: number;
  /** [K], by a model that was not trained on it. */
  readonly probabilities: readonly number[];
}

/** What an audit found: plain data. */
export interface Audit {
  readonly source: string;
  readonly fingerprint: string;
  readonly images: number;
  readonly imageShape: Dataset["imageShape"];
  readonly classNames: readonly string[];
  readonly recipe: string;
  readonly folds: number;
  /** Updates of each model's weights. */
  readonly steps: number;
  readonly seed: number;
  readonly backend: string;
  readonly arithmetic: Arithmetic;
  /** The share of images whose most probable class, by a model that was not trained on them, is their label. */
  readonly accuracy: number;
  /** The estimated share of wrong labels: {@link estimatedNoise}. */
  readonly noise: number;
  /** [K], for a class to be counted confidently; nothing for a class without images. */
  readonly thresholds: readonly (number | null)[];
  /** [K][K]: images by their label, then by the class that they are counted in. */
  readonly joint: readonly (readonly number[])[];
  /** Images that would be suspected, had they not been found right before. */
  readonly kept: number;
  /** In the order of their kinds, those first whose label is most probably wrong. */
  readonly suspects: readonly Suspect[];
}

/** An audit with what it rests on. */
export interface AuditResult extends Audit {
  /** [N, K], of every image, by a model that was not trained on it. */
  readonly probabilities: Float64Array;
}

/**
 * Looks for wrong labels. Models are trained by k-fold cross-validation, so that each image is judged by one that has
 * not seen it (nor its copies, nor its group); from their probabilities, confident learning tells which labels are
 * probably wrong ({@link confidentJoint}), and which images are ambiguous or unreadable. The same data and options give
 * the same audit. Throws `INVALID_ARGUMENT` for options, `ABORTED`, and what training throws.
 */
export async function auditLabels(dataset: Dataset, options: AuditOptions = {}): Promise<AuditResult> {
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
    accuracy: accuracyOf(data),
    noise: estimatedNoise(confident, data),
    thresholds: confident.thresholds.map((threshold) => (Number.isFinite(threshold) ? threshold : null)),
    joint: confident.joint,
    kept: found.length - suspects.length,
    suspects: await describeSuspects(dataset, suspects, probabilities),
    probabilities,
  };
}

/** Suspects by what their rows hold. */
async function describeSuspects(
  dataset: Dataset,
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

function accuracyOf({ labels, probabilities, classes }: LabelledProbabilities): number {
  let right = 0;
  for (let n = 0; n < labels.length; n++)
    if (argMax(probabilities.subarray(n * classes, (n + 1) * classes)) === labels[n]) right++;
  return right / labels.length;
}
