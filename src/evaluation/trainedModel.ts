import type { Backend } from "../backends/backend.ts";
import { backend } from "../backends/index.ts";
import { InklingError } from "../base/error.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import { EVALUATION_BATCH, imagesInMemory, type Weights } from "../engine/feed.ts";
import { availableThreads } from "../engine/threads.ts";
import type { Picture } from "../image/picture.ts";
import { checkPixels } from "../image/pixels.ts";
import { inferenceGraph } from "../model/build.ts";
import { checkWeights } from "../model/checkWeights.ts";
import { foldBatchNormalization, type WeightedModel } from "../model/fold.ts";
import type { Model } from "../model/model.ts";
import { type Preparation, type PrepareOptions, resizeOnly } from "../pictures/preparation.ts";
import { type PreparedPicture, preparePicture } from "../pictures/prepare.ts";
import type { ModelCalibration } from "./modelCalibration.ts";
import { type ImageInput, inputOf, type Prediction, predictImages } from "./prediction.ts";
import { type LayerOutput, Predictor } from "./predictor.ts";
import { type Scaling, UNSCALED } from "./softmax.ts";

/** Batch sizes to compile for: one image at the lowest latency, a few, and many. A batch that is not full costs as much as one that is. */
const predictionBatches: readonly number[] = [1, 8, 32, EVALUATION_BATCH];

/** A named weight of a model: a parameter, or a state such as a running mean. */
export interface NamedWeight {
  /** The name of its layer, a dot, and its own name, such as conv2d_1.kernel. */
  readonly name: string;
  readonly shape: Shape;
  /** Its values, row-major. */
  readonly data: Float32Array;
}

/** What goes with a model's weights. */
export interface ModelAccompaniments {
  readonly calibration?: ModelCalibration | undefined;
  readonly preparation?: Preparation | undefined;
}

/** A model with its weights, ready to predict. */
export class TrainedModel {
  readonly model: Model;
  readonly weights: Weights;
  /** How pictures are prepared, which depends on what the training images look like. */
  readonly preparation: Preparation;
  /** What validation images tell about its probabilities; undefined if there were none. */
  readonly calibration: ModelCalibration | undefined;
  readonly #backend: Backend;
  #folded: WeightedModel | undefined;
  /** By batch size, and by the layers whose outputs are kept. */
  readonly #predictors = new Map<string, Promise<Predictor>>();

  /**
   * Throws `INVALID_DATA` for weights that are missing, of the wrong size or not finite.
   *
   * By default, pictures are only resized; `learnPreparation` derives a preparation from the training images. Without a
   * calibration, as `calibrateModel` makes it, probabilities are the softmax of the logits as they are.
   */
  constructor(
    model: Model,
    weights: Weights,
    on: Backend = backend(),
    preparation: Preparation = resizeOnly,
    calibration?: ModelCalibration,
  ) {
    checkWeights(model, weights);
    this.model = model;
    this.weights = weights;
    this.preparation = preparation;
    this.calibration = calibration;
    this.#backend = on;
  }

  /** How its logits become probabilities. */
  get scaling(): Scaling {
    return this.calibration ?? UNSCALED;
  }

  /** The same model with another calibration or preparation. */
  with({ calibration = this.calibration, preparation = this.preparation }: ModelAccompaniments): TrainedModel {
    return new TrainedModel(this.model, this.weights, this.#backend, preparation, calibration);
  }

  /** The weights with their shapes, in the model's order: parameters, then states. */
  get namedWeights(): readonly NamedWeight[] {
    return inferenceGraph(this.model).weights.map(({ tensor: { name, shape } }) => {
      return { name, shape, data: this.weights.get(name)! };
    });
  }

  /** The model and weights used to predict: those with batch normalization folded into the layers before it. */
  get folded(): WeightedModel {
    this.#folded ??= foldBatchNormalization(this);
    return this.#folded;
  }

  /**
   * A picture as the model sees it, and what was done to it. A picture of the model's size is used unchanged.
   * Throws `INVALID_SHAPE` if a picture's size and number of bytes disagree, `INVALID_ARGUMENT` for an invalid option and for
   * pixels in an array of another type than `Picture` names.
   */
  prepare(picture: Picture, options?: PrepareOptions): PreparedPicture {
    return preparePicture(picture, this.model.input, this.preparation, options);
  }

  /**
   * The class of one image. A picture is prepared as by `prepare`. Throws as `prepare` does, `INVALID_SHAPE` for bytes that are
   * not H·W·C, and `INVALID_ARGUMENT` for pixels that are not bytes.
   */
  async predict(image: ImageInput | Blob, options?: PrepareOptions): Promise<Prediction> {
    const [prediction] = await this.predictBatch([image], options);
    return prediction!;
  }

  /** The classes of several images, in their order; faster than a call for each. Throws as `predict` does. */
  predictBatch(images: readonly (ImageInput | Blob)[], options?: PrepareOptions): Promise<readonly Prediction[]> {
    return predictImages(this, images, options);
  }

  /**
   * The logits [N,K] of N images, given as bytes [N,H,W,C] of the model's input shape. Throws `INVALID_SHAPE` if their
   * number is not a multiple of H·W·C, `INVALID_ARGUMENT` for pixels in an array of another type.
   */
  async logits(pixels: Uint8Array | Uint8ClampedArray): Promise<Float32Array> {
    const count = this.#countOf("logits", pixels);
    if (count === 0) return new Float32Array();
    const predictor = await this.#predictor(count);
    return predictor.logits(imagesInMemory(bytesOf(pixels), sizeOf(this.model.input)), rowsUpTo(count));
  }

  /**
   * What the named layers compute for one image, by name: shapes are those of {@link summarize}, such as [H,W,C] or [K].
   * "input" is the normalized image; by default, all layers. They are the layers of the model as it was trained: batch
   * normalization is not folded into the layer before it, so the last layer differs from `logits` by rounding. Dropout and
   * augmentation do nothing. A picture is prepared as by `prepare`.
   *
   * Throws `INVALID_ARGUMENT` for a layer that the model does not have, and as `prepare` does.
   */
  async activations(
    image: ImageInput | Blob,
    layers: readonly string[] = ["input", ...this.model.layers.map(({ name }) => name)],
    options?: PrepareOptions,
  ): Promise<ReadonlyMap<string, LayerOutput>> {
    const outputs = await this.layerOutputs(await inputOf(this, image, options), layers);
    return new Map([...outputs].map(([name, { shape, data }]) => [name, { shape: shape.slice(1), data }]));
  }

  /**
   * What the named layers compute for N images, given as bytes [N,H,W,C] of the model's input shape: as `activations`, with
   * N in front of the shapes. Throws `INVALID_ARGUMENT` for a layer that the model does not have, `INVALID_SHAPE` if the
   * number of bytes is not a multiple of H·W·C, `NOT_FINITE` for logits that are infinite or NaN.
   */
  async layerOutputs(
    pixels: Uint8Array | Uint8ClampedArray,
    layers: readonly string[],
  ): Promise<ReadonlyMap<string, LayerOutput>> {
    const count = this.#countOf("layerOutputs", pixels);
    const predictor = await this.#predictor(count, layers);
    const read = imagesInMemory(bytesOf(pixels), sizeOf(this.model.input));
    return (await predictor.outputs(read, rowsUpTo(count))).layers;
  }

  /**
   * Frees the compiled code and memory of predictions, once those in progress are done; later predictions compile it again.
   * Programs that load many models should close those that they are done with.
   */
  async close(): Promise<void> {
    const open = [...this.#predictors.values()];
    this.#predictors.clear();
    for (const predictor of await Promise.allSettled(open))
      if (predictor.status === "fulfilled") await predictor.value.close();
  }

  /** As {@link close}, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The number of images in the bytes. */
  #countOf(what: string, pixels: Uint8Array | Uint8ClampedArray): number {
    checkPixels(`${what}: pixels`, pixels);
    const count = pixels.length / sizeOf(this.model.input);
    if (Number.isInteger(count)) return count;
    throw new InklingError(
      "INVALID_SHAPE",
      `${what}: there are ${pixels.length} bytes, expected a multiple of ${sizeOf(this.model.input)}: ${formatShape(this.model.input)} for each image`,
    );
  }

  /** A predictor for a number of images; with layers whose outputs are kept, of the model as it was trained. */
  #predictor(count: number, layers?: readonly string[]): Promise<Predictor> {
    // Two full batches take less time than one of the next size that is half empty.
    const batchSize = predictionBatches.find((batch) => 2 * batch >= count) ?? EVALUATION_BATCH;
    const threads = batchSize === EVALUATION_BATCH ? availableThreads(this.#backend.name) : 1;
    const key = JSON.stringify([batchSize, layers]);
    const known = this.#predictors.get(key);
    if (known) return known;
    const options = { batchSize, threads, ...(layers && { layers }) };
    const made = Predictor.create(layers ? this : this.folded, this.#backend, options);
    this.#predictors.set(key, made);
    made.catch(() => this.#predictors.delete(key)); // the next call tries again
    return made;
  }
}

const bytesOf = ({ buffer, byteOffset, length }: Uint8Array | Uint8ClampedArray) =>
  new Uint8Array(buffer, byteOffset, length);

const rowsUpTo = (count: number): readonly number[] => Array.from({ length: count }, (_, row) => row);
