import { InklingError, kindOf } from "../base/error.ts";
import { formatShape } from "../base/shape.ts";
import type { Weights } from "../engine/feed.ts";
import type { Picture } from "../image/picture.ts";
import type { Model } from "../model/model.ts";
import type { Preparation, PrepareOptions } from "../pictures/preparation.ts";
import type { PreparedPicture } from "../pictures/prepare.ts";
import { averageLogits } from "./answers.ts";
import type { ModelCalibration } from "./modelCalibration.ts";
import { type ImageInput, type Prediction, predictImages } from "./prediction.ts";
import { type Scaling, UNSCALED } from "./softmax.ts";
import type { ModelAccompaniments, TrainedModel } from "./trainedModel.ts";

/** What answers for images: a model, or several together. */
export type Classifier = TrainedModel | Ensemble;

/** Throws `INVALID_ARGUMENT` unless what a caller hands over is a trained model, or an ensemble of them. */
export function checkClassifier(given: Classifier): void {
  // By what it has, since a program may load this class twice.
  if (typeof given === "object" && given !== null && "model" in given && "predictBatch" in given) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    `trained model: it is ${kindOf(given)}, expected a TrainedModel, as the model() of a training or decodeModel returns`,
  );
}

/**
 * Several models that answer together, by the mean of their calibrated probabilities. It predicts as one model does; what
 * needs the layers of one model, such as an export, needs one of its `members`. Source: Lakshminarayanan, Pritzel & Blundell,
 * "Simple and scalable predictive uncertainty estimation using deep ensembles", NeurIPS 2017.
 */
export class Ensemble {
  readonly members: readonly TrainedModel[];
  /** What validation images tell about the mean of the probabilities, if there were any. */
  readonly calibration: ModelCalibration | undefined;

  /**
   * Throws `INVALID_ARGUMENT` unless there are at least two models with the same input shape, the same classes in the same
   * order, and the same preparation of pictures.
   */
  constructor(members: readonly TrainedModel[], calibration?: ModelCalibration) {
    if (!Array.isArray(members))
      throw new InklingError(
        "INVALID_ARGUMENT",
        `ensemble: its models are ${kindOf(members)}, expected a list of them`,
      );
    for (const member of members) checkClassifier(member);
    const [first, ...others] = members;
    if (!first || others.length === 0)
      throw new InklingError("INVALID_ARGUMENT", `ensemble: ${members.length} models given, expected at least two`);
    for (const [k, other] of others.entries()) checkAlike(first, other, k + 2);
    this.members = members;
    this.calibration = calibration;
  }

  /** Models and the members of ensembles together. Throws as the constructor does. */
  static of(classifiers: readonly Classifier[]): Ensemble {
    return new Ensemble(classifiers.flatMap((one) => (one instanceof Ensemble ? one.members : [one])));
  }

  /** The input shape and the classes, which all members share. */
  get model(): Pick<Model, "input" | "classes"> {
    return this.#first.model;
  }

  /** How pictures are prepared, for all members. */
  get preparation(): Preparation {
    return this.#first.preparation;
  }

  /** All weights, each name behind the number of its model, from 0: 0/conv2d_1.kernel. */
  get weights(): Weights {
    return new Map(
      this.members.flatMap(({ weights }, k) => [...weights].map(([name, data]) => [`${k}/${name}`, data] as const)),
    );
  }

  /** How the logits of each member become probabilities. */
  get scalings(): readonly Scaling[] {
    return this.members.map(({ scaling }) => scaling);
  }

  /** How the logits of the ensemble, those of the mean, become probabilities. */
  get scaling(): Scaling {
    return this.calibration ?? UNSCALED;
  }

  /** The same models with another calibration or preparation. */
  with({ calibration = this.calibration, preparation = this.preparation }: ModelAccompaniments): Ensemble {
    return new Ensemble(
      this.members.map((member) => member.with({ preparation })),
      calibration,
    );
  }

  /** A picture as the models see it: see `TrainedModel.prepare`. */
  prepare(picture: Picture, options?: PrepareOptions): PreparedPicture {
    return this.#first.prepare(picture, options);
  }

  /** The class of one image: see `TrainedModel.predict`. */
  async predict(image: ImageInput | Blob, options?: PrepareOptions): Promise<Prediction> {
    const [prediction] = await this.predictBatch([image], options);
    return prediction!;
  }

  /** The classes of several images, in their order: see `TrainedModel.predictBatch`. */
  predictBatch(images: readonly (ImageInput | Blob)[], options?: PrepareOptions): Promise<readonly Prediction[]> {
    return predictImages(this, images, options);
  }

  /**
   * Logits [N,K] of N images, given as bytes [N,H,W,C], whose softmax as they are is the mean of the models' probabilities.
   * Throws as `TrainedModel.logits` does.
   */
  async logits(pixels: Uint8Array | Uint8ClampedArray): Promise<Float32Array> {
    const all: Float32Array[] = [];
    for (const member of this.members) all.push(await member.logits(pixels));
    return averageLogits(all, this.scalings, this.model.classes.length);
  }

  /** Frees what predictions have compiled: see `TrainedModel.close`. */
  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
  }

  /** As {@link close}, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #first(): TrainedModel {
    return this.members[0]!;
  }
}

/** Throws `INVALID_ARGUMENT` if the number-th model of an ensemble cannot answer together with the first. */
function checkAlike(first: TrainedModel, other: TrainedModel, number: number): void {
  const differing = (what: string, of: (trained: TrainedModel) => string, advice: string) => {
    if (of(first) === of(other)) return;
    throw new InklingError(
      "INVALID_ARGUMENT",
      `ensemble: ${what} of model ${number} is ${of(other)}, but that of model 1 is ${of(first)}; ${advice}`,
    );
  };
  differing("the input", ({ model }) => formatShape(model.input), "train them with the same --resize");
  differing("the list of classes", ({ model }) => model.classes.join(", "), "train them on the same classes");
  differing(
    "the preparation of pictures",
    ({ preparation }) => JSON.stringify(preparation),
    "train them on the same data set",
  );
}
