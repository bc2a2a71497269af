import type { Arithmetic } from "../backends/backend.ts";
import { InklingError } from "../base/error.ts";
import { permutation } from "../base/philox.ts";
import { sizeOf } from "../base/shape.ts";
import { type AnyDataset, alignClasses, allRows, readImages } from "../datasets/index.ts";
import type { Weights } from "../engine/feed.ts";
import { checkClassifier } from "../evaluation/ensemble.ts";
import { checkDataset } from "../evaluation/evaluate.ts";
import type { ModelCalibration } from "../evaluation/modelCalibration.ts";
import type { Score } from "../evaluation/score.ts";
import type { Scaling } from "../evaluation/softmax.ts";
import type { TrainedModel } from "../evaluation/trainedModel.ts";
import { inferenceGraph, type ModelGraph } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import type { Preparation } from "../pictures/preparation.ts";
import type { TrainingSpec } from "../training/spec.ts";
import { weightsSha256 } from "../training/weightsSha256.ts";

/** One image and what the model makes of it: an exported form is checked against these. */
export interface GoldenVector {
  /** The number of the image's class. */
  readonly label: number;
  /** [H,W,C], as the model takes it. */
  readonly pixels: Uint8Array;
  /** [K] */
  readonly logits: Float32Array;
}

/** Labeled images to draw golden vectors from. */
export interface GoldenSource {
  readonly dataset: AnyDataset;
  /** The rows to choose from, such as the test images; all by default. */
  readonly rows?: ArrayLike<number>;
  /** Chooses one image of each class. Default: 1. */
  readonly seed?: number;
}

/** How a model was trained. */
export interface TrainingHistory {
  readonly config: TrainingSpec;
  /** Which of its weights these are: those of its end, or of its best validation. */
  readonly weights: "last" | "best";
  /** Steps after which it had them. */
  readonly steps: number;
  readonly arithmetic: Arithmetic;
  /** How well it classified its test images. */
  readonly test?: Score;
}

/** What every form of export is told besides the model. */
export interface ExportOptions {
  /** The run that the model is from, such as its folder's name. */
  readonly run?: string;
  /** The license of the weights, as an SPDX expression. */
  readonly license?: string;
  readonly golden?: readonly GoldenVector[];
  /** For the model card, which a package has as well. */
  readonly history?: TrainingHistory;
}

/** A trained model as every form of export needs it: what predicts, and what goes with it. */
export interface Exportable extends ExportOptions {
  /** The network with batch normalization folded into the layers before it. */
  readonly model: Model;
  /** The weights of that network, by name. */
  readonly weights: Weights;
  /** The graph of that network for one image, from bytes [1,H,W,C] to logits [1,K]. */
  readonly graph: ModelGraph;
  readonly preparation: Preparation;
  /** What validation images tell about the model's probabilities, if there were any. */
  readonly calibration?: ModelCalibration | undefined;
  /** How logits become probabilities. */
  readonly scaling: Scaling;
  /** Of the weights as trained, before they were folded: what a run's record and its results name. */
  readonly weightsSha256: string;
}

/** The version of the metadata in exported files. */
export const METADATA_VERSION = 1;

/** What every form carries in JSON besides the network; undefined members are left out. */
export const metadataOf = ({ model, preparation, calibration, weightsSha256, run, license }: Exportable) => ({
  formatVersion: METADATA_VERSION,
  classes: model.classes,
  preparation,
  calibration,
  weightsSha256,
  run,
  license,
});

/** The stream of random numbers by which golden vectors are chosen; those up to 4 divide data sets. */
const GOLDEN = 5;

/** What the forms of export share. */
export async function exportable(trained: TrainedModel, options: ExportOptions = {}): Promise<Exportable> {
  checkClassifier(trained);
  const { model, weights } = trained.folded;
  return {
    ...options,
    model,
    weights,
    graph: inferenceGraph(model),
    preparation: trained.preparation,
    calibration: trained.calibration,
    scaling: trained.scaling,
    weightsSha256: await weightsSha256(trained.weights),
  };
}

/**
 * One image of each class that the rows have, chosen by the seed, with the model's logits, in the order of the classes.
 * Throws `INVALID_DATA` where the data set does not fit the model, `INVALID_ARGUMENT` for a row that is not there.
 */
export async function goldenVectors(trained: TrainedModel, source: GoldenSource): Promise<readonly GoldenVector[]> {
  checkClassifier(trained);
  const { model } = trained;
  const dataset = alignClasses(source.dataset, model.classes);
  const { rows = allRows(dataset), seed = 1 } = source;
  checkDataset(model, dataset);
  const chosen = new Map<number, number>();
  for (const k of permutation(rows.length, seed, "split", GOLDEN)) {
    const row = rows[k]!;
    const label = dataset.labels[row];
    if (label === undefined)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `golden vectors: row ${row} is out of range, expected 0 to ${dataset.labels.length - 1}`,
      );
    if (!chosen.has(label)) chosen.set(label, row);
  }
  const labels = [...chosen.keys()].sort((a, b) => a - b);
  const size = sizeOf(model.input);
  const pixels = new Uint8Array(labels.length * size);
  readImages(
    dataset,
    labels.map((label) => chosen.get(label)!),
    pixels,
  );
  const logits = await trained.logits(pixels);
  const classes = model.classes.length;
  return labels.map((label, i) => ({
    label,
    pixels: pixels.slice(i * size, (i + 1) * size),
    logits: logits.slice(i * classes, (i + 1) * classes),
  }));
}
