import { InklingError } from "../base/error.ts";
import { sizeOf } from "../base/shape.ts";
import { inferenceGraph } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import { bias } from "../ops/bias.ts";
import { dense } from "../ops/dense.ts";
import { globalAveragePool2d } from "../ops/globalAveragePool2d.ts";
import type { Application } from "../ops/graph.ts";
import { occlusionMap } from "./occlusion.ts";
import type { TrainedModel } from "./trainedModel.ts";

/** Where in an image a model sees a class. */
export interface ClassActivationMap {
  /**
   * How it was computed. "cam" is exact: the mean of the values, plus the bias of the class, is its logit. "occlusion": see
   * {@link occlusionMap}.
   */
  readonly method: "cam" | "occlusion";
  /** The rows and columns of the map: for "cam", of the last layer before the average; for "occlusion", of the image. */
  readonly height: number;
  readonly width: number;
  /** [height,width], row-major. Positive values speak for the class, negative ones against it. */
  readonly values: Float32Array;
}

/**
 * For each of N images, where the model sees one class: images as bytes [N,H,W,C] of the model's input shape, and the number
 * of a class for each.
 *
 * Where the network ends in a global average pooling of A [H,W,F] and a dense layer with kernel w [F,K], the map of class k is
 *
 *   M[h,w] = Σ_f A[h,w,f] · w[f,k],   so that   logit[k] = mean M + bias[k].
 *
 * Other networks get a map by occlusion, at the cost of some hundred predictions for each image. Source: Zhou et al., "Learning
 * deep features for discriminative localization", CVPR 2016.
 *
 * Throws `INVALID_ARGUMENT` for a class that the model does not have, or another number of classes than images, and
 * `INVALID_SHAPE` for an incomplete image.
 */
export async function classActivationMaps(
  trained: TrainedModel,
  pixels: Uint8Array,
  classes: ArrayLike<number>,
): Promise<readonly ClassActivationMap[]> {
  const { model } = trained;
  const size = sizeOf(model.input);
  checkClasses(model, Array.from(classes), pixels.length / size);
  const head = averagingHead(model);
  if (head) return exactMaps(trained, pixels, classes, head);
  const [height, width] = model.input;
  const maps: ClassActivationMap[] = [];
  for (const [i, k] of Array.from(classes).entries()) {
    const values = await occlusionMap(trained, pixels.subarray(i * size, (i + 1) * size), k);
    maps.push({ method: "occlusion", height, width, values });
  }
  return maps;
}

function checkClasses({ classes: names }: Model, classes: readonly number[], images: number): void {
  if (classes.length !== images)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `class activation maps: there are ${classes.length} classes for ${images} images, expected one for each`,
    );
  const wrong = classes.find((k) => !(Number.isInteger(k) && k >= 0 && k < names.length));
  if (wrong !== undefined)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `class activation maps: there is no class ${wrong}, expected 0 to ${names.length - 1}`,
    );
}

/** The end of a network: a layer, the average of its channels over the image, and a dense layer. */
interface AveragingHead {
  /** The name of the layer that is averaged. */
  readonly layer: string;
  /** The name of the kernel [F,K] of the dense layer. */
  readonly kernel: string;
}

/** The end of a network, if class activation maps are exact for it. */
function averagingHead(model: Model): AveragingHead | undefined {
  const { graph, logits, outputs } = inferenceGraph(model);
  const made = (name: string, by: unknown): Application | undefined => {
    const found = graph.applications.find(({ output }) => output.name === name);
    return found && (found.op as unknown) === by ? found : undefined;
  };
  const sum = made(logits.name, bias);
  const product = made(sum ? sum.inputs["x"]!.name : logits.name, dense);
  const average = product && made(product.inputs["x"]!.name, globalAveragePool2d);
  if (!average) return undefined;
  const averaged = average.inputs["x"]!.name;
  const layer = [...outputs].find(([, { name }]) => name === averaged)?.[0];
  return layer === undefined ? undefined : { layer, kernel: product.inputs["w"]!.name };
}

async function exactMaps(
  trained: TrainedModel,
  pixels: Uint8Array,
  classes: ArrayLike<number>,
  { layer, kernel }: AveragingHead,
): Promise<readonly ClassActivationMap[]> {
  const { shape, data } = (await trained.layerOutputs(pixels, [layer])).get(layer)!;
  const [, height, width, features] = shape as [number, number, number, number];
  const w = trained.weights.get(kernel)!;
  const count = trained.model.classes.length;
  return Array.from(classes, (k, i) => {
    const values = new Float32Array(height * width);
    for (let p = 0; p < values.length; p++) {
      const first = (i * values.length + p) * features;
      let sum = 0;
      for (let f = 0; f < features; f++) sum += data[first + f]! * w[f * count + k]!;
      values[p] = sum;
    }
    return { method: "cam", height, width, values };
  });
}
