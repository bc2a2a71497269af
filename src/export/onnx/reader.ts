import { InklingError } from "../../base/error.ts";
import { quotation, quoted } from "../../base/printable.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { shortDecimal } from "../../base/shortDecimal.ts";
import type { LayerConfig } from "../../layers/layer.ts";
import type { Model } from "../../model/model.ts";
import type { PerChannel } from "../../ops/normalize.ts";
import { type Composite, composites } from "./composites.ts";
import { elementTypes, type OnnxGraph, type OnnxNode, type OnnxTensor, OPSET } from "./messages.ts";
import { damaged } from "./protobuf.ts";

/** A value of the graph, by the layer that computes it. */
export interface Value {
  readonly layer: string;
  /** Without the batch: [H,W,C], which is [C,H,W] in the file, or [F]. */
  readonly shape: Shape;
  /** Whether the axes of an image have been brought from the file's order into that of a model. */
  readonly transposed?: true;
  /** The shape [H,W,C] of what was flattened, where the features are in the order of [C,H,W]. */
  readonly channelsFirst?: Shape;
}

/** A tensor of constants. */
export interface Constant {
  readonly dims: Shape;
  readonly values: Float32Array;
}

/** What reads an operator: it adds a layer for a node. */
export type NodeRule = (reader: OnnxReader, node: NodeReader) => void;

/** Attributes that change nothing where they have these values, as other tools write them. */
const neutral: Readonly<Record<string, (value: number | string | readonly number[]) => boolean>> = {
  storage_order: (value) => value === 0,
  training_mode: (value) => value === 0,
  transA: (value) => value === 0,
  // Of operator sets before 13:
  broadcast: (value) => value === 1,
  is_test: (value) => value === 1,
  spatial: (value) => value === 1,
  momentum: () => true,
};

/** A node, and what it reads, for the rule of its operator. Everything throws with the node's name. */
export class NodeReader {
  readonly node: OnnxNode;
  /** The operator set of the file. */
  readonly opset: number;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #constants: Constants;

  constructor(node: OnnxNode, opset: number, values: ReadonlyMap<string, Value>, constants: Constants) {
    this.node = node;
    this.opset = opset;
    this.#values = values;
    this.#constants = constants;
  }

  /** An error that names the node. */
  unsupported(what: string): InklingError {
    return new InklingError("UNSUPPORTED", `ONNX file: ${nameOf(this.node)}: ${what}`);
  }

  /** How many inputs the node has. */
  get inputs(): number {
    return this.node.input.length;
  }

  /** Checks how many inputs and outputs the node has. */
  expectInputs(least: number, most = least): void {
    if (this.inputs < least || this.inputs > most || this.node.output.length !== 1)
      throw this.unsupported(
        `has ${this.inputs} inputs and ${this.node.output.length} outputs, expected ${least === most ? least : `${least} to ${most}`} and 1`,
      );
  }

  /** A value that layers compute, in the order in which they do, unless `anyOrder`. */
  value(k: number, { anyOrder = false } = {}): Value {
    const name = this.node.input[k]!;
    const found = this.#values.get(name);
    if (!found) throw this.unsupported(`reads ${quoted(name)}, which no layer before it computes`);
    if (!anyOrder && (found.transposed || found.channelsFirst))
      throw this.unsupported(`reads ${quoted(name)}, whose elements are in an order that only a dense layer can read`);
    return found;
  }

  /** The constant of an input. */
  constant(k: number, rank: number): Constant {
    const found = this.#constants.get(this.node.input[k]!);
    if (!found) throw this.unsupported(`reads ${quoted(this.node.input[k])}, expected constants`);
    if (found.dims.length !== rank)
      throw this.unsupported(`${quoted(this.node.input[k])} has rank ${found.dims.length}, expected ${rank}`);
    return found;
  }

  /** Whether an input is a constant. */
  isConstant(k: number): boolean {
    return this.#constants.has(this.node.input[k]!);
  }

  /** A constant with a number for each of some channels, in any shape that is spread over them: [C], [1,C], [C,1,1], []. */
  spread(k: number, channels: number): Float32Array {
    const { dims, values } = this.#constants.get(this.node.input[k]!) ?? this.constant(k, 1);
    if (values.length === 1) return new Float32Array(channels).fill(values[0]!);
    if (values.length === channels && dims.filter((extent) => extent > 1).length <= 1) return values;
    throw this.unsupported(`input ${k} has the shape [${dims.join(", ")}], expected ${channels} values`);
  }

  /** The integers of a constant. */
  constantIntegers(k: number): readonly number[] {
    return this.#constants.integers(this.node.input[k]!) ?? this.constant(k, 1).dims;
  }

  /** The only value of a constant without axes. */
  scalar(k: number): number {
    return shortest(this.constant(k, 0).values[0]!);
  }

  /** A constant without axes, or one number for each channel. */
  perChannel(k: number): PerChannel {
    const isScalar = this.#constants.get(this.node.input[k]!)?.dims.length === 0;
    return isScalar ? this.scalar(k) : [...this.constant(k, 1).values].map(shortest);
  }

  integer(name: string, otherwise: number): number {
    return this.#attribute(name)?.i ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    const found = this.#attribute(name)?.f;
    return found === undefined ? otherwise : shortest(found);
  }

  text(name: string, otherwise: string): string {
    const found = this.#attribute(name)?.s;
    return found ? new TextDecoder().decode(found) : otherwise;
  }

  /** A list of `count` integers. */
  integers(name: string, count: number, otherwise?: readonly number[]): readonly number[] {
    const found = this.#attribute(name)?.ints ?? otherwise;
    if (found?.length === count) return found;
    throw this.unsupported(`${name} is ${quotation(found?.join(", ") ?? "missing")}, expected ${count} numbers`);
  }

  /** An axis of a value, which may be counted from the end; 0 is the batch. */
  axis(otherwise: number, { shape }: Value): number {
    const axis = this.integer("axis", otherwise);
    return axis < 0 ? axis + shape.length + 1 : axis;
  }

  /** A list of two integers, for rows and columns. */
  pair(name: string, otherwise?: readonly number[]): readonly [number, number] {
    const [rows, columns] = this.integers(name, 2, otherwise);
    return [rows!, columns!];
  }

  /** Throws for an attribute that the rule does not know. */
  expectAttributes(...known: readonly string[]): void {
    for (const { name = "", i, s, f, ints } of this.node.attribute) {
      if (known.includes(name)) continue;
      const value = s ? new TextDecoder().decode(s) : (i ?? f ?? ints);
      if (!Object.hasOwn(neutral, name) || !neutral[name]!(value))
        throw this.unsupported(`${quotation(name)} is ${quotation(String(value))}, which Inkling does not read`);
    }
  }

  #attribute(name: string) {
    return this.node.attribute.find((attribute) => attribute.name === name);
  }
}

export const nameOf = ({ name, opType, domain }: OnnxNode): string =>
  `node ${quoted(name ?? "")} (${quotation(`${domain ? `${domain}.` : ""}${opType ?? "no operator"}`)})`;

/** A number as a person may have written it, which the file has as a float32. */
const shortest = (value: number): number => shortDecimal(value, 8);

/** Weights may have twice as many values as the file, and this many more. */
const SHARED = 2 ** 20;

/** The constants of a graph, read when they are asked for. */
export class Constants {
  readonly #tensors: Map<string, OnnxTensor>;

  constructor(tensors: readonly OnnxTensor[]) {
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name ?? "", tensor]));
  }

  /** The number of values in the file. */
  get size(): number {
    const sizes = [...this.#tensors.values()].map(
      ({ rawData, floatData }) => floatData.length + (rawData?.length ?? 0) / 4,
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.#tensors.get(name);
  }

  set(name: string, tensor: OnnxTensor): void {
    this.#tensors.set(name, tensor);
  }

  /** A list of integers, if it is one. */
  integers(name: string): readonly number[] | undefined {
    const { dataType, rawData, int64Data = [] } = this.#tensors.get(name) ?? {};
    if (dataType !== elementTypes.int64) return undefined;
    if (!rawData) return int64Data;
    if (rawData.length % 8 !== 0) throw damaged(`${quoted(name)} has ${rawData.length} bytes, expected integers of 8`);
    return Array.from(new BigInt64Array(rawData.slice().buffer), Number);
  }

  /** Throws `INVALID_DATA` where its values do not fit its shape, `UNSUPPORTED` where they are not float32 or elsewhere. */
  get(name: string): Constant | undefined {
    const tensor = this.#tensors.get(name);
    if (!tensor) return undefined;
    const { dims, dataType, rawData, floatData, dataLocation } = tensor;
    if (dataLocation)
      throw new InklingError(
        "UNSUPPORTED",
        `ONNX file: ${quoted(name)} is in another file; save the model as one file`,
      );
    if (dataType !== elementTypes.float)
      throw new InklingError(
        "UNSUPPORTED",
        `ONNX file: ${quoted(name)} has element type ${dataType}, expected 1, float`,
      );
    const bytes = rawData ?? new Uint8Array(Float32Array.from(floatData).buffer);
    if (dims.some((extent) => extent < 1) || sizeOf(dims) * 4 !== bytes.length)
      throw damaged(`${quoted(name)} has ${bytes.length} bytes, expected ${quotation(dims.join("×"))} floats`);
    return { dims, values: new Float32Array(bytes.slice().buffer) };
  }
}

/** Collects the layers and weights of a model from the nodes of a graph. */
export class OnnxReader {
  readonly layers: Model["layers"][number][] = [];
  readonly weights = new Map<string, Float32Array>();
  readonly #values = new Map<string, Value>();
  /** The names of each value. */
  readonly #namesOf = new Map<Value, string[]>();
  readonly #constants: Constants;
  readonly #opset: number;
  #weightValues = 0;
  #mostValues: number | undefined;
  readonly #names = new Set(["input"]);
  /** How many nodes and outputs of the graph read each value. */
  readonly #reads = new Map<string, number>();

  constructor({ initializer, node, output }: OnnxGraph, opset = OPSET) {
    this.#opset = opset;
    this.#constants = new Constants(initializer);
    for (const name of [...node.flatMap(({ input }) => input), ...output.map(({ name = "" }) => name)])
      this.#reads.set(name, (this.#reads.get(name) ?? 0) + 1);
  }

  /** A node, for the rule of its operator. */
  open(node: OnnxNode): NodeReader {
    return new NodeReader(node, this.#opset, this.#values, this.#constants);
  }

  /** Takes the constants among nodes, wherever they stand, and gives the others, without further outputs that nothing reads. */
  takeConstants(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
    return nodes.flatMap((node) => {
      const [first, ...more] = node.output;
      const tensor = node.domain || first === undefined ? undefined : this.#constantOf(node);
      if (!tensor)
        return [more.some((name) => this.#reads.has(name)) ? node : { ...node, output: node.output.slice(0, 1) }];
      this.#constants.set(first!, tensor);
      return [];
    });
  }

  /** What a node gives, if that is constant: its own, or another one in another shape. */
  #constantOf({ opType, input, attribute }: OnnxNode): OnnxTensor | undefined {
    if (opType === "Constant") return attribute.find(({ name }) => name === "value")?.t;
    const tensor = opType === "Reshape" ? this.#constants.tensor(input[0] ?? "") : undefined;
    const shape = this.#constants.integers(input[1] ?? "");
    if (!tensor || !shape) return undefined;
    const extents = shape.map((extent, d) => (extent === 0 ? (tensor.dims[d] ?? 0) : extent));
    const rest = sizeOf(tensor.dims) / sizeOf(extents.filter((extent) => extent !== -1));
    return { ...tensor, dims: extents.map((extent) => (extent === -1 ? rest : extent)) };
  }

  /** What a name stands for, if a layer computes it. */
  value(name: string): Value | undefined {
    return this.#values.get(name);
  }

  /** Says what a value is. */
  declare(name: string, value: Value): void {
    this.#values.set(name, value);
    const names = this.#namesOf.get(value);
    if (names) names.push(name);
    else this.#namesOf.set(value, [name]);
  }

  /** Says what a node's output is. */
  define({ node }: NodeReader, value: Value): void {
    this.declare(node.output[0]!, value);
  }

  /** Sets a weight of a layer. Throws `UNSUPPORTED` where nodes share constants, so that a small file would become a large model. */
  setWeight(name: string, values: Float32Array): void {
    this.weights.set(name, values);
    this.#weightValues += values.length;
    this.#mostValues ??= 2 * this.#constants.size + SHARED;
    if (this.#weightValues > this.#mostValues)
      throw new InklingError(
        "UNSUPPORTED",
        `ONNX file: ${name} is one of many weights that share constants; give each its own`,
      );
  }

  /** Adds a bias to a value, in the layer that computes it, if it is the last one and has none. Returns whether it did. */
  addBias({ node }: NodeReader, value: Value, bias: Float32Array): boolean {
    const last = this.layers.at(-1);
    // Each further name of the value is that of a node that passes it on, which is no reader of its own.
    const names = this.#namesOf.get(value)!;
    const readers = names.reduce((sum, name) => sum + (this.#reads.get(name) ?? 0), 1 - names.length);
    if (last?.name !== value.layer || !("useBias" in last) || last.useBias || readers !== 1) return false;
    this.layers[this.layers.length - 1] = { ...last, useBias: true } as typeof last;
    this.setWeight(`${value.layer}.bias`, bias);
    this.declare(node.output[0]!, value);
    return true;
  }

  /** Adds a layer for a node, and gives the layer's name. */
  add(at: NodeReader, config: LayerConfig, inputs: readonly Value[], shape: Shape): string {
    const layer = this.#nameFor(at.node, config);
    const before = this.layers.at(-1)?.name ?? "input";
    const isImplied = inputs.length === 1 && inputs[0]!.layer === before;
    const { name: _, inputs: __, ...settings } = config;
    this.layers.push({ ...settings, name: layer, ...(!isImplied && { inputs: inputs.map((value) => value.layer) }) });
    this.define(at, { layer, shape });
    return layer;
  }

  /** The composite that begins with a node, if one does: the op's name, what it reads, and its last node. */
  composite(nodes: readonly OnnxNode[], at: number) {
    for (const name of Object.keys(composites) as (keyof typeof composites)[]) {
      const steps: Composite = composites[name];
      const found = nodes.slice(at, at + steps.length);
      if (this.#matches(steps, found))
        return { name, count: steps.length, x: found[0]!.input[0]!, last: found.at(-1)! };
    }
    return undefined;
  }

  #matches(steps: Composite, nodes: readonly OnnxNode[]): boolean {
    const x = nodes[0]?.input[0];
    return steps.every(({ opType, inputs }, k) => {
      const node = nodes[k];
      if (node?.opType !== opType || node.domain || node.attribute.length > 0) return false;
      if (node.input.length !== inputs.length || node.output.length !== 1) return false;
      return inputs.every((operand, i) => {
        const name = node.input[i]!;
        if (operand === "x") return name === x;
        if (typeof operand === "number") return name === nodes[operand]!.output[0];
        const constant = this.#constants.get(name);
        return constant?.dims.length === 0 && constant.values[0] === Math.fround(operand.constant);
      });
    });
  }

  /** The node's own name where a layer can have it, and no other layer has. */
  #nameFor({ name = "" }: OnnxNode, { type }: LayerConfig): string {
    const own = name.replaceAll(/[^\w-]/g, "_").slice(0, 100);
    const stem = /^[A-Za-z]/.test(own) ? own : type;
    let free = stem;
    for (let k = 2; this.#names.has(free); k++) free = `${stem}_${k}`;
    this.#names.add(free);
    return free;
  }
}
