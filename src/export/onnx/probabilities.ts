import { InklingError } from "../../base/error.ts";
import type { Scaling } from "../../evaluation/softmax.ts";
import { type calibrate, factorOf } from "../../ops/calibrate.ts";
import { LEAST_SPREAD } from "../../ops/prominence.ts";
import type { Composite, Operand, Step } from "./composites.ts";
import type { Attributes, OnnxGraph } from "./messages.ts";
import { nameOf } from "./nodeReader.ts";
import { damaged } from "./protobuf.ts";
import type { OnnxReader } from "./reader.ts";
import type { OnnxWriter } from "./writer.ts";

const overClasses: Attributes = { axes: [1] };
const softmaxOf = (input: Operand): Step => ({
  opType: "Softmax",
  inputs: [input],
  attributes: { axis: { i: 1 } },
});

/** The operators that turn the logits `x` of K classes into probabilities, as the op {@link calibrate} and the softmax do. */
function stepsOf({ temperature, attenuation = 0 }: Scaling, classes: number): Composite {
  if (attenuation === 0 && temperature === 1) return [softmaxOf("x")];
  if (attenuation === 0) return [{ opType: "Div", inputs: ["x", { constant: temperature }] }, softmaxOf(0)];
  const { weight, offset } = factorOf({ temperature, attenuation }, classes);
  return [
    { opType: "ReduceMax", inputs: ["x"], attributes: overClasses },
    { opType: "ReduceMean", inputs: ["x"], attributes: overClasses },
    { opType: "Sub", inputs: [0, 1] },
    { opType: "Mul", inputs: [2, 2] },
    { opType: "Sub", inputs: ["x", 1] },
    { opType: "ReduceSumSquare", inputs: [4], attributes: overClasses },
    { opType: "Clip", inputs: [5, { constant: LEAST_SPREAD }] }, // not Max, which some runtimes cannot do with a scalar
    { opType: "Div", inputs: [3, 6] },
    { opType: "Mul", inputs: [7, { constant: weight }] },
    { opType: "Add", inputs: [8, { constant: offset }] },
    { opType: "Mul", inputs: ["x", 9] },
    softmaxOf(10),
  ];
}

/** Writes the nodes from `logits` to `probabilities`. */
export function writeProbabilities(writer: OnnxWriter, scaling: Scaling, classes: number): void {
  const name = "probabilities";
  writer.composite(stepsOf(scaling, classes), {
    ...{ name, x: "logits", output: name },
    constant: (k) => `${name}/constant_${k}`,
  });
}

/** The number of a graph's nodes up to the one that gives its logits; those that make probabilities of them follow. */
export const logitsEnd = ({ node, output }: OnnxGraph): number =>
  node.findIndex((one) => one.output[0] === output[0]?.name) + 1;

/**
 * Checks the nodes that make probabilities of a graph's logits. Throws `UNSUPPORTED` if they are not those of a calibrated
 * softmax, and `INVALID_DATA` if their numbers are not those of the calibration.
 */
export function checkProbabilities(reader: OnnxReader, graph: OnnxGraph, scaling: Scaling, classes: number): void {
  const nodes = graph.node.slice(logitsEnd(graph));
  const [logits, probabilities] = graph.output.map(({ name }) => name);
  const steps = stepsOf(scaling, classes);
  const isSame = steps.every(({ opType, inputs, attributes }, k) => {
    const node = nodes[k];
    if (node?.opType !== opType || node.domain || node.input.length !== inputs.length) return false;
    if (attributes === overClasses && reader.open(node).integers("axes", 1)[0] !== 1) return false;
    return inputs.every((input, i) => {
      if (input === "x") return node.input[i] === logits;
      if (typeof input === "number") return node.input[i] === nodes[input]!.output[0];
      const found = reader.open(node).scalar(i);
      if (Math.fround(found) === Math.fround(input.constant)) return true;
      throw damaged(`${nameOf(node)} has ${found}, but by the calibration in its metadata it is ${input.constant}`);
    });
  });
  if (isSame && nodes.length === steps.length && nodes.at(-1)!.output.join() === probabilities) return;
  throw new InklingError(
    "UNSUPPORTED",
    "ONNX file: its outputs are not the logits of its last layer and their softmax; Inkling reads models that it exported",
  );
}
