import { InklingError } from "../../base/error.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import type { LayerConfig } from "../../layers/layer.ts";
import type { Model } from "../../model/model.ts";
import { type Composite, composites } from "./composites.ts";
import { Constants } from "./constants.ts";
import { type OnnxGraph, type OnnxNode, type OnnxTensor, OPSET } from "./messages.ts";
import { NodeReader, type Value } from "./nodeReader.ts";

/** What reads an operator: it adds a layer for a node. */
export type NodeRule = (reader: OnnxReader, node: NodeReader) => void;

/** Weights may have twice as many values as the file, and this many more. */
const SHARED = 2 ** 20;

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
    // Each further name of the value is that of a node that passes it on, which does not count as a reader.
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
