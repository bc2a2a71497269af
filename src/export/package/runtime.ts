import { type Decided, type DecisionOptions, decide, decisionsOf } from "../../evaluation/decisions.ts";
import { type ImageInput, type Prediction, pixelsOf, predictionOf } from "../../evaluation/prediction.ts";
import { UNSCALED } from "../../evaluation/softmax.ts";
import type { Picture } from "../../image/picture.ts";
import { prepareWith } from "../../pictures/prepare.ts";
import { WasmClassifier } from "../wasm/wasmClassifier.ts";

/** What an exported package offers. */
export interface Classifier {
  /** The class names, in the order of the logits. */
  readonly labels: readonly string[];
  /**
   * The class of an image, prepared as Inkling prepares it for this model, and what thresholds make of it. Throws an error for
   * an image that is inconsistent, and for a threshold that the model cannot give.
   */
  classify(image: ImageInput, options?: DecisionOptions): Prediction & Decided;
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
    classify: (image, options = {}) => {
      const prediction = predictionOf(logits(image), classes, calibration ?? UNSCALED);
      return { ...prediction, ...decide(prediction, decisionsOf({ calibration }, options), false) };
    },
    logits,
  };
}
