import type { Backend } from "../backends/index.ts";
import { InklingError } from "../base/error.ts";
import { parseJsonText } from "../base/json.ts";
import { sameShape } from "../base/shape.ts";
import { type ModelCalibration, parseCalibration } from "../evaluation/modelCalibration.ts";
import { TrainedModel } from "../evaluation/trainedModel.ts";
import { inferenceGraph } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import { parseModel } from "../model/network.ts";
import { type Preparation, parsePreparation, resizeOnly } from "../pictures/preparation.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const FORMAT_VERSION = "1";
const CALIBRATION = "inkling.calibration";

/**
 * A trained model as one safetensors file: its weights and, in the metadata, the network, the class names, the
 * preprocessing, how pictures are prepared, and the calibration of its probabilities, if any. This is all that predictions
 * need.
 */
export function encodeModel({ model, namedWeights, preparation, calibration }: TrainedModel): Uint8Array {
  return encodeSafetensors(namedWeights, {
    "inkling.formatVersion": FORMAT_VERSION,
    "inkling.model": JSON.stringify(model),
    "inkling.preparation": JSON.stringify(preparation),
    ...(calibration && { [CALIBRATION]: JSON.stringify(calibration) }),
  });
}

/**
 * Reads a file written by `encodeModel`. If it does not specify a preparation, pictures are only resized; without a
 * calibration, the temperature is 1. A `known` model, such as from a run's record, is reused instead of parsed again if the file has the same one. Throws
 * `INVALID_DATA` if the file is damaged, `UNKNOWN_FORMAT` if its version is not supported.
 */
export function decodeModel(bytes: Uint8Array, on?: Backend, known?: Model): TrainedModel {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const version = metadata["inkling.formatVersion"];
  if (version === undefined)
    throw new InklingError(
      "UNKNOWN_FORMAT",
      "weights file: its metadata contains no Inkling model; use a file that Inkling wrote",
    );
  if (version !== FORMAT_VERSION)
    throw new InklingError(
      "UNKNOWN_FORMAT",
      `weights file: its format version is ${version}, but this version of Inkling reads ${FORMAT_VERSION}; update Inkling`,
    );
  const text = metadata["inkling.model"] ?? "";
  const model = known && text === JSON.stringify(known) ? known : parseModel(parseJson("model", text));
  const preparation = preparationOf(metadata["inkling.preparation"]);
  const weights = new Map(
    inferenceGraph(model).weights.map(({ tensor }) => {
      const found = tensors.get(tensor.name);
      if (!(found?.data instanceof Float32Array) || !sameShape(found.shape, tensor.shape))
        throw new InklingError(
          "INVALID_DATA",
          `weights file: ${tensor.name} is missing or does not have the shape that the model requires`,
        );
      return [tensor.name, found.data];
    }),
  );
  return new TrainedModel(model, weights, on, preparation, calibrationOf(metadata[CALIBRATION]));
}

/** Older files, and those of trainings without validation images, have none. */
const calibrationOf = (json: string | undefined): ModelCalibration | undefined =>
  json === undefined
    ? undefined
    : parseCalibration(parseJson("calibration", json), "weights file: calibration", "INVALID_DATA");

/** Older files have no preparation. */
const preparationOf = (json: string | undefined): Preparation =>
  json === undefined
    ? resizeOnly
    : parsePreparation(parseJson("preparation", json), "weights file: preparation", "INVALID_DATA");

function parseJson(what: string, text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw new InklingError(
      "INVALID_DATA",
      `weights file: the ${what} in its metadata is not valid JSON; it is damaged`,
      {
        cause,
      },
    );
  }
}
