import { InklingError } from "../../base/error.ts";
import { quotation, quoted } from "../../base/printable.ts";
import { type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import {
  add,
  batchNormalization,
  concatenate,
  dense,
  flatten,
  gelu,
  globalAveragePool2d,
  hardSwish,
  type LayerConfig,
  leakyRelu,
  localResponseNormalization,
  relu,
  sigmoid,
  silu,
  softmax,
  tanh,
} from "../../layers/index.ts";
import type { composites } from "./composites.ts";
import { exchangeAxes } from "./layout.ts";
import type { OnnxNode } from "./messages.ts";
import { type NodeReader, nameOf, type Value } from "./nodeReader.ts";
import type { NodeRule, OnnxReader } from "./reader.ts";
import { averagePooling, convolution, globalAveragePooling, maxPooling } from "./windowRules.ts";

/** A layer that changes no shape. */
const elementwise =
  (config: (node: NodeReader) => LayerConfig, ...attributes: readonly string[]): NodeRule =>
  (reader, node) => {
    node.expectInputs(1);
    node.expectAttributes(...attributes);
    const x = node.value(0);
    reader.add(node, config(node), [x], x.shape);
  };

/** Several values of images, or of features. */
const joined = (node: NodeReader): readonly Value[] => Array.from({ length: node.inputs }, (_, k) => node.value(k));

/** The sum of two values, or of one and a bias. */
const adding: NodeRule = (reader, node) => {
  node.expectInputs(2);
  node.expectAttributes();
  const constant = [0, 1].find((k) => node.isConstant(k));
  if (constant !== undefined) return biasing(reader, node, constant);
  summing(reader, node);
};

/** The sum of any number of values. */
const summing: NodeRule = (reader, node) => {
  node.expectInputs(1, Number.POSITIVE_INFINITY);
  node.expectAttributes();
  if (node.inputs === 1) return passing(reader, node);
  const values = joined(node);
  if (values.some(({ shape }) => !sameShape(shape, values[0]!.shape)))
    throw node.unsupported("adds values of different shapes");
  reader.add(node, add(["a", "b"]), values, values[0]!.shape);
};

/** A constant that is added to what a convolution or a dense layer gives. */
function biasing(reader: OnnxReader, node: NodeReader, constant: number): void {
  const x = node.value(1 - constant);
  const bias = node.spread(constant, x.shape.at(-1)!);
  if (!reader.addBias(node, x, bias))
    throw node.unsupported("adds constants to what is not the output of a convolution or a matrix without a bias");
}

const concatenating: NodeRule = (reader, node) => {
  node.expectInputs(2, Number.POSITIVE_INFINITY);
  node.expectAttributes("axis");
  const values = joined(node);
  if (node.axis(0, values[0]!) !== 1) throw node.unsupported("joins along another axis than the channels");
  const channels = values.reduce((sum, { shape }) => sum + shape.at(-1)!, 0);
  reader.add(node, concatenate(["a", "b"]), values, [...values[0]!.shape.slice(0, -1), channels]);
};

/** A constant [C]. */
function channelsOf(node: NodeReader, k: number, channels: number): Float32Array {
  const { dims, values } = node.constant(k, 1);
  if (dims[0] !== channels) throw node.unsupported(`input ${k} has ${dims[0]} values, expected ${channels}`);
  return values;
}

/** alpha·x·W + beta·b, with the factors in the weights. */
const gemm: NodeRule = (reader, node) => {
  node.expectInputs(2, 3);
  node.expectAttributes("alpha", "beta", "transB");
  const w = node.constant(1, 2);
  const [rows, columns] = w.dims as readonly [number, number];
  const isTransposed = node.integer("transB", 0) === 1;
  const [I, O] = isTransposed ? [columns, rows] : [rows, columns];
  const values = isTransposed ? exchangeAxes(w.values, rows, columns) : w.values;
  const layer = denseOf(reader, node, [I, O], scaled(values, node.float("alpha", 1)), node.inputs === 3);
  if (node.inputs === 3) reader.setWeight(`${layer}.bias`, scaled(node.spread(2, O), node.float("beta", 1)));
};

const scaled = (values: Float32Array, factor: number): Float32Array =>
  factor === 1 ? values : values.map((value) => value * factor);

const multiplying: NodeRule = (reader, node) => {
  node.expectInputs(2);
  node.expectAttributes();
  const { dims, values } = node.constant(1, 2);
  denseOf(reader, node, dims as readonly [number, number], values, false);
};

/** Adds a dense layer with a matrix [I,O]. Returns its name. */
function denseOf(
  reader: OnnxReader,
  node: NodeReader,
  [I, O]: readonly [number, number],
  matrix: Float32Array,
  useBias: boolean,
): string {
  const x = node.value(0, { anyOrder: true });
  if (x.shape.length !== 1 || x.shape[0] !== I)
    throw node.unsupported(`its matrix [${I}, ${O}] does not fit an input [${x.shape.join(", ")}]`);
  const layer = reader.add(node, dense(O, { useBias }), [x], [O]);
  const [H = 1, W = 1, C = 1] = x.channelsFirst ?? [];
  reader.setWeight(`${layer}.kernel`, x.channelsFirst ? exchangeAxes(matrix, C, H * W, O) : matrix);
  return layer;
}

/** Operators that change nothing when a model predicts. */
const passing: NodeRule = (reader, node) => {
  node.expectInputs(1, node.node.opType === "Dropout" ? 2 : 1);
  node.expectAttributes("ratio", "seed");
  reader.define(node, node.value(0, { anyOrder: true }));
};

const flattening: NodeRule = (reader, node) => {
  node.expectInputs(1);
  node.expectAttributes("axis");
  const x = node.value(0, { anyOrder: true });
  if (node.axis(1, x) !== 1) throw node.unsupported("flattens along another axis than the first");
  flattenOf(reader, node, x);
};

/** A shape [batch, all others], as which a value is flattened. */
const reshaping: NodeRule = (reader, node) => {
  node.expectInputs(2);
  node.expectAttributes("allowzero");
  const [x, shape] = [node.value(0, { anyOrder: true }), node.constantIntegers(1)];
  const isFlat = shape.length === 2 && (shape[1] === sizeOf(x.shape) || (shape[1] === -1 && shape[0] !== -1));
  if (!isFlat)
    throw node.unsupported(`reshapes to [${quotation(shape.join(", "))}], expected [-1, ${sizeOf(x.shape)}]`);
  flattenOf(reader, node, x);
};

function flattenOf(reader: OnnxReader, node: NodeReader, x: Value): void {
  const shape = [sizeOf(x.shape)];
  const layer = reader.add(node, flatten(), [x], shape);
  const [H, W, C] = x.shape;
  const isMoved = x.shape.length === 3 && !x.transposed && C! > 1 && H! * W! > 1;
  reader.define(node, { layer, shape, ...(isMoved && { channelsFirst: x.shape }) });
}

const transposing: NodeRule = (reader, node) => {
  node.expectInputs(1);
  node.expectAttributes("perm");
  const x = node.image(0);
  if (!sameShape(node.integers("perm", 4), [0, 2, 3, 1]))
    throw node.unsupported("perm is not 0, 2, 3, 1: an image's axes before it is flattened");
  reader.define(node, { ...x, transposed: true });
};

const normalizing: NodeRule = (reader, node) => {
  node.expectInputs(5);
  node.expectAttributes("epsilon");
  const x = node.value(0);
  const layer = reader.add(node, batchNormalization({ epsilon: node.float("epsilon", 1e-5) }), [x], x.shape);
  for (const [k, name] of ["gamma", "beta", "movingMean", "movingVariance"].entries())
    reader.setWeight(`${layer}.${name}`, channelsOf(node, k + 1, x.shape.at(-1)!));
};

/** ONNX divides alpha by the size of the window. */
function lrn(node: NodeReader): LayerConfig {
  const size = node.integer("size", 0);
  if (size < 3 || size % 2 !== 1) throw node.unsupported(`size is ${size}, expected an odd number of at least 3`);
  const alpha = Number((node.float("alpha", 1e-4) / size).toPrecision(7));
  const [beta, bias] = [node.float("beta", 0.75), node.float("bias", 1)];
  return localResponseNormalization({ depthRadius: (size - 1) / 2, alpha, beta, bias });
}

function readGelu(node: NodeReader): LayerConfig {
  const approximate = node.text("approximate", "none");
  if (approximate === "tanh") return gelu();
  if (approximate !== "none") throw node.unsupported(`approximate is ${quoted(approximate)}`);
  return gelu({ approximate });
}

const alongChannels = (node: NodeReader): LayerConfig => {
  const x = node.value(0);
  if (node.opset < 13 && sizeOf(x.shape) !== x.shape.at(-1)) throw node.unsupported("is over all pixels in opset 12");
  if (node.axis(node.opset < 13 ? 1 : -1, x) !== 1) throw node.unsupported("axis is not 1, that of the channels");
  return softmax();
};

/** A rule for each operator that is read. */
const operators: Readonly<Record<string, NodeRule>> = {
  Add: adding,
  AveragePool: averagePooling,
  BatchNormalization: normalizing,
  Concat: concatenating,
  Conv: convolution,
  Flatten: flattening,
  Gemm: gemm,
  Dropout: passing,
  Gelu: elementwise(readGelu, "approximate"),
  GlobalAveragePool: globalAveragePooling,
  HardSwish: elementwise(() => hardSwish()),
  Identity: passing,
  LRN: elementwise(lrn, "size", "alpha", "beta", "bias"),
  LeakyRelu: elementwise((node) => leakyRelu({ negativeSlope: node.float("alpha", 0.01) }), "alpha"),
  MatMul: multiplying,
  MaxPool: maxPooling,
  Relu: elementwise(() => relu()),
  Reshape: reshaping,
  Sigmoid: elementwise(() => sigmoid()),
  Softmax: elementwise(alongChannels, "axis"),
  Sum: summing,
  Tanh: elementwise(() => tanh()),
  Transpose: transposing,
};

/** The layer of a composite, and the shape of what it gives. */
const compositeLayers: Readonly<
  Record<keyof typeof composites, { readonly layer: () => LayerConfig; readonly shape: (x: Shape) => Shape }>
> = {
  exactGelu: { layer: () => gelu({ approximate: "none" }), shape: (x) => x },
  gelu: { layer: gelu, shape: (x) => x },
  globalAveragePool2d: { layer: globalAveragePool2d, shape: (x) => x.slice(2) },
  silu: { layer: silu, shape: (x) => x },
};

/** Reads a graph's nodes in their order, each with the rule of its operator. Throws `UNSUPPORTED` naming what has none. */
export function readNodes(reader: OnnxReader, all: readonly OnnxNode[]): void {
  const nodes = reader.takeConstants(all);
  for (let at = 0; at < nodes.length; ) {
    const composite = reader.composite(nodes, at);
    at += composite ? composite.count : 1;
    if (composite) readComposite(reader, composite);
    else readNode(reader, nodes[at - 1]!);
  }
}

function readComposite(reader: OnnxReader, { name, x, last }: NonNullable<ReturnType<OnnxReader["composite"]>>): void {
  const { layer, shape } = compositeLayers[name];
  const node = reader.open({ ...last, input: [x] });
  const value = node.value(0);
  reader.add(node, layer(), [value], shape(value.shape));
}

function readNode(reader: OnnxReader, node: OnnxNode): void {
  const { opType = "", domain } = node;
  const rule = domain || !Object.hasOwn(operators, opType) ? undefined : operators[opType];
  if (!rule)
    throw new InklingError("UNSUPPORTED", `ONNX file: ${nameOf(node)}: its operator is not one that Inkling reads`);
  rule(reader, reader.open(node));
}
