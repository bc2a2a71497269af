import * as v from "valibot";
import { type Backend, backend } from "../backends/index.ts";
import { count, notNegative, parseConfig, uint32 } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { formatShape, sameShape } from "../base/shape.ts";
import { type AnyDataset, allRows, readImages } from "../datasets/index.ts";
import { Engine } from "../engine/engine.ts";
import { feedImages, resultOf, runRows } from "../engine/feed.ts";
import { augmentationProgram } from "../engine/imagePrograms.ts";
import { checkRows } from "../evaluation/index.ts";
import type { LayerConfig } from "../layers/index.ts";
import { defaultPreprocessing, type Preprocessing, parseLayers } from "../model/index.ts";

/** What is augmented, and whose draws it gets. Every option has a default. */
export interface AugmentOptions {
  /** Which images, in this order; the same one may come several times, and is drawn anew each time: all. */
  readonly rows?: ArrayLike<number>;
  /** Images of one step: 16. An image's draws depend on its place among them, not on how many there are. */
  readonly batchSize?: number;
  /** The step of training whose draws the first batch gets; the batches after it get those of the next steps: 0. */
  readonly step?: number;
  /** As the seed of a training: 1. */
  readonly seed?: number;
  /** Mixes each image with another one before all layers, at a ratio from Beta(mixup, mixup): 0, for not at all. */
  readonly mixup?: number;
  /**
   * The rows that the images are mixed with, one for each. By default as in training: the image before in its batch, and
   * for the first one the last.
   */
  readonly others?: ArrayLike<number>;
  /** How the model normalizes pixels, which what layers fill in depends on: (pixel − 127.5) / 255. */
  readonly preprocessing?: Preprocessing;
  /** "native" (in Node, the default there), "wasm" (the default elsewhere), "interpret", or a back end of your own. */
  readonly backend?: string | Backend;
}

const schema = v.object({
  batchSize: v.optional(count, 16),
  step: v.optional(uint32, 0),
  seed: v.optional(uint32, 1),
  mixup: v.optional(notNegative, 0),
});

/**
 * Images of a data set as a network that begins with these layers sees them in training: pixels [rows,H,W,C], 0 … 255,
 * what lies beyond being clamped. The same images, layers, seed and step give the same pixels on every back end.
 *
 * Layers draw by the seed, the step, an image's place in its batch, and their own place among the layers. Throws
 * `INVALID_ARGUMENT` for an option, a row that is not there, a layer that has weights, or layers that give another shape
 * than the images'; `INVALID_MODEL` for a layer that cannot be.
 */
export async function augment(
  dataset: AnyDataset,
  layers: readonly LayerConfig[],
  options: AugmentOptions = {},
): Promise<Uint8Array> {
  const { batchSize, step, seed, mixup } = parseConfig(
    schema,
    { batchSize: options.batchSize, step: options.step, seed: options.seed, mixup: options.mixup },
    "augment",
  );
  const { rows = allRows(dataset), preprocessing = defaultPreprocessing } = options;
  const others = options.others ?? previousInBatch(rows, batchSize);
  checkRows(rows, dataset.labels.length, "augment");
  checkOthers(others, rows, dataset.labels.length);
  const input = dataset.imageShape;
  const program = augmentationProgram({ input, preprocessing, layers: parseLayers(layers) }, { batchSize, mixup });
  const { spec, images, output } = program;
  checkShape(output.shape.slice(1), input);
  const on = typeof options.backend === "object" ? options.backend : backend(options.backend);
  const engine = await Engine.create([spec], on);
  const read = (some: ArrayLike<number>, target: Uint8Array) => readImages(dataset, some, target);
  const run = runRows(engine, spec, {
    rows,
    feed(some, first) {
      feedImages(engine, spec, images, read, some);
      if (!program.others) return;
      const mixed = Uint32Array.from(some, (_, n) => others[Math.min(first + n, others.length - 1)]!);
      feedImages(engine, spec, program.others, read, mixed);
    },
    outputs: { output },
    seed,
    stepOf: (batch) => step + batch,
  });
  const { output: values } = await resultOf(run);
  const { mean, scale } = preprocessing;
  // Stored in a clamped array, numbers are rounded to bytes.
  return new Uint8Array(Uint8ClampedArray.from(values, (value) => value * scale + mean).buffer);
}

/** Of each image the one before it in its batch, and of a batch's first one its last. */
const previousInBatch = (rows: ArrayLike<number>, batchSize: number): Uint32Array =>
  Uint32Array.from(rows, (_, i) => {
    const isFirst = i % batchSize === 0;
    return rows[isFirst ? Math.min(i + batchSize, rows.length) - 1 : i - 1]!;
  });

function checkOthers(others: ArrayLike<number>, rows: ArrayLike<number>, images: number): void {
  if (others.length !== rows.length)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `augment: others has ${others.length} rows for ${rows.length} images; give every image one`,
    );
  checkRows(others, images, "augment: others");
}

function checkShape(shape: readonly number[], input: readonly number[]): void {
  if (sameShape(shape, input)) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `augment: the layers change images of shape ${formatShape(input)} to ${formatShape(shape)}; use layers that preserve the shape`,
  );
}
