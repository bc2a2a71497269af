import type { Shape } from "../../base/shape.ts";
import type { Application, Tensor } from "../../ops/graph.ts";
import { ops } from "../../ops/index.ts";
import type { Op } from "../../ops/op.ts";
import type { Exportable } from "../exportable.ts";
import type { Composite } from "./composites.ts";
import {
  type Attributes,
  attributeTypes,
  elementTypes,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
} from "./messages.ts";

/** Whether an application is of the built-in op with a name, which may also be that of another op. */
export const isOf = ({ op }: Application, name: keyof typeof ops): boolean => op === (ops[name] as unknown as Op);

/** What a composite reads and writes, and the names of its last node and of the constant that input i of step k reads. */
interface CompositeNames {
  readonly name: string;
  readonly x: string;
  readonly output: string;
  readonly constant: (k: number, i: number) => string;
}

/** Collects the nodes and initializers of a graph, as the rules for its ops write them. */
export class OnnxWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly #exported: Exportable;
  readonly #producers: ReadonlyMap<Tensor, Application>;

  constructor(exported: Exportable) {
    this.#exported = exported;
    this.#producers = new Map(exported.graph.graph.applications.map((a) => [a.output, a]));
  }

  /** The name of a tensor's value; names of layers have no slashes, so it is unique. */
  value(tensor: Tensor): string {
    return tensor === this.#exported.graph.logits ? "logits" : `${tensor.name}/y`;
  }

  /** What writes a tensor, if it is an application of the given op. */
  producer(tensor: Tensor, op: keyof typeof ops): Application | undefined {
    const found = this.#producers.get(tensor);
    return found && isOf(found, op) ? found : undefined;
  }

  /** What reads a tensor; the logits are read by whoever runs the model, too. */
  readers(tensor: Tensor): readonly Application[] {
    return this.#exported.graph.graph.applications.filter(({ inputs }) => Object.values(inputs).includes(tensor));
  }

  /** Whether what an application computes is part of the bias that alone reads it. */
  isTakenIn(application: Application): boolean {
    const [reader, ...others] = this.readers(application.output);
    if (!reader || others.length > 0 || !isOf(reader, "bias")) return false;
    return isOf(application, "conv2d") || isOf(application, "dense");
  }

  /** The values of a weight. */
  weight(tensor: Tensor): Float32Array {
    return this.#exported.weights.get(tensor.name)!;
  }

  /** Adds a tensor of constants, and gives its name. */
  initializer(name: string, dims: Shape, values: Float32Array): string {
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const rest = { floatData: [], int64Data: [], dataLocation: undefined };
    this.initializers.push({ name, dims, dataType: elementTypes.float, rawData, ...rest });
    return name;
  }

  /** Adds a node of one output. */
  node(opType: string, name: string, inputs: readonly string[], output: string, attributes: Attributes = {}): void {
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    this.nodes.push({ opType, name, input: inputs, output: [output], attribute, domain: undefined });
  }

  /** Adds the nodes of a composite that reads the value `x` and writes `output`. */
  composite(steps: Composite, { name, x, output, constant }: CompositeNames): void {
    const last = steps.length - 1;
    const outputs = steps.map((_, k) => (k === last ? output : `${name}/${k}`));
    for (const [k, { opType, inputs, attributes }] of steps.entries()) {
      const values = inputs.map((operand, i) => {
        if (operand === "x") return x;
        if (typeof operand === "number") return outputs[operand]!;
        return this.initializer(constant(k, i), [], Float32Array.of(operand.constant));
      });
      this.node(opType, k === last ? name : `${name}/${k}`, values, outputs[k]!, attributes);
    }
  }
}

function attributeOf(name: string, value: Attributes[string]): OnnxAttribute {
  const none = { f: undefined, i: undefined, s: undefined, t: undefined, ints: [] };
  if (typeof value === "number") return { ...none, name, f: value, type: attributeTypes.float };
  if ("i" in value) return { ...none, name, i: value.i, type: attributeTypes.integer };
  return { ...none, name, ints: value, type: attributeTypes.integers };
}
