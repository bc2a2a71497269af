import { wasmBackend } from "../../backends/wasm/backend.ts";
import { sizeOf } from "../../base/shape.ts";
import { imagesInMemory } from "../../engine/feed.ts";
import type { TrainedModel } from "../../evaluation/index.ts";
import { type LayerOutput, Predictor } from "../../evaluation/predictor.ts";
import { softmax } from "../../evaluation/softmax.ts";
import type { Image } from "../../image/image.ts";
import { type Model, summarize } from "../../model/index.ts";
import { isBlank } from "../../pictures/ink.ts";
import type { PreparedPicture } from "../../pictures/prepare.ts";
import type { Inside, Stage } from "../inside.ts";
import { type StageLayer, stagesOf } from "../stages.ts";

/** Channels of a layer that are shown. */
const MOST_TILES = 16;

/** What a network makes of one picture, again and again while its weights change. */
export class Insight {
  readonly #model: Model;
  readonly #stages: readonly StageLayer[];
  readonly #predictor: Promise<Predictor>;

  constructor({ model, weights }: TrainedModel) {
    this.#model = model;
    this.#stages = stagesOf(summarize(model).map(({ outputShape, ...layer }) => ({ ...layer, shape: outputShape })));
    const layers = this.#stages.map(({ name }) => name);
    this.#predictor = Predictor.create({ model, weights }, wasmBackend(), { batchSize: 1, threads: 1, layers });
    this.#predictor.catch(() => {}); // reported to whoever looks
  }

  /** Whether it is for this network. */
  isFor(model: Model): boolean {
    return this.#model === model;
  }

  /** What the network with these weights makes of a prepared picture. */
  async look(trained: TrainedModel, prepared: PreparedPicture, explains: boolean): Promise<Inside> {
    const { image, steps, isInkless } = prepared;
    const predictor = await this.#predictor;
    await predictor.load(trained.weights);
    const pixels = new Uint8Array(image.pixels);
    const { logits, layers } = await predictor.outputs(imagesInMemory(pixels, sizeOf(this.#model.input)), [0]);
    const filters = filtersOf(trained);
    const probabilities = softmax(logits, trained.scaling);
    const explanation = explains ? await explanationOf(trained, image, probabilities) : undefined;
    return {
      stages: this.#stages.map(({ name, type, shape }) => ({ name, type, shape, tiles: tilesOf(layers.get(name)!) })),
      ...(filters && { filters }),
      probabilities: Array.from(probabilities),
      ...(explanation && { explanation }),
      seen: image,
      steps,
      isBlank: isInkless || isBlank(image),
    };
  }

  async close(): Promise<void> {
    await (await this.#predictor).close();
  }
}

/** Where in an image the network sees its answer. */
async function explanationOf(
  trained: TrainedModel,
  image: Image,
  probabilities: ArrayLike<number>,
): Promise<Inside["explanation"]> {
  const [{ classActivationMaps }, { overlay }] = await Promise.all([
    import("../../evaluation/classActivation.ts"),
    import("../../report/overlay.ts"),
  ]);
  const odds = Array.from(probabilities);
  const [map] = await classActivationMaps(trained, new Uint8Array(image.pixels), [odds.indexOf(Math.max(...odds))]);
  return { image: overlay(image, map!), method: map!.method };
}

/** The first channels of an output [1,H,W,C], or an output [1,K] as a row, scaled to bytes from the least to the greatest. */
function tilesOf({ shape, data }: LayerOutput): Stage["tiles"] {
  const [, ...own] = shape;
  const [height, width, channels] = own.length === 3 ? (own as [number, number, number]) : [1, sizeOf(own), 1];
  return tiled(data, { height, width, spacing: channels, count: Math.min(channels, MOST_TILES) });
}

/** The kernels [U,V,C,F] of the first convolution, for the first channel of the image. */
function filtersOf({ namedWeights }: TrainedModel): Stage["tiles"] | undefined {
  const kernel = namedWeights.find(({ shape }) => shape.length === 4);
  if (!kernel) return undefined;
  const [height, width, channels, filters] = kernel.shape as [number, number, number, number];
  return tiled(kernel.data, { height, width, spacing: channels * filters, count: Math.min(filters, MOST_TILES) });
}

interface Tiling {
  readonly height: number;
  readonly width: number;
  readonly count: number;
  /** How far apart the values of a tile are; tiles begin next to one another. */
  readonly spacing: number;
}

/** Tiles of values, scaled from the least to the greatest of all. */
function tiled(data: Float32Array, { height, width, count, spacing }: Tiling): Stage["tiles"] {
  const size = height * width;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let p = 0; p < size; p++)
    for (let tile = 0; tile < count; tile++) {
      const value = data[p * spacing + tile]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  const scale = high > low ? 255 / (high - low) : 0;
  const values = new Uint8Array(count * size);
  for (let tile = 0, at = 0; tile < count; tile++)
    for (let p = 0; p < size; p++) values[at++] = (data[p * spacing + tile]! - low) * scale;
  return { height, width, count, values };
}
