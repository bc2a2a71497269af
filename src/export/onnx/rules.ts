import { InklingError } from "../../base/error.ts";
import type { AveragePool2dAttrs } from "../../ops/averagePool2d.ts";
import type { Conv2dAttrs } from "../../ops/conv2d.ts";
import type { GeluAttrs } from "../../ops/gelu.ts";
import type { Application, Tensor } from "../../ops/graph.ts";
import type { ops } from "../../ops/index.ts";
import type { LeakyReluAttrs } from "../../ops/leakyRelu.ts";
import type { LocalResponseNormalizationAttrs } from "../../ops/localResponseNormalization.ts";
import type { NormalizeAttrs, PerChannel } from "../../ops/normalize.ts";
import type { WindowAttrs } from "../../ops/window.ts";
import { composites } from "./composites.ts";
import { exchangeAxes, kernelToOnnx, padsOf } from "./layout.ts";
import { type Attributes, elementTypes } from "./messages.ts";
import { isOf, type OnnxWriter } from "./writer.ts";

/** Writes an application of an op as nodes. Values of 4 axes are [N,C,H,W] there, all others as here. */
type Rule = (writer: OnnxWriter, application: Application) => void;

/** An op of one operator that reads x; its attributes follow from the application. */
const unary =
  (opType: string, attributes: (application: Application) => Attributes = () => ({})): Rule =>
  (writer, application) => {
    const { name, inputs, output } = application;
    writer.node(opType, name, [writer.value(inputs["x"]!)], writer.value(output), attributes(application));
  };

/** An op of one operator that joins a and b. */
const binary =
  (opType: string, attributes?: Attributes): Rule =>
  (writer, { name, inputs, output }) =>
    writer.node(
      opType,
      name,
      [writer.value(inputs["a"]!), writer.value(inputs["b"]!)],
      writer.value(output),
      attributes,
    );

const isExact = ({ attrs }: Application): boolean => (attrs as GeluAttrs).approximate === "none";

const composite =
  (choose: (application: Application) => keyof typeof composites): Rule =>
  (writer, application) => {
    const { name, inputs, output } = application;
    writer.composite(composites[choose(application)], {
      ...{ name, x: writer.value(inputs["x"]!), output: writer.value(output) },
      constant: (k, i) => `${name}/${k}.${i}`,
    });
  };

/** A window with explicit padding, since ONNX's `auto_pad` is deprecated; what has its default is left out. */
const windowAttributes = (x: Tensor, size: readonly [number, number], attrs: WindowAttrs) => {
  const { strides, dilationRate } = attrs;
  const isDilated = dilationRate?.some((rate) => rate > 1) ?? false;
  const pads = padsOf("export", x.shape, size, attrs);
  return { kernel_shape: size, strides, pads, ...(isDilated && { dilations: dilationRate! }) } as const;
};

/**
 * Throws `UNSUPPORTED` for averages of dilated windows, which opset 17 lacks, and for padding of the size of the windows or
 * more (SAME with dilation), which ONNX Runtime refuses.
 */
const pool = (opType: "MaxPool" | "AveragePool"): Rule =>
  unary(opType, ({ name, inputs, attrs }) => {
    const { poolSize, countIncludePad } = attrs as AveragePool2dAttrs;
    const attributes = windowAttributes(inputs["x"]!, poolSize, attrs as AveragePool2dAttrs);
    const refuse = (what: string) => {
      throw new InklingError(
        "UNSUPPORTED",
        `export to ONNX: ${name} pools with ${what}, which ONNX Runtime does not read; use a smaller one`,
      );
    };
    if (attributes.dilations && opType === "AveragePool") refuse("a dilation rate above 1");
    if (attributes.pads.some((pad, k) => pad >= poolSize[(k % 2) as 0 | 1])) refuse("padding as large as its windows");
    return { ...attributes, ...(countIncludePad && { count_include_pad: { i: 1 } }) };
  });

/** Convolutions and dense layers, with the bias that alone reads them where there is one. */
function contraction(writer: OnnxWriter, application: Application, biased?: Application): void {
  const { name, output } = biased ?? application;
  const isDense = isOf(application, "dense");
  const weights = isDense ? matrix(writer, application) : kernel(writer, application);
  const b = biased?.inputs["b"];
  const biases = b ? [writer.initializer(b.name, b.shape, writer.weight(b))] : [];
  const inputs = [writer.value(application.inputs["x"]!), weights, ...biases];
  writer.node(isDense ? "Gemm" : "Conv", name, inputs, writer.value(output), isDense ? {} : convolution(application));
}

function convolution({ inputs, attrs }: Application): Attributes {
  const [U, V] = inputs["w"]!.shape as readonly [number, number];
  const { groups = 1 } = attrs as Conv2dAttrs;
  return { ...windowAttributes(inputs["x"]!, [U, V], attrs as Conv2dAttrs), group: { i: groups } };
}

/** [U,V,I,O] as [O,I,U,V] */
function kernel(writer: OnnxWriter, { inputs }: Application): string {
  const w = inputs["w"]!;
  const [U, V, I, O] = w.shape as readonly [number, number, number, number];
  return writer.initializer(w.name, [O, I, U, V], kernelToOnnx(writer.weight(w), [U, V, I, O]));
}

/** [I,O], with its rows in the order of what it reads. */
function matrix(writer: OnnxWriter, { inputs }: Application): string {
  const [x, w] = [inputs["x"]!, inputs["w"]!];
  const values = writer.weight(w);
  const flattened = writer.producer(x, "flatten");
  if (!flattened || !isChannelsFirst(writer, flattened)) return writer.initializer(w.name, w.shape, values);
  const [, H, W, C] = flattened.inputs["x"]!.shape as readonly [number, number, number, number];
  return writer.initializer(w.name, w.shape, exchangeAxes(values, H * W, C, w.shape[1]!));
}

/** Whether the order of what a flatten gives may be that of [C,H,W]: dense layers alone read it. */
const isChannelsFirst = (writer: OnnxWriter, { output }: Application): boolean => {
  const readers = writer.readers(output);
  return readers.length > 0 && readers.every((reader) => isOf(reader, "dense"));
};

const flatten: Rule = (writer, application) => {
  const { name, inputs, output } = application;
  let x = writer.value(inputs["x"]!);
  if (inputs["x"]!.shape.length === 4 && !isChannelsFirst(writer, application)) {
    writer.node("Transpose", `${name}/transpose`, [x], `${name}/transposed`, { perm: [0, 2, 3, 1] });
    x = `${name}/transposed`;
  }
  writer.node("Flatten", name, [x], writer.value(output));
};

/** Bytes [N,H,W,C] as floats, normalized, and transposed to [N,C,H,W]. */
const normalize: Rule = (writer, { name, output, attrs }) => {
  const { mean, scale } = attrs as NormalizeAttrs;
  const constant = (part: string, value: PerChannel) =>
    typeof value === "number"
      ? writer.initializer(`${name}/${part}`, [], Float32Array.of(value))
      : writer.initializer(`${name}/${part}`, [value.length], Float32Array.from(value));
  writer.node("Cast", `${name}/cast`, ["image"], `${name}/float`, { to: { i: elementTypes.float } });
  writer.node("Sub", `${name}/subtract`, [`${name}/float`, constant("mean", mean)], `${name}/shifted`);
  writer.node("Div", `${name}/divide`, [`${name}/shifted`, constant("scale", scale)], `${name}/scaled`);
  writer.node("Transpose", name, [`${name}/scaled`], writer.value(output), { perm: [0, 3, 1, 2] });
};

/** Batch normalization that no layer before it could take in. */
const scaleShift: Rule = (writer, application) => {
  const { name, inputs, output } = application;
  const scale = writer.producer(inputs["s"]!, "runningScale");
  if (!scale) throw unsupported(application);
  const weights = ["gamma", "beta", "mean", "variance"].map((part) => {
    const tensor = scale.inputs[part]!;
    return writer.initializer(tensor.name, tensor.shape, writer.weight(tensor));
  });
  const { epsilon } = scale.attrs as { readonly epsilon: number };
  writer.node("BatchNormalization", name, [writer.value(inputs["x"]!), ...weights], writer.value(output), { epsilon });
};

const bias: Rule = (writer, application) => {
  const { name, inputs, output } = application;
  const before = writer.producer(inputs["x"]!, "conv2d") ?? writer.producer(inputs["x"]!, "dense");
  if (before && writer.isTakenIn(before)) return contraction(writer, before, application);
  const b = inputs["b"]!;
  const extents = output.shape.length === 4 ? [b.shape[0]!, 1, 1] : b.shape;
  const values = writer.initializer(b.name, extents, writer.weight(b));
  writer.node("Add", name, [writer.value(inputs["x"]!), values], writer.value(output));
};

const unlessTakenIn: Rule = (writer, application) => {
  if (!writer.isTakenIn(application)) contraction(writer, application);
};

/** ONNX divides alpha by the size of the window, which is odd, so that its middle is the same. */
const localResponseNormalization = unary("LRN", ({ attrs }) => {
  const { depthRadius, bias, alpha, beta } = attrs as LocalResponseNormalizationAttrs;
  const size = 2 * depthRadius + 1;
  return { size: { i: size }, alpha: alpha * size, beta, bias };
});

/** Adds an application to the graph. Throws `UNSUPPORTED` for an op that has no rule, such as an extension's. */
export function writeApplication(writer: OnnxWriter, application: Application): void {
  const name = application.op.name as keyof typeof ops;
  const rule = isOf(application, name) ? rules[name] : null;
  if (!rule) throw unsupported(application);
  rule(writer, application);
}

const unsupported = ({ op, name }: Application): InklingError =>
  new InklingError(
    "UNSUPPORTED",
    `export to ONNX: ${name} uses the op ${op.name}, which has no ONNX form; use built-in layers instead`,
  );

/** A rule for each op; `null` for those that the graph of an exported model does not have. */
const rules: Readonly<Record<keyof typeof ops, Rule | null>> = {
  add: binary("Add"),
  averagePool2d: pool("AveragePool"),
  batchScale: null,
  betaRatio: null,
  bias,
  calibrate: null,
  center: null,
  channelSums: null,
  concatenate: binary("Concat", { axis: { i: 1 } }),
  conv2d: unlessTakenIn,
  correct: null,
  dense: unlessTakenIn,
  dropout: null,
  flatten,
  gaussianNoise: null,
  gelu: composite((application) => (isExact(application) ? "exactGelu" : "gelu")),
  globalAveragePool2d: composite(() => "globalAveragePool2d"),
  hardSwish: unary("HardSwish"),
  leakyRelu: unary("LeakyRelu", ({ attrs }) => ({ alpha: (attrs as LeakyReluAttrs).negativeSlope })),
  localResponseNormalization,
  maxPool2d: pool("MaxPool"),
  mean: null,
  mix: null,
  normalize,
  randomAffine: null,
  randomColor: null,
  randomContrast: null,
  randomCrop: null,
  randomElastic: null,
  randomErasing: null,
  randomFlip: null,
  randomThickness: null,
  relu: unary("Relu"),
  runningScale: () => {}, // part of scaleShift
  scaleShift,
  sigmoid: unary("Sigmoid"),
  silu: composite(() => "silu"),
  softmax: unary("Softmax", () => ({ axis: { i: 1 } })),
  softmaxCrossEntropy: null,
  spatialDropout2d: null,
  tanh: unary("Tanh"),
  weigh: null,
  winogradInput: null,
  winogradKernel: null,
  winogradOutput: null,
  winogradProduct: null,
};
