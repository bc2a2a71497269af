import * as v from "valibot";
import type { Shape } from "../base/shape.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import type { Op } from "../ops/op.ts";
import type { ChannelScale, LayerWeights } from "./channelScale.ts";
import type { InitializerConfig } from "./initializers/initializer.ts";

/** A layer as plain data: its `type`, settings, and where it stands in the network. */
export interface LayerConfig {
  readonly type: string;
  /** By default its type and number, such as conv2d_1. */
  readonly name?: string | undefined;
  /** Names of the layers it reads, or "input"; by default the layer before it. */
  readonly inputs?: readonly string[] | undefined;
}

/** The settings that every layer has. */
export interface LayerOptions {
  readonly name?: string;
  readonly inputs?: readonly string[];
}

/** What a layer builds its part of the graph with. */
export interface LayerBuilder {
  /** Whether the graph is for training, where dropout drops. */
  readonly training: boolean;
  /** The layer's number in the network, so that random layers share no draws. */
  readonly index: number;
  /** Applies an op; a layer of several ops names each of them but the last. */
  apply<I extends string, A, S extends string, T extends string>(
    op: Op<I, A, S, T>,
    inputs: Readonly<Record<I, Tensor>>,
    attrs: A,
    part?: string,
  ): Tensor;
  /** A trained tensor, named after the layer. By default weight decay applies to those of two axes or more, the kernels. */
  parameter(name: string, shape: Shape, initializer: InitializerConfig): Tensor;
  /** A tensor that lasts from step to step without being trained, such as a running mean. */
  state(name: string, shape: Shape, initializer: InitializerConfig): Tensor;
  /** A node that writes states in place, at the end of each step of training. */
  update(node: Node): void;
}

/** A layer is a record in one file: its settings with defaults and checks, and the ops it stands for. */
export interface LayerType<C extends LayerConfig = LayerConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** How many tensors it reads: 1 by default. */
  readonly arity?: "several";
  /** Adds its ops to a graph, and gives their output. */
  build(builder: LayerBuilder, inputs: readonly [Tensor, ...Tensor[]], config: C): Tensor;
  /** Of a layer that, when testing, only scales and shifts its input's channels: by how much. */
  channelScale?(config: C, weights: LayerWeights): ChannelScale;
  /** Of a layer that can use Winograd's algorithm: its settings with it, where it pays for an input of that shape. */
  withWinograd?(config: C, input: Shape): C;
  /** Of a layer that can take in a scale and a shift of its output: the layer that does. */
  takeInScale?(
    config: C,
    weights: LayerWeights,
    scale: ChannelScale,
  ): { readonly config: C; readonly weights: LayerWeights };
}

const layerName = v.pipe(
  v.string("a name of letters, digits, _ and -"),
  v.regex(/^[A-Za-z][\w-]*$/, "a name of letters, digits, _ and -, beginning with a letter"),
);

/** The schema of a layer: its own settings, `name` and `inputs`. */
export const layerSchema = <const T extends string, E extends v.ObjectEntries>(type: T, entries: E) =>
  v.strictObject({
    type: v.literal(type),
    ...entries,
    name: v.optional(layerName),
    inputs: v.optional(
      v.pipe(v.array(v.string("a layer's name"), "a list of layers' names"), v.minLength(1, "at least one name")),
    ),
  });

/** A layer's record as it is; TypeScript infers its settings from the schema, and checks the rest against them. */
export const defineLayer = <C extends LayerConfig>(layer: LayerType<C>): LayerType<C> => layer;
