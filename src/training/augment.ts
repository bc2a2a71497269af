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
import { ofChannel } from "../ops/normalize.ts";

/** Which images to augment, and with which random numbers. Every option has a default. */
export interface AugmentOptions {
  /** The rows to augment, in this order. A row may be repeated, with new random numbers each time. Default: all. */
  readonly rows?: ArrayLike<number>;
  /**
   * Images per step. An image's random numbers depend on its position in the batch, not on the batch size. Default: 16.
   */
  readonly batchSize?: number;
  /**
   * The training step whose random numbers the first batch uses; later batches use those of the next steps. Default: 0.
   */
  readonly step?: number;
  /** The seed, as in training. Default: 1. */
  readonly seed?: number;
  /**
   * Mixes each image with another before the first layer, at a ratio drawn from Beta(mixup, mixup). Default: 0, none.
   */
  readonly mixup?: number;
  /**
   * The rows to mix with, one for each image. Default: as in training, the previous image in the batch, and for the
   * first image the last.
   */
  readonly others?: ArrayLike<number>;
  /** How the model normalizes pixels, which affects the values that layers fill in. Default: (pixel − 127.5) / 255. */
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
 * Images of a data set as a network that begins with these layers sees them in training: pixels [N,H,W,C] for N rows,
 * clamped to 0 … 255. The same images, layers, seed and step give the same pixels on every back end.
 *
 * A layer's random numbers are determined by the seed, the step, the image's position in its batch, and the layer's
 * position in the network. Throws `INVALID_ARGUMENT` for an invalid option, a row out of range, a layer with weights,
 * or layers that change the shape of the images; `INVALID_MODEL` for an invalid layer.
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
  const on = backend(options.backend);
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
  const { output: values } = await resultOf(run).finally(() => engine.close());
  const { mean, scale } = preprocessing;
  const channels = input[2];
  // A clamped array rounds to whole numbers.
  return new Uint8Array(
    Uint8ClampedArray.from(values, (value, i) => value * ofChannel(scale, i % channels) + ofChannel(mean, i % channels))
      .buffer,
  );
}

/** For each image, the previous one in its batch; for the first image of a batch, the last. */
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
