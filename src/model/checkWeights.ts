import { InklingError, kindOf } from "../base/error.ts";
import { allFinite } from "../base/finite.ts";
import { formatShape, sizeOf } from "../base/shape.ts";
import { inferenceGraph } from "./build.ts";
import type { Model } from "./model.ts";

/**
 * Throws `INVALID_DATA` unless there is a Float32Array for each weight of a model, of the size of its shape, without
 * infinite values or NaN. A ReLU turns NaN into 0, so a network of such weights would give confident, wrong answers.
 */
export function checkWeights(model: Model, weights: ReadonlyMap<string, Float32Array>): void {
  const invalid = (name: string, problem: string) => new InklingError("INVALID_DATA", `weights: ${name} ${problem}`);
  if (typeof weights?.get !== "function")
    throw new InklingError(
      "INVALID_DATA",
      `weights: they are ${kindOf(weights)}, expected a Map of Float32Arrays by name, such as that of a trained model`,
    );
  for (const { tensor } of inferenceGraph(model).weights) {
    const { name, shape } = tensor;
    const values: unknown = weights.get(name);
    if (!(values instanceof Float32Array))
      throw invalid(name, values === undefined ? "is missing" : "is not a Float32Array");
    if (values.length !== sizeOf(shape))
      throw invalid(name, `has ${values.length} values, expected ${sizeOf(shape)} for the shape ${formatShape(shape)}`);
    if (allFinite(values)) continue;
    const k = values.findIndex((value) => !Number.isFinite(value));
    throw invalid(name, `is ${values[k]} at index ${k}; the training that made it diverged, or the file is damaged`);
  }
}
