import type { Backend } from "../backends/backend.ts";
import { backend } from "../backends/index.ts";
import { Engine } from "../engine/engine.ts";
import { type EvaluationProgram, evaluationProgram } from "../engine/programs.ts";
import { evaluateRows, loadData, loadWeights, type Weights } from "../engine/session.ts";
import type { Model } from "../model/index.ts";
import { InklingError } from "../tensor/error.ts";
import { exp } from "../tensor/math.ts";
import { formatShape } from "../tensor/shape.ts";

/** One answer of a model. */
export interface Prediction {
  /** The most probable class. */
  readonly label: string;
  /** Its probability by the model's softmax, 0 to 1. */
  readonly probability: number;
  /** All classes, the most probable first. */
  readonly ranking: readonly { readonly label: string; readonly probability: number }[];
}

/** An image as the model expects it: H·W·C bytes, row-major, or an object that holds them. */
export type ImageInput =
  | Uint8Array
  | Uint8ClampedArray
  | {
      readonly width: number;
      readonly height: number;
      readonly channels?: number;
      readonly data: Uint8Array | Uint8ClampedArray;
    };

/** A model with its weights: it predicts. */
export class TrainedModel {
  readonly model: Model;
  readonly weights: Weights;
  readonly #backend: Backend;
  #engine: Promise<Engine> | undefined;
  readonly #program: EvaluationProgram;

  constructor(model: Model, weights: Weights, on: Backend = backend()) {
    this.model = model;
    this.weights = weights;
    this.#backend = on;
    this.#program = evaluationProgram(model, { batchSize: 1, dataSize: 1 });
  }

  /**
   * The class of one image of the model's size. Throws `INVALID_SHAPE` where the image has another size.
   */
  async predict(image: ImageInput): Promise<Prediction> {
    const pixels = pixelsOf(image, this.model);
    const engine = await (this.#engine ??= this.#start());
    loadData(engine, this.#program, { images: pixels, labels: [0] });
    const { logits } = evaluateRows(engine, this.#program, [0]);
    const { classes } = this.model;
    const probabilities = softmax(logits);
    const ranking = classes
      .map((label, k) => ({ label, probability: probabilities[k]! }))
      .sort((a, b) => b.probability - a.probability);
    return { ...ranking[0]!, ranking };
  }

  async #start(): Promise<Engine> {
    const engine = await Engine.create([this.#program.spec], this.#backend);
    loadWeights(engine, this.#program, this.weights);
    return engine;
  }
}

/** Probabilities from logits: exp(x − max) over their sum. */
function softmax(logits: Float32Array): number[] {
  const greatest = Math.max(...logits);
  const powers = Array.from(logits, (x) => exp(x - greatest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}

function pixelsOf(image: ImageInput, { input }: Model): Uint8Array {
  const [height, width, channels] = input;
  const expected = height * width * channels;
  const { data, size } =
    "data" in image
      ? {
          data: image.data,
          size: [image.height, image.width, image.channels ?? image.data.length / (image.height * image.width)],
        }
      : { data: image, size: [image.length] };
  const fits =
    data.length === expected &&
    (size.length === 1 || (size[0] === height && size[1] === width && size[2] === channels));
  if (!fits)
    throw new InklingError(
      "INVALID_SHAPE",
      `predict: the image is ${formatShape(size)}, expected ${formatShape(input)}: height, width, channels`,
    );
  return data instanceof Uint8Array ? data : new Uint8Array(data);
}
