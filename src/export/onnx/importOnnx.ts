import * as v from "valibot";
import type { Backend } from "../../backends/backend.ts";
import { checkBytes } from "../../base/bytes.ts";
import { finite, parseConfig, wholeNumber } from "../../base/config.ts";
import { InklingError } from "../../base/error.ts";
import { parseJsonText } from "../../base/json.ts";
import { quoted } from "../../base/printable.ts";
import { sizeOf } from "../../base/shape.ts";
import type { ModelCalibration } from "../../evaluation/modelCalibration.ts";
import { parseCalibration } from "../../evaluation/parseCalibration.ts";
import { UNSCALED } from "../../evaluation/softmax.ts";
import { TrainedModel } from "../../evaluation/trainedModel.ts";
import { inferenceGraph } from "../../model/build.ts";
import type { Preprocessing } from "../../model/model.ts";
import { network } from "../../model/network.ts";
import { parsePreparation, resizeOnly } from "../../pictures/preparation.ts";
import { type GoldenVector, METADATA_VERSION } from "../exportable.ts";
import { type OnnxImportOptions, readForeign } from "./foreign.ts";
import { elementTypes, type OnnxGraph, type OnnxNode, OPSET, onnxModel } from "./messages.ts";
import { readNodes } from "./operators.ts";
import { checkProbabilities, logitsEnd } from "./probabilities.ts";
import { damaged, decodeMessage } from "./protobuf.ts";
import { OnnxReader } from "./reader.ts";

/** A model from an ONNX file, and what goes with it. */
export interface ImportedModel {
  readonly trained: TrainedModel;
  /** Of the weights as trained, before they were folded. */
  readonly weightsSha256?: string | undefined;
  readonly run?: string | undefined;
  readonly license?: string | undefined;
  /** Images with the logits of the model that was exported. */
  readonly golden: readonly GoldenVector[];
}

/**
 * A model from an ONNX file. Its layers are read from the graph, so what it computes is what the file says. A file that
 * `exportOnnx` did not write (operator sets 9 to 22) has one input, images [batch, channels, height, width], and one output:
 * logits, or their softmax, which is left out; `options` say what else a model needs. Throws `INVALID_DATA` where the
 * file is damaged, `UNSUPPORTED` naming the node of an operator, or a use of one, that layers cannot express.
 */
export function importOnnx(bytes: Uint8Array, on?: Backend, options?: OnnxImportOptions): ImportedModel {
  checkBytes(bytes, "ONNX file");
  const { graph, operatorSets, metadata: entries } = decodeMessage(onnxModel, bytes);
  if (!graph) throw damaged("it has no graph");
  const metadata = new Map(entries.map(({ key = "", value = "" }) => [key, value]));
  const opset = operatorSets.find(({ domain }) => !domain || domain === "ai.onnx")?.version;
  const formatVersion = metadata.get("inkling.formatVersion");
  if (formatVersion === undefined && options) {
    checkOperatorSet(opset, 9, 22);
    return { trained: readForeign(graph, opset!, options, on), golden: [] };
  }
  checkVersion(formatVersion);
  checkOperatorSet(opset, OPSET);
  const input = imageShape(graph);
  const reader = new OnnxReader(graph);
  const preprocessing = readPreprocessing(reader, graph.node.slice(0, 4), input);
  readNodes(reader, graph.node.slice(4, logitsEnd(graph)));
  checkLogits(reader, graph);
  const calibration = readCalibration(metadata.get("inkling.calibration"));
  const classes = classNames(metadata.get("inkling.classes"));
  checkProbabilities(reader, graph, calibration ?? UNSCALED, classes.length);
  const model = network({ input, classes, preprocessing }, [reader.layers]);
  const preparation = metadata.get("inkling.preparation");
  const trained = new TrainedModel(
    model,
    new Map(inferenceGraph(model).weights.map(({ tensor: { name } }) => [name, reader.weights.get(name)!])),
    on,
    preparation === undefined
      ? resizeOnly
      : parsePreparation(parseJson("inkling.preparation", preparation), "ONNX file: preparation"),
    calibration,
  );
  return {
    trained,
    weightsSha256: metadata.get("inkling.weightsSha256"),
    run: metadata.get("inkling.run"),
    license: metadata.get("inkling.license"),
    golden: readGolden(metadata.get("inkling.golden"), trained),
  };
}

const readCalibration = (json: string | undefined): ModelCalibration | undefined =>
  json === undefined ? undefined : parseCalibration(parseJson("inkling.calibration", json), "ONNX file: calibration");

function checkVersion(version: string | undefined): void {
  if (version === `${METADATA_VERSION}`) return;
  const problem =
    version === undefined
      ? "it has no metadata of Inkling's; if it is from another tool, tell what it does not say to importOnnx, or inkling import --classes"
      : `the version of its metadata is ${quoted(version)}, this Inkling reads ${METADATA_VERSION}; update Inkling`;
  throw new InklingError("UNKNOWN_FORMAT", `ONNX file: ${problem}`);
}

function checkOperatorSet(version: number | undefined, least: number, most = least): void {
  if (version !== undefined && version >= least && version <= most) return;
  const expected = least === most ? `${least}` : `${least} to ${most}`;
  throw new InklingError(
    "UNSUPPORTED",
    `ONNX file: it is for opset ${version ?? "of no number"}, expected ${expected}; convert it with onnx.version_converter`,
  );
}

/** [H,W,C] of the graph's only input. */
function imageShape({ input }: OnnxGraph): readonly [number, number, number] {
  const [image, ...others] = input;
  const type = image?.type?.tensorType;
  const [, ...dims] = type?.shape?.dim.map(({ value }) => value ?? 0) ?? [];
  if (others.length > 0 || image?.name !== "image" || type?.elementType !== elementTypes.uint8 || dims.length !== 3)
    throw new InklingError(
      "UNSUPPORTED",
      "ONNX file: its inputs are not one named image, of uint8 [batch, height, width, channels]; Inkling reads models that it exported",
    );
  const [height, width, channels] = dims;
  return [height!, width!, channels!];
}

/** What each of the first four nodes reads and is; they normalize the image and bring its axes into ONNX's order. */
function readPreprocessing(
  reader: OnnxReader,
  nodes: readonly OnnxNode[],
  shape: readonly [number, number, number],
): Preprocessing {
  let value = "image";
  const [cast, subtract, divide, transpose] = ["Cast", "Sub", "Div", "Transpose"].map((opType, k) => {
    const node = nodes[k];
    if (node?.opType !== opType || node.domain || node.input[0] !== value || node.output.length !== 1)
      throw new InklingError(
        "UNSUPPORTED",
        "ONNX file: its first nodes are not Cast, Sub, Div and Transpose of the image; Inkling reads models that it exported",
      );
    value = node.output[0]!;
    const read = reader.open(node);
    read.expectInputs(opType === "Sub" || opType === "Div" ? 2 : 1);
    read.expectAttributes("to", "perm");
    return read;
  });
  const perm = transpose!.integers("perm", 4);
  if (perm.join() !== "0,3,1,2") throw transpose!.unsupported("perm is not 0, 3, 1, 2");
  if (cast!.integer("to", 0) !== elementTypes.float) throw cast!.unsupported("to is not 1, float");
  reader.define(transpose!, { layer: "input", shape });
  return { mean: subtract!.perChannel(1), scale: divide!.perChannel(1) };
}

/** Throws `UNSUPPORTED` unless the first of two outputs is the value of the last layer. */
function checkLogits(reader: OnnxReader, { output }: OnnxGraph): void {
  const value = reader.value(output[0]?.name ?? "");
  const isLast = value !== undefined && value.layer === reader.layers.at(-1)?.name;
  if (output.length !== 2 || !isLast || value.channelsFirst)
    throw new InklingError(
      "UNSUPPORTED",
      "ONNX file: its outputs are not the logits of its last layer and their softmax; Inkling reads models that it exported",
    );
}

function classNames(json: string | undefined): readonly string[] {
  if (json === undefined) throw damaged("its metadata has no inkling.classes, the names of the classes");
  return parseConfig(
    v.array(v.string("a name"), "a list of names"),
    parseJson("inkling.classes", json),
    "ONNX file: inkling.classes",
    "INVALID_DATA",
  );
}

const goldenSchema = v.array(
  v.strictObject({
    label: wholeNumber,
    pixels: v.pipe(v.string("base64"), v.base64("base64")),
    logits: v.array(finite, "a list of numbers"),
  }),
  "a list of golden vectors",
);

function readGolden(json: string | undefined, { model }: TrainedModel): readonly GoldenVector[] {
  if (json === undefined) return [];
  const name = "ONNX file: inkling.golden";
  return parseConfig(goldenSchema, parseJson("inkling.golden", json), name, "INVALID_DATA").map((written) => {
    const pixels = Uint8Array.from(atob(written.pixels), (character) => character.charCodeAt(0));
    const logits = Float32Array.from(written.logits);
    if (pixels.length !== sizeOf(model.input) || logits.length !== model.classes.length)
      throw damaged("a golden vector in its metadata does not fit the model");
    return { label: written.label, pixels, logits };
  });
}

function parseJson(key: string, text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw new InklingError("INVALID_DATA", `ONNX file: ${key} in its metadata is not valid JSON; it is damaged`, {
      cause,
    });
  }
}
