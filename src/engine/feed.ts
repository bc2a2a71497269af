import { copyRows } from "../base/bytes.ts";
import { sizeOf } from "../base/shape.ts";
import type { ProgramSpec } from "../compiler/plan.ts";
import type { StateTensor } from "../model/build.ts";
import type { Tensor } from "../ops/graph.ts";
import type { Engine } from "./engine.ts";

/** The batch size of evaluation and prediction: enough work for several threads between barriers. */
export const EVALUATION_BATCH = 512;

/** Copies the images of the given rows, [H,W,C] each, one after another to the start of the target. */
export type ReadImages = (rows: ArrayLike<number>, target: Uint8Array) => void;

/** Labeled images by row, in memory or elsewhere. */
export interface LabeledImages {
  readonly labels: ArrayLike<number>;
  /** The weight of the loss for each class, in programs with weighted losses. */
  readonly classWeights?: readonly number[] | undefined;
  readonly read: ReadImages;
}

/** Reads images of `size` bytes each from a single array. */
export const imagesInMemory =
  (images: Uint8Array, size: number): ReadImages =>
  (rows, target) =>
    copyRows(images, size, rows, target);

/** Labeled images, all in one array. */
export const inMemory = (images: Uint8Array, labels: ArrayLike<number>): LabeledImages => ({
  labels,
  read: imagesInMemory(images, images.length / labels.length),
});

/** A tensor of pixels. */
export type ImageTensor = Tensor & { readonly type: "u8" };
/** A tensor of floats. */
export type FloatTensor = Tensor & { readonly type: "f32" };
/** A tensor that is known to hold floats, typed as such. */
export const asFloat = (t: Tensor): FloatTensor => ({ ...t, type: "f32" });

/** Labeled images of each step's batch, which the host feeds. */
export interface Fed {
  /** [N,H,W,C] pixels and [N] class numbers. */
  readonly images: ImageTensor;
  readonly labels: Tensor & { readonly type: "u32" };
  /** [N], the weights of the losses. */
  readonly sampleWeights?: FloatTensor;
}

/** Writes the images of a call's batches to a program's memory, batch after batch. */
export function feedImages(
  engine: Engine,
  { name }: ProgramSpec,
  images: ImageTensor,
  read: ReadImages,
  rows: ArrayLike<number>,
): void {
  read(rows, engine.elements(name, images).subarray(0, rows.length * sizeOf(images.shape.slice(1))));
}

/** Writes the images, labels and weights of a call's batches to a program's memory, batch after batch. */
export function feed(
  engine: Engine,
  program: Fed & { readonly spec: ProgramSpec },
  from: LabeledImages,
  rows: ArrayLike<number>,
  { images, labels, sampleWeights }: Fed = program,
): void {
  const { spec } = program;
  feedImages(engine, spec, images, from.read, rows);
  const fed = engine.elements(spec.name, labels);
  for (let i = 0; i < rows.length; i++) fed[i] = from.labels[rows[i]!]!;
  if (!sampleWeights || !from.classWeights) return;
  const weights = engine.elements(spec.name, sampleWeights);
  for (let i = 0; i < rows.length; i++) weights[i] = from.classWeights[fed[i]!]!;
}

/** The weights of a model by name: parameters, and states such as running means. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Writes weights to the memory of an engine, where all of its programs share them. */
export function loadWeights(
  engine: Engine,
  { spec, weights }: { readonly spec: ProgramSpec; readonly weights: readonly StateTensor[] },
  values: Weights,
): void {
  for (const { tensor } of weights) engine.elements(spec.name, asFloat(tensor)).set(values.get(tensor.name)!);
}

/** How to run rows in batches. */
export interface RowRun<Name extends string> {
  /** The rows, in order. */
  readonly rows: ArrayLike<number>;
  /** Feeds the rows of one batch. */
  readonly feed: (rows: Uint32Array, first: number) => void;
  /** The outputs [N,…] to collect. */
  readonly outputs: Readonly<Record<Name, FloatTensor>>;
  readonly seed?: number;
  /** The step number of batch `k`, on which random ops depend. Default: 0 for all. */
  readonly stepOf?: (k: number) => number;
}

/**
 * Runs rows through a program, a batch at a time; the last batch is padded with its last row. Returns each output for all
 * rows, [rows,…], in order.
 */
export async function* runRows<Name extends string>(
  engine: Engine,
  { name, batch }: ProgramSpec,
  { rows, feed, outputs, seed = 0, stepOf = () => 0 }: RowRun<Name>,
): AsyncGenerator<void, Readonly<Record<Name, Float32Array>>> {
  const collected = (Object.entries(outputs) as [Name, FloatTensor][]).map(([key, tensor]) => {
    const size = sizeOf(tensor.shape.slice(1));
    return { key, tensor, size, values: new Float32Array(rows.length * size) };
  });
  const fed = new Uint32Array(batch);
  for (let first = 0; first < rows.length; first += batch) {
    const count = Math.min(batch, rows.length - first);
    for (let n = 0; n < batch; n++) fed[n] = rows[first + Math.min(n, count - 1)]!;
    feed(fed, first);
    await engine.run(name, 1, stepOf(first / batch), seed);
    for (const { tensor, size, values } of collected)
      engine.copySamples(name, tensor, count, values.subarray(first * size));
    yield;
  }
  return Object.fromEntries(collected.map(({ key, values }) => [key, values])) as Record<Name, Float32Array>;
}

/** Runs a generator to its end, and returns its result. */
export async function resultOf<T>(steps: AsyncGenerator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}
