import { type ImageInput, type Prediction, pixelsOf, predictionOf } from "../../evaluation/prediction.ts";
import type { Picture } from "../../image/picture.ts";
import { prepareWith } from "../../pictures/prepare.ts";
import { WasmClassifier } from "../wasm/wasmClassifier.ts";

/** What an exported package offers. */
export interface Classifier {
  /** The class names, in the order of the logits. */
  readonly labels: readonly string[];
  /** The class of an image, prepared as Inkling prepares it for this model. Throws an error for one that is inconsistent. */
  classify(image: ImageInput): Prediction;
  /** The logits [K] of an image. Throws as `classify` does. */
  logits(image: ImageInput): Float32Array;
}

/**
 * Runs the module of an exported package. `npm run build` bundles this file, which must not import anything that a
 * package does not need.
 */
export function createClassifier(module: WebAssembly.Module): Classifier {
  const model = new WasmClassifier(module);
  const { input, classes, preparation, calibration } = model.metadata;
  // Without options, so that the bundle needs nothing that checks them.
  const prepare = (picture: Picture) => prepareWith(picture, input, preparation);
  const logits = (image: ImageInput) => model.logits(pixelsOf(image, input, prepare));
  return {
    labels: classes,
    classify: (image) => predictionOf(logits(image), classes, calibration?.temperature ?? 1),
    logits,
  };
}
