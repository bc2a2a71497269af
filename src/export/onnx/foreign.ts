import type { Backend } from "../../backends/backend.ts";
import { InklingError } from "../../base/error.ts";
import { quantity } from "../../base/format.ts";
import { TrainedModel } from "../../evaluation/trainedModel.ts";
import { flatten } from "../../layers/index.ts";
import { inferenceGraph } from "../../model/build.ts";
import type { Preprocessing } from "../../model/model.ts";
import { network } from "../../model/network.ts";
import { type Preparation, resizeOnly } from "../../pictures/preparation.ts";
import { elementTypes, type OnnxGraph } from "./messages.ts";
import { readNodes } from "./operators.ts";
import { OnnxReader } from "./reader.ts";

/** What reading an ONNX file of another tool takes beside the file, which does not say it. */
export interface OnnxImportOptions {
  /** The names of the classes, in the order of the logits. */
  readonly classes: readonly string[];
  /** How a byte of a channel becomes what the model reads: (byte − mean) / scale, such as 0 and 255. */
  readonly preprocessing: Preprocessing;
  /** How a picture becomes an image of the model's size. Default: it is resized. */
  readonly preparation?: Preparation;
}

/** A model from the graph of another tool's file: images in, logits or their softmax out. Throws `UNSUPPORTED` for another one. */
export function readForeign(
  graph: OnnxGraph,
  opset: number,
  { classes, preprocessing, preparation = resizeOnly }: OnnxImportOptions,
  on?: Backend,
): TrainedModel {
  const { name, input } = imagesOf(graph);
  const reader = new OnnxReader(graph, opset);
  reader.declare(name, { layer: "input", shape: input });
  const [output, ...more] = graph.output.map((one) => one.name ?? "");
  const last = graph.node.at(-1);
  const isSoftmax = last?.opType === "Softmax" && !last.domain && last.output[0] === output;
  readNodes(reader, isSoftmax ? graph.node.slice(0, -1) : graph.node);
  const logits = reader.value(isSoftmax ? last.input[0]! : (output ?? ""));
  const [K = 0, ...others] = logits?.shape.toReversed() ?? [];
  const isVector = others.every((extent) => extent === 1);
  if (more.length > 0 || !isVector || logits?.channelsFirst || logits?.layer !== reader.layers.at(-1)?.name)
    throw new InklingError(
      "UNSUPPORTED",
      "ONNX file: its output is not the logits of its last layer, or their softmax",
    );
  if (K !== classes.length)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `ONNX file: it has ${quantity(K, "logit")}, but classes has ${quantity(classes.length, "name")}; give a name for each logit`,
    );
  const model = network({ input, classes, preprocessing }, [reader.layers, ...(others.length > 0 ? [flatten()] : [])]);
  const weights = inferenceGraph(model).weights.map(
    ({ tensor }) => [tensor.name, reader.weights.get(tensor.name)!] as const,
  );
  return new TrainedModel(model, new Map(weights), on, preparation);
}

/** The name of the only input that is not a constant, and the size [H,W,C] of its images. */
function imagesOf({ input, initializer }: OnnxGraph) {
  const constants = new Set(initializer.map(({ name }) => name));
  const [image, ...others] = input.filter(({ name }) => !constants.has(name));
  const { elementType, shape } = image?.type?.tensorType ?? {};
  const [, channels = 0, height = 0, width = 0] = shape?.dim.map(({ value }) => value ?? 0) ?? [];
  if (
    others.length > 0 ||
    elementType !== elementTypes.float ||
    shape?.dim.length !== 4 ||
    height * width * channels === 0
  )
    throw new InklingError(
      "UNSUPPORTED",
      "ONNX file: its inputs are not one tensor of float [batch, channels, height, width] with a fixed size of images",
    );
  return { name: image!.name ?? "", input: [height, width, channels] as const };
}
