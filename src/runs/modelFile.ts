import type { Backend } from "../backends/index.ts";
import { InklingError } from "../base/error.ts";
import { parseJsonText } from "../base/json.ts";
import { sameShape } from "../base/shape.ts";
import { type Classifier, checkClassifier, Ensemble } from "../evaluation/ensemble.ts";
import type { ModelCalibration } from "../evaluation/modelCalibration.ts";
import { parseCalibration } from "../evaluation/parseCalibration.ts";
import { TrainedModel } from "../evaluation/trainedModel.ts";
import { inferenceGraph } from "../model/build.ts";
import type { Model } from "../model/model.ts";
import { parseModel } from "../model/network.ts";
import { type Preparation, parsePreparation, resizeOnly } from "../pictures/preparation.ts";
import { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors.ts";

const FORMAT_VERSION = "1";
/** Files of several models, which earlier versions of Inkling cannot read. */
const ENSEMBLE_VERSION = "2";
const CALIBRATION = "inkling.calibration";
const MEMBERS = "inkling.members";

/**
 * A trained model as one safetensors file: its weights and, in the metadata, the network, the class names, the
 * preprocessing, how pictures are prepared, and the calibration of its probabilities, if any. This is all that predictions
 * need. An ensemble is one file as well: the names of weights begin with the number of their model, from 0, as in
 * 0/conv2d_1.kernel, and the metadata have a list of all models.
 */
export function encodeModel(classifier: Classifier): Uint8Array {
  checkClassifier(classifier);
  if (!(classifier instanceof Ensemble))
    return encodeSafetensors(classifier.namedWeights, {
      "inkling.formatVersion": FORMAT_VERSION,
      ...describe(classifier),
    });
  const weights = classifier.members.flatMap(({ namedWeights }, k) =>
    namedWeights.map(({ name, ...others }) => ({ name: `${k}/${name}`, ...others })),
  );
  return encodeSafetensors(weights, {
    "inkling.formatVersion": ENSEMBLE_VERSION,
    [MEMBERS]: JSON.stringify(classifier.members.map(describe)),
    ...(classifier.calibration && { [CALIBRATION]: JSON.stringify(classifier.calibration) }),
  });
}

/** What the metadata say of a model. */
const describe = ({ model, preparation, calibration }: TrainedModel): Readonly<Record<string, string>> => ({
  "inkling.model": JSON.stringify(model),
  "inkling.preparation": JSON.stringify(preparation),
  ...(calibration && { [CALIBRATION]: JSON.stringify(calibration) }),
});

/**
 * Reads a file of one model, written by `encodeModel`. If it does not specify a preparation, pictures are only resized;
 * without a calibration, probabilities are the softmax of the logits. A `known` model, such as from a run's record, is reused
 * instead of parsed again if the file has the same one. Throws `INVALID_DATA` if the file is damaged, `UNKNOWN_FORMAT` if its
 * version is not supported, and `INVALID_ARGUMENT` for an ensemble.
 */
export function decodeModel(bytes: Uint8Array, on?: Backend, known?: Model): TrainedModel {
  const file = decodeSafetensors(bytes);
  if (!isEnsemble(file)) return modelIn(file.metadata, "", file, on, known);
  throw new InklingError(
    "INVALID_ARGUMENT",
    `weights file: it has an ensemble of ${membersIn(file).length} models, but this takes a single model; use one of the runs that the ensemble was made of`,
  );
}

/** Reads a file of one model or of an ensemble, written by `encodeModel`. Throws as `decodeModel` does for one model. */
export function decodeClassifier(bytes: Uint8Array, on?: Backend): Classifier {
  const file = decodeSafetensors(bytes);
  if (!isEnsemble(file)) return modelIn(file.metadata, "", file, on);
  const members = membersIn(file).map((metadata, k) => modelIn(metadata, `${k}/`, file, on));
  const calibration = calibrationOf(file.metadata[CALIBRATION]);
  try {
    return new Ensemble(members, calibration);
  } catch (cause) {
    throw new InklingError("INVALID_DATA", `weights file: ${(cause as Error).message}`, { cause });
  }
}

/** Whether a file has several models. Throws `UNKNOWN_FORMAT` if it has neither one nor several. */
function isEnsemble({ metadata }: Safetensors): boolean {
  const version = metadata["inkling.formatVersion"];
  if (version === undefined)
    throw new InklingError(
      "UNKNOWN_FORMAT",
      "weights file: its metadata contains no Inkling model; use a file that Inkling wrote",
    );
  if (version !== FORMAT_VERSION && version !== ENSEMBLE_VERSION)
    throw new InklingError(
      "UNKNOWN_FORMAT",
      `weights file: its format version is ${version}, but this version of Inkling reads ${FORMAT_VERSION} and ${ENSEMBLE_VERSION}; update Inkling`,
    );
  return version === ENSEMBLE_VERSION;
}

const isText = (value: unknown): value is string => typeof value === "string";
const isDescription = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" && value !== null && Object.values(value).every(isText);

/** What the metadata of an ensemble say of its models. */
function membersIn({ metadata }: Safetensors): readonly Readonly<Record<string, string>>[] {
  const members = parseJson("list of models", metadata[MEMBERS] ?? "");
  if (Array.isArray(members) && members.every(isDescription)) return members;
  throw new InklingError("INVALID_DATA", "weights file: its list of models is not one; it is damaged");
}

/** A model whose weights have names with a prefix. */
function modelIn(
  metadata: Readonly<Record<string, string>>,
  prefix: string,
  { tensors }: Safetensors,
  on?: Backend,
  known?: Model,
): TrainedModel {
  const text = metadata["inkling.model"] ?? "";
  const model = known && text === JSON.stringify(known) ? known : parseModel(parseJson("model", text));
  const preparation = preparationOf(metadata["inkling.preparation"]);
  const weights = new Map(
    inferenceGraph(model).weights.map(({ tensor }) => {
      const found = tensors.get(`${prefix}${tensor.name}`);
      if (!(found?.data instanceof Float32Array) || !sameShape(found.shape, tensor.shape))
        throw new InklingError(
          "INVALID_DATA",
          `weights file: ${prefix}${tensor.name} is missing or does not have the shape that the model requires`,
        );
      return [tensor.name, found.data];
    }),
  );
  return new TrainedModel(model, weights, on, preparation, calibrationOf(metadata[CALIBRATION]));
}

/** Older files, and those of trainings without validation images, have none. */
const calibrationOf = (json: string | undefined): ModelCalibration | undefined =>
  json === undefined ? undefined : parseCalibration(parseJson("calibration", json), "weights file: calibration");

/** Older files have no preparation. */
const preparationOf = (json: string | undefined): Preparation =>
  json === undefined ? resizeOnly : parsePreparation(parseJson("preparation", json), "weights file: preparation");

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
