import { InklingError } from "../../base/error.ts";
import { quotation, quoted } from "../../base/printable.ts";
import type { Shape } from "../../base/shape.ts";
import { shortDecimal } from "../../base/shortDecimal.ts";
import type { PerChannel } from "../../ops/normalize.ts";
import type { Constant, Constants } from "./constants.ts";
import type { OnnxNode } from "./messages.ts";

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

  /** A value [H,W,C]. */
  image(k: number): Value & { readonly shape: readonly [number, number, number] } {
    const x = this.value(k);
    if (x.shape.length !== 3) throw this.unsupported(`reads a value of rank ${x.shape.length + 1}, expected 4`);
    return x as Value & { readonly shape: readonly [number, number, number] };
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

/** A node for messages: by its name or, since that is optional, by its first output. */
export const nameOf = ({ name, output: [first], opType, domain }: OnnxNode): string => {
  const which = name ? quoted(name) : `with output ${quoted(first ?? "")}`;
  return `node ${which} (${quotation(`${domain ? `${domain}.` : ""}${opType ?? "no operator"}`)})`;
};

/** A number as a person may have written it, which the file has as a float32. */
const shortest = (value: number): number => shortDecimal(value, 8);
