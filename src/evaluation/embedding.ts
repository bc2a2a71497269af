import { permutation, philox, purposes, toUnit } from "../base/philox.ts";
import { sizeOf } from "../base/shape.ts";
import { type AnyDataset, alignClasses, allRows, readImages } from "../datasets/index.ts";
import { inputsOf, type Model } from "../model/model.ts";
import { checkClassifier } from "./ensemble.ts";
import { checkDataset, checkRows } from "./evaluate.ts";
import type { LayerOutput } from "./predictor.ts";
import type { TrainedModel } from "./trainedModel.ts";

/** How to draw an embedding map. */
export interface EmbeddingOptions {
  /** The rows to draw. Default: all. */
  readonly rows?: ArrayLike<number>;
  /** The most rows to draw: of more, this many are chosen at random. Default: 2000, which takes a few seconds. */
  readonly most?: number;
  /** Determines which rows are drawn, and the map. Default: 1. */
  readonly seed?: number;
}

/** Images as points of a plane: those that the last hidden layer finds alike are near one another. */
export interface EmbeddingMap {
  /** The layer whose outputs are drawn. */
  readonly layer: string;
  /** The rows of the data set that are drawn, in ascending order. */
  readonly rows: Uint32Array;
  /** For each of them x and y, from 0 to 1, one after another. Only distances mean something, and only near ones. */
  readonly points: Float32Array;
}

const [NEIGHBORS, EPOCHS] = [15, 200];
/** Layers with more outputs than this are projected at random to this many numbers, which hardly changes distances. */
const MOST_FEATURES = 256;

/**
 * A map of images by the outputs of the last hidden layer, which are what the last layer computes logits from. The same model,
 * data and seed give the same map. Source: McInnes, Healy, Melville, "UMAP: Uniform manifold approximation and projection",
 * arXiv 1802.03426.
 *
 * Throws `INVALID_DATA` for images of another shape or class than the model's, and `INVALID_ARGUMENT` for a row out of range.
 */
export async function embeddingMap(
  trained: TrainedModel,
  given: AnyDataset,
  options: EmbeddingOptions = {},
): Promise<EmbeddingMap> {
  checkClassifier(trained);
  const { model } = trained;
  const { most = 2000, seed = 1 } = options;
  const dataset = alignClasses(given, model.classes);
  checkDataset(model, dataset);
  const all = Uint32Array.from(options.rows ?? allRows(dataset));
  checkRows(all, dataset.labels.length, "embedding map");
  const rows =
    all.length <= most
      ? all.sort()
      : permutation(all.length, seed, "embedding")
          .subarray(0, most)
          .map((i) => all[i]!)
          .sort();
  const pixels = new Uint8Array(rows.length * sizeOf(model.input));
  readImages(dataset, rows, pixels);
  const layer = lastHidden(model);
  const outputs = (await trained.layerOutputs(pixels, [layer])).get(layer)!;
  return { layer, rows, points: inUnitSquare(await reduced(featuresOf(outputs, seed), seed)) };
}

/** The layer that the last one reads. */
const lastHidden = (model: Model): string => inputsOf(model).get(model.layers.at(-1)!.name)![0]!;

/** The features of each image. Random projections keep distances. Source: Johnson and Lindenstrauss, 1984. */
function featuresOf({ shape: [count = 0, ...rest], data }: LayerOutput, seed: number): number[][] {
  const size = sizeOf(rest);
  const row = (i: number) => data.subarray(i * size, (i + 1) * size);
  if (size <= MOST_FEATURES) return Array.from({ length: count }, (_, i) => Array.from(row(i)));
  const signs = Int8Array.from({ length: size * MOST_FEATURES }, (_, i) =>
    philox([seed >>> 0, purposes.embedding], [i, 1, 0, 0])[0] & 1 ? 1 : -1,
  );
  return Array.from({ length: count }, (_, i) => {
    const values = row(i);
    return Array.from(
      { length: MOST_FEATURES },
      (_, k) => values.reduce((sum, value, j) => sum + value * signs[k * size + j]!, 0) / Math.sqrt(MOST_FEATURES),
    );
  });
}

/** Points [n,2] of a plane for n points of many dimensions, by UMAP. */
async function reduced(features: number[][], seed: number): Promise<readonly (readonly number[])[]> {
  if (features.length < 3) return features.map((_, i) => [i, 0]);
  const { UMAP } = await import("umap-js");
  let draws = 0;
  const random = () => toUnit(philox([seed >>> 0, purposes.embedding], [draws++, 2, 0, 0])[0]);
  const nNeighbors = Math.min(NEIGHBORS, features.length - 1);
  return new UMAP({ nNeighbors, nEpochs: EPOCHS, random }).fit(features);
}

/** Points moved and scaled, both axes alike, so that they fill a square from 0 to 1. */
function inUnitSquare(points: readonly (readonly number[])[]): Float32Array {
  const ranges = [0, 1].map((d) => {
    const values = points.map((point) => point[d]!);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return { middle: (low + high) / 2, extent: high - low };
  });
  const extent = Math.max(...ranges.map((range) => range.extent)) || 1;
  return Float32Array.from(points.flat(), (value, i) => 0.5 + (value - ranges[i % 2]!.middle) / extent);
}
