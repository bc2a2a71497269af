import { InklingError } from "../../base/error.ts";
import { quoted } from "../../base/printable.ts";
import { type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import {
  add,
  averagePool2d,
  batchNormalization,
  concatenate,
  conv2d,
  dense,
  flatten,
  gelu,
  globalAveragePool2d,
  hardSwish,
  type LayerConfig,
  leakyRelu,
  localResponseNormalization,
  maxPool2d,
  relu,
  sigmoid,
  silu,
  softmax,
  tanh,
  type WindowOptions,
} from "../../layers/index.ts";
import { type Padding, windowsOf } from "../../ops/window.ts";
import type { composites } from "./composites.ts";
import { exchangeAxes, kernelFromOnnx, type Pads, padsOf } from "./layout.ts";
import type { OnnxNode } from "./messages.ts";
import { type NodeReader, type NodeRule, nameOf, type OnnxReader, type Value } from "./reader.ts";

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

const adding: NodeRule = (reader, node) => {
  node.expectInputs(2);
  node.expectAttributes();
  const values = joined(node);
  if (!sameShape(values[0]!.shape, values[1]!.shape)) throw node.unsupported("adds values of different shapes");
  reader.add(node, add(["a", "b"]), values, values[0]!.shape);
};

const concatenating: NodeRule = (reader, node) => {
  node.expectInputs(2, Number.POSITIVE_INFINITY);
  node.expectAttributes("axis");
  if (node.integer("axis", 0) !== 1) throw node.unsupported("joins along another axis than the channels");
  const values = joined(node);
  const channels = values.reduce((sum, { shape }) => sum + shape.at(-1)!, 0);
  reader.add(node, concatenate(["a", "b"]), values, [...values[0]!.shape.slice(0, -1), channels]);
};

/** A value [H,W,C]. */
function image(node: NodeReader): Value & { readonly shape: readonly [number, number, number] } {
  const x = node.value(0);
  if (x.shape.length !== 3) throw node.unsupported(`reads a value of rank ${x.shape.length + 1}, expected 4`);
  return x as Value & { readonly shape: readonly [number, number, number] };
}

/** The attributes of how windows slide. */
const windowAttributes = ["strides", "pads", "auto_pad", "dilations"];

/** How a node's windows slide over an image [H,W,C], as a layer says it, and the extents [R,S] of what it gives. */
function slidingWindow(node: NodeReader, shape: readonly [number, number, number], size: readonly [number, number]) {
  const [x, op] = [[1, ...shape], `ONNX file: ${nameOf(node.node)}`];
  const [strides, rates] = [node.pair("strides", [1, 1]), node.pair("dilations", [1, 1])];
  const apart = { strides, ...(rates.some((rate) => rate !== 1) && { dilationRate: rates }) };
  const same = padsOf(op, x, size, { ...apart, padding: "same" });
  const pads = padsAt(node, same);
  const isCeiled = node.integer("ceil_mode", 0) === 1;
  const [bottom, right] = ([0, 1] as const).map((d) => {
    const end = pads[d + 2]!;
    if (!isCeiled) return end;
    // A last window may extend beyond the padding, unless it would start there.
    const [extent, inside] = [(size[d] - 1) * rates[d] + 1, pads[d] + shape[d]];
    const last = Math.min(Math.ceil((inside + end - extent) / strides[d]), Math.ceil(inside / strides[d]) - 1);
    return Math.max(end, last * strides[d] + extent - inside);
  });
  const extended = [pads[0], pads[1], bottom!, right!] as const;
  const padding = paddingOf(extended, same);
  const { rows, columns } = windowsOf(op, x, size, { ...apart, padding });
  return {
    options: { ...apart, padding },
    extents: [rows.output, columns.output],
    isPadded: pads.some((pad) => pad > 0),
    isExtended: !sameShape(pads, extended),
  };
}

/** A node's own padding, where that of SAME_UPPER is `same`. */
function padsAt(node: NodeReader, same: Pads): Pads {
  const automatic = node.text("auto_pad", "NOTSET");
  if (automatic === "VALID") return [0, 0, 0, 0];
  if (automatic === "SAME_UPPER") return same;
  // What is odd is padded before the image.
  if (automatic === "SAME_LOWER") return [same[2], same[3], same[0], same[1]];
  if (automatic !== "NOTSET") throw node.unsupported(`auto_pad is ${quoted(automatic)}`);
  const pads = node.integers("pads", 4, [0, 0, 0, 0]) as unknown as Pads;
  if (pads.some((pad) => pad < 0)) throw node.unsupported(`pads are ${pads.join(", ")}, expected none below 0`);
  return pads;
}

/** Padding as a layer has it, by its name where it has one. */
function paddingOf(pads: Pads, same: Pads): Padding {
  const [top, left, bottom, right] = pads;
  if (pads.every((pad) => pad === 0)) return "valid";
  if (sameShape(pads, same)) return "same";
  return [
    [top, bottom],
    [left, right],
  ];
}

const maxPooling: NodeRule = (reader, node) => pooling(reader, node, [], maxPool2d);

const averagePooling: NodeRule = (reader, node) =>
  pooling(reader, node, ["count_include_pad"], (size, options, isPadded) => {
    const isCounted = isPadded && node.integer("count_include_pad", 0) === 1;
    return averagePool2d(size, { ...options, ...(isCounted && { countIncludePad: true }) });
  });

function pooling(
  reader: OnnxReader,
  node: NodeReader,
  known: readonly string[],
  layer: (size: readonly [number, number], options: WindowOptions, isPadded: boolean) => LayerConfig,
): void {
  node.expectInputs(1);
  node.expectAttributes("kernel_shape", ...windowAttributes, "ceil_mode", ...known);
  const x = image(node);
  const size = node.pair("kernel_shape");
  const { options, extents, isPadded, isExtended } = slidingWindow(node, x.shape, size);
  if (isPadded && isExtended && node.integer("count_include_pad", 0) === 1)
    throw node.unsupported("counts its pads, but not what ceil_mode adds to them");
  reader.add(node, layer(size, options, isPadded), [x], [...extents, x.shape[2]]);
}

const convolution: NodeRule = (reader, node) => {
  node.expectInputs(2, 3);
  node.expectAttributes("kernel_shape", ...windowAttributes, "group");
  const x = image(node);
  const w = node.constant(1, 4);
  const [O, I, U, V] = w.dims as readonly [number, number, number, number];
  if (!sameShape(node.pair("kernel_shape", [U, V]), [U, V])) throw node.unsupported("kernel_shape is not the kernel's");
  const groups = node.integer("group", 1);
  if (I * groups !== x.shape[2] || O % groups !== 0)
    throw node.unsupported(`its kernel [${w.dims.join(", ")}] in ${groups} groups does not fit ${x.shape[2]} channels`);
  const { options, extents } = slidingWindow(node, x.shape, [U, V]);
  const useBias = node.inputs === 3;
  const layer = reader.add(node, conv2d(O, [U, V], { ...options, groups, useBias }), [x], [...extents, O]);
  reader.weights.set(`${layer}.kernel`, kernelFromOnnx(w.values, [O, I, U, V]));
  if (useBias) reader.weights.set(`${layer}.bias`, channelsOf(node, 2, O));
};

/** A constant [C]. */
function channelsOf(node: NodeReader, k: number, channels: number): Float32Array {
  const { dims, values } = node.constant(k, 1);
  if (dims[0] !== channels) throw node.unsupported(`input ${k} has ${dims[0]} values, expected ${channels}`);
  return values;
}

const gemm: NodeRule = (reader, node) => {
  node.expectInputs(2, 3);
  node.expectAttributes("alpha", "beta");
  if (node.float("alpha", 1) !== 1 || node.float("beta", 1) !== 1) throw node.unsupported("alpha or beta is not 1");
  const x = node.value(0, { anyOrder: true });
  const w = node.constant(1, 2);
  const [I, O] = w.dims as readonly [number, number];
  if (x.shape.length !== 1 || x.shape[0] !== I)
    throw node.unsupported(`its matrix [${w.dims.join(", ")}] does not fit an input [${x.shape.join(", ")}]`);
  const useBias = node.inputs === 3;
  const layer = reader.add(node, dense(O, { useBias }), [x], [O]);
  const [H = 1, W = 1, C = 1] = x.channelsFirst ?? [];
  reader.weights.set(`${layer}.kernel`, x.channelsFirst ? exchangeAxes(w.values, C, H * W, O) : w.values);
  if (useBias) reader.weights.set(`${layer}.bias`, channelsOf(node, 2, O));
};

const flattening: NodeRule = (reader, node) => {
  node.expectInputs(1);
  node.expectAttributes("axis");
  if (node.integer("axis", 1) !== 1) throw node.unsupported("flattens along another axis than the first");
  const x = node.value(0, { anyOrder: true });
  const shape = [sizeOf(x.shape)];
  const layer = reader.add(node, flatten(), [x], shape);
  const [H, W, C] = x.shape;
  const isMoved = x.shape.length === 3 && !x.transposed && C! > 1 && H! * W! > 1;
  reader.define(node, { layer, shape, ...(isMoved && { channelsFirst: x.shape }) });
};

const transposing: NodeRule = (reader, node) => {
  node.expectInputs(1);
  node.expectAttributes("perm");
  const x = image(node);
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
    reader.weights.set(`${layer}.${name}`, channelsOf(node, k + 1, x.shape.at(-1)!));
};

/** ONNX divides alpha by the size of the window. */
function lrn(node: NodeReader): LayerConfig {
  const size = node.integer("size", 0);
  if (size < 3 || size % 2 !== 1) throw node.unsupported(`size is ${size}, expected an odd number of at least 3`);
  const alpha = Number((node.float("alpha", 1e-4) / size).toPrecision(7));
  const [beta, bias] = [node.float("beta", 0.75), node.float("bias", 1)];
  return localResponseNormalization({ depthRadius: (size - 1) / 2, alpha, beta, bias });
}

const alongChannels = (node: NodeReader): LayerConfig => {
  if (node.integer("axis", -1) !== 1) throw node.unsupported("axis is not 1, that of the channels");
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
  HardSwish: elementwise(() => hardSwish()),
  LRN: elementwise(lrn, "size", "alpha", "beta", "bias"),
  LeakyRelu: elementwise((node) => leakyRelu({ negativeSlope: node.float("alpha", 0.01) }), "alpha"),
  MaxPool: maxPooling,
  Relu: elementwise(() => relu()),
  Sigmoid: elementwise(() => sigmoid()),
  Softmax: elementwise(alongChannels, "axis"),
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
export function readNodes(reader: OnnxReader, nodes: readonly OnnxNode[]): void {
  for (let at = 0; at < nodes.length; ) {
    const composite = reader.composite(nodes.slice(at));
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
    throw new InklingError(
      "UNSUPPORTED",
      `ONNX file: ${nameOf(node)}: its operator is not one that Inkling reads; it reads models that it exported`,
    );
  rule(reader, reader.open(node));
}
