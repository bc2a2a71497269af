import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../../src/backends/backend.ts";
import { InklingError } from "../../src/base/error.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { Engine } from "../../src/engine/engine.ts";
import { asFloat, loadWeights } from "../../src/engine/feed.ts";
import { forwardSpec } from "../../src/engine/imagePrograms.ts";
import {
  elementTypes,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  onnxModel,
  onnxTensor,
} from "../../src/export/onnx/messages.ts";
import type { Value } from "../../src/export/onnx/nodeReader.ts";
import { readNodes } from "../../src/export/onnx/operators.ts";
import { decodeMessage } from "../../src/export/onnx/protobuf.ts";
import { OnnxReader } from "../../src/export/onnx/reader.ts";
import { flatten, leakyRelu, relu } from "../../src/layers/index.ts";
import { buildLayers, defaultPreprocessing, parseLayers } from "../../src/model/index.ts";

/*
 * ONNX's own tests of operators, which its package for Python contains: a model of a few nodes, inputs and the outputs that are
 * expected. Each is read as the nodes of an ONNX file are, and what layers it becomes computes its output on a back end. Rows of
 * pixels [N,C,W] are images of one row; axes before that of an operator along one are the batch.
 */

/** Operators that layers stand for; the tests of other operators are not counted. */
const OPERATORS = new Set(
  (
    "Add AveragePool BatchNormalization Concat Constant Conv Dropout Flatten Gelu Gemm GlobalAveragePool HardSwish Identity LRN " +
    "LeakyRelu MatMul MaxPool Relu Reshape Sigmoid Softmax Sum Tanh"
  ).split(" "),
);
/** Those of several values; of the inputs of others, the first is a value and the rest are constants. */
const JOINING = new Set(["Add", "Concat", "Sum"]);
/** Those for which the shape does not matter: x of any rank is rows of values. */
const ELEMENTWISE = new Set("Add Dropout Gelu HardSwish Identity LeakyRelu Relu Sigmoid Sum Tanh".split(" "));
/** Those along an axis, and the axis where none is given: axes before it are the batch, those after it are pixels. */
const ALONG_AXIS: ReadonlyMap<string, number> = new Map([
  ["Concat", 0],
  ["Flatten", 1],
  ["Softmax", -1],
]);
/** As ONNX's own runner compares. */
const [RELATIVE, ABSOLUTE] = [1e-3, 1e-7];

/** The folders of tests. */
const SUITES = ["node", "pytorch-converted", "pytorch-operator", "simple"];

/** A test of operators that layers stand for: passed, or computed wrongly, or refused with the reason. */
export interface Outcome {
  readonly name: string;
  readonly result: "passed" | "failed" | "refused";
  readonly reason?: string;
}

/** Runs the tests in the folder of ONNX's package, but those that read more values than `most`. */
export async function runNodeCases(onnxFolder: string, backend: Backend, most: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const suite of SUITES) {
    const folder = join(onnxFolder, "backend/test/data", suite);
    for (const name of readdirSync(folder).sort()) {
      const { graph, operatorSets } = decodeMessage(onnxModel, readFileSync(join(folder, name, "model.onnx")));
      if (!graph?.node.every(({ opType = "", domain }) => OPERATORS.has(opType) && !domain)) continue;
      if (graph.input.some(({ type }) => valuesOf(type) > most)) continue;
      outcomes.push({
        name: `${suite}/${name}`,
        ...(await outcomeOf(graph, operatorSets[0]!.version!, join(folder, name), backend)),
      });
    }
  }
  return outcomes;
}

const valuesOf = (type: OnnxType | undefined): number =>
  sizeOf(type?.tensorType?.shape?.dim.map(({ value = 1 }) => value) ?? []);

async function outcomeOf(
  graph: OnnxGraph,
  opset: number,
  folder: string,
  backend: Backend,
): Promise<Omit<Outcome, "name">> {
  try {
    const reason = await computeCase(graph, opset, join(folder, "test_data_set_0"), backend);
    return reason === undefined ? { result: "passed" } : { result: "failed", reason };
  } catch (error) {
    if (error instanceof InklingError) return { result: "refused", reason: error.message };
    throw error;
  }
}

const refuse = (why: string): InklingError => new InklingError("UNSUPPORTED", why);

interface Floats {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

function floatsOf({ dims, dataType, rawData, floatData }: OnnxTensor): Floats {
  if (dataType !== elementTypes.float) throw refuse(`element type ${dataType}, expected 1, float`);
  return { dims, values: rawData ? new Float32Array(rawData.slice().buffer) : Float32Array.from(floatData) };
}

/** What is wrong with the outputs of a case, if anything. Throws where layers cannot express it. */
async function computeCase(
  graph: OnnxGraph,
  opset: number,
  data: string,
  backend: Backend,
): Promise<string | undefined> {
  const tensor = (name: string) => decodeMessage(onnxTensor, readFileSync(join(data, name)));
  const known = new Set(graph.initializer.map(({ name }) => name));
  const given = graph.input.filter(({ name }) => !known.has(name));
  if (given.length === 0) throw refuse("reads nothing");
  if (graph.output.length > 1) throw refuse("has several outputs");
  if ([...given, ...graph.output].some(({ type }) => !type?.tensorType)) throw refuse("reads what is not a tensor");
  const isJoining = graph.node.some(({ opType = "" }) => JOINING.has(opType));
  const values = given.slice(0, isJoining ? given.length : 1).map((_, k) => floatsOf(tensor(`input_${k}.pb`)));
  const constants = given
    .slice(values.length)
    .map(({ name }, k) => ({ ...tensor(`input_${k + values.length}.pb`), name }));
  const axis = axisOf(graph, values[0]!.dims.length);
  const inputs = values.map((one) => placed(one, axis));
  const isRow = axis === undefined && values[0]!.dims.length === 3;
  const isWindow = graph.node.every(({ opType = "" }) => /Conv|Pool/.test(opType));
  const initializer = [...graph.initializer, ...constants];
  const read = { ...graph, initializer: isRow && isWindow ? initializer.map(rowKernel) : initializer };
  const reader = new OnnxReader(read, opset);
  for (const [k, { shape }] of inputs.entries()) reader.declare(given[k]!.name!, { layer: `x${k}`, shape });
  readNodes(
    reader,
    graph.node.map((node) => ({ ...node, attribute: node.attribute.map((one) => adapted(one, isRow)) })),
  );
  const output = reader.value(graph.output[0]!.name!)!;
  const got = fileOrder(await computeLayers(reader, inputs, output, backend), output);
  const want = floatsOf(tensor("output_0.pb")).values;
  if (got.length !== want.length) return `${got.length} values, expected ${want.length}`;
  const wrong = got.findIndex((value, i) => !(Math.abs(value - want[i]!) <= ABSOLUTE + RELATIVE * Math.abs(want[i]!)));
  return wrong < 0 ? undefined : `[${wrong}] is ${got[wrong]}, expected ${want[wrong]}`;
}

/** The axis of an operator along one, or for operators of elements the first after the batch; undefined for others. */
function axisOf({ node }: OnnxGraph, rank: number): number | undefined {
  if (node.every(({ opType = "" }) => ELEMENTWISE.has(opType))) return rank > 1 ? 1 : 0;
  const [{ opType = "", attribute }] = node as readonly [OnnxNode];
  const usual = node.length === 1 ? ALONG_AXIS.get(opType) : undefined;
  if (usual === undefined) return undefined;
  const axis = attribute.find(({ name }) => name === "axis")?.i ?? usual;
  return axis < 0 ? axis + rank : axis;
}

/** An attribute for values as they are placed: along axis 1, and for rows, windows of one row. */
function adapted(attribute: OnnxAttribute, isRow: boolean): OnnxAttribute {
  const { name = "", ints } = attribute;
  if (name === "axis") return { ...attribute, i: 1 };
  if (isRow && name === "pads" && ints.length === 2) return { ...attribute, ints: [0, ints[0]!, 0, ints[1]!] };
  return isRow && ints.length === 1 ? { ...attribute, ints: [1, ints[0]!] } : attribute;
}

/** A kernel [O,I,V] of rows as one of images. */
const rowKernel = (tensor: OnnxTensor): OnnxTensor => {
  const [O, I, V] = tensor.dims;
  return tensor.dims.length === 3 ? { ...tensor, dims: [O!, I!, 1, V!] } : tensor;
};

/** A batch of inputs as layers have them. */
interface Placed {
  readonly batch: number;
  /** [H,W,C] or [F]. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Images [N,C,H,W], rows of pixels [N,C,W] or features [N,F], where all axes before the given one are N. */
function placed({ dims, values }: Floats, axis = 1): Placed {
  if (sizeOf(dims) === 0) throw refuse("an empty tensor");
  const [batch, channels, ...pixels] = [sizeOf(dims.slice(0, axis)), ...dims.slice(axis)] as [number, ...number[]];
  if (pixels.length === 0) return { batch, shape: [channels ?? 1], values };
  if (pixels.length > 2 && axis === 1) throw refuse(`${pixels.length} spatial axes, expected 2`);
  const W = pixels.at(-1)!;
  const H = sizeOf(pixels) / W;
  return { batch, shape: [H, W, channels!], values: exchanged(values, channels!, H * W) };
}

/** [N,A,B] as [N,B,A]. */
function exchanged(values: Float32Array, A: number, B: number): Float32Array {
  const size = A * B;
  return values.map((_, i) => {
    const [n, at] = [Math.floor(i / size), i % size];
    return values[n * size + (at % A) * B + Math.floor(at / A)]!;
  });
}

/** Outputs in the order of the file. */
function fileOrder(values: Float32Array, { shape, transposed, channelsFirst }: Value): Float32Array {
  const [H, W, C] = channelsFirst ?? shape;
  const isImage = channelsFirst !== undefined || (shape.length === 3 && !transposed);
  return isImage ? exchanged(values, H! * W!, C!) : values;
}

/** What the layers of a reader compute: in place of layers before them, which are not run, the host writes the inputs. */
async function computeLayers(reader: OnnxReader, inputs: readonly Placed[], output: Value, backend: Backend) {
  const { batch, shape } = inputs[0]!;
  const first = shape.length === 1 ? [{ ...flatten(), name: "flat" }] : [];
  const before = first[0]?.name ?? "input";
  // Tensors that the host writes have no padding around them, so a copy is what other layers read.
  const fed = inputs.flatMap((_, k) => [
    { ...relu(), name: `fed${k}`, inputs: [before] },
    { ...leakyRelu({ negativeSlope: 1 }), name: `x${k}`, inputs: [`fed${k}`] },
  ]);
  if (inputs.some((one) => one.batch !== batch || sizeOf(one.shape) !== sizeOf(shape)))
    throw refuse("reads values of different shapes");
  const layers = parseLayers([...first, ...fed, ...reader.layers]);
  const input = (shape.length === 1 ? [1, 1, shape[0]!] : shape) as readonly [number, number, number];
  const built = buildLayers({ input, preprocessing: defaultPreprocessing, layers }, batch, false);
  const written = inputs.map((_, k) => asFloat(built.outputs.get(`fed${k}`)!));
  const skipped = new Set(["input", "flat", ...inputs.map((_, k) => `fed${k}`)]);
  const nodes = built.graph.applications.filter(({ name }) => !skipped.has(name));
  const result = asFloat(built.outputs.get(output.layer)!);
  const spec = forwardSpec({ name: "case", batch, nodes, perStep: written, outputs: [result] }, built.weights);
  const engine = await Engine.create([spec], backend);
  loadWeights(engine, { spec, weights: built.weights }, reader.weights);
  for (const [k, one] of written.entries()) engine.elements("case", one).set(inputs[k]!.values);
  await engine.run("case", 1);
  const y = new Float32Array(sizeOf(result.shape));
  engine.copySamples("case", result, batch, y);
  engine.close();
  return y;
}
