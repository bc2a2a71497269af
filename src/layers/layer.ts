import * as v from "valibot";
import type { Shape } from "../base/shape.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import type { Op } from "../ops/op.ts";
import type { ChannelScale, LayerWeights } from "./channelScale.ts";
import type { InitializerConfig } from "./initializers/initializer.ts";

/** A layer as plain data: its `type`, its settings, and its place in the network. */
export interface LayerConfig {
  readonly type: string;
  /** Default: its type and a number, such as conv2d_1. */
  readonly name?: string | undefined;
  /** The names of the layers that it reads, or "input". Default: the layer before it. */
  readonly inputs?: readonly string[] | undefined;
}

/** The settings that every layer has. */
export interface LayerOptions {
  /** Default: its type and a number, such as conv2d_1. */
  readonly name?: string;
  /** The names of the layers that it reads, or "input". Default: the layer before it. */
  readonly inputs?: readonly string[];
}

/** What a layer uses to build its part of the graph. */
export interface LayerBuilder {
  /** Whether the graph is for training, so that dropout is active. */
  readonly training: boolean;
  /** The layer's index in the network, by which random layers draw different numbers. */
  readonly index: number;
  /** Applies an op. A layer of several ops names all but the last, by `part`. Throws `INVALID_MODEL` if a name is taken. */
  apply<I extends string, A, S extends string, T extends string>(
    op: Op<I, A, S, T>,
    inputs: Readonly<Record<I, Tensor>>,
    attrs: A,
    part?: string,
  ): Tensor;
  /** A trained tensor; its name is prefixed by the layer's. By default, weight decay applies to those of two or more axes. */
  parameter(name: string, shape: Shape, initializer: InitializerConfig): Tensor;
  /** A tensor that persists from step to step without being trained, such as a running mean. */
  state(name: string, shape: Shape, initializer: InitializerConfig): Tensor;
  /**
   * A tensor that persists during training but is not part of the trained model, such as an estimate of a mean that
   * keeps sums small. A trial run of the first batch gives its initial value, from zeros.
   */
  trainingState(name: string, shape: Shape): Tensor;
  /** Adds a node that updates states in place at the end of each training step. */
  update(node: Node): void;
}

/** A type of layer: its settings with their defaults and checks, and the ops it stands for. */
export interface LayerType<C extends LayerConfig = LayerConfig> {
  readonly type: C["type"];
  readonly schema: v.GenericSchema<unknown, C>;
  /** Usual values of the settings that have no default, for an editor to begin with. Default: all settings have one. */
  readonly usual?: Readonly<Record<string, unknown>>;
  /** Set if it reads several tensors. Default: one. */
  readonly arity?: "several";
  /** Adds its ops to a graph and returns their output. */
  build(builder: LayerBuilder, inputs: readonly [Tensor, ...Tensor[]], config: C): Tensor;
  /** For a layer that only scales and shifts the channels of its input at inference: the scale and the shift. */
  channelScale?(config: C, weights: LayerWeights): ChannelScale;
  /** For a layer that can use Winograd's algorithm: its settings with it, if that pays off for the input shape. */
  withWinograd?(config: C, input: Shape): C;
  /** For such a layer: its settings without it. */
  withoutWinograd?(config: C): C;
  /** For a layer that can absorb a scale and a shift of its output: its settings and weights with both folded in. */
  foldScale?(
    config: C,
    weights: LayerWeights,
    scale: ChannelScale,
  ): { readonly config: C; readonly weights: LayerWeights };
}

const layerName: v.GenericSchema<string> = v.pipe(
  v.string("a name of letters, digits, _ and -"),
  v.regex(/^[A-Za-z][\w-]*$/, "a name of letters, digits, _ and -, beginning with a letter"),
);

/** The schema of a layer, from its own settings; `name` and `inputs` are added. */
export const layerSchema = <const T extends string, E extends v.ObjectEntries>(type: T, entries: E) =>
  v.strictObject({
    type: v.literal(type),
    ...entries,
    name: v.optional(layerName),
    inputs: v.optional(
      v.pipe(v.array(v.string("a layer's name"), "a list of layers' names"), v.minLength(1, "at least one name")),
    ),
  });

/** Returns the layer unchanged; TypeScript infers its settings from the schema and checks the rest against them. */
export const defineLayer = <C extends LayerConfig>(layer: LayerType<C>): LayerType<C> => layer;
