import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { InitializerConfig } from "../layers/index.ts";
import { initialValues } from "../layers/initializers/registry.ts";
import type { LayerBuilder } from "../layers/layer.ts";
import { layerType } from "../layers/registry.ts";
import { betaRatio } from "../ops/betaRatio.ts";
import { Graph, type Node, type Tensor } from "../ops/graph.ts";
import { mix } from "../ops/mix.ts";
import { normalize } from "../ops/normalize.ts";
import { checkValues, ParameterCount } from "./limits.ts";
import { checkModel, inputsOf, type Model } from "./model.ts";

/** A trained tensor, and its initializer. */
interface Parameter {
  readonly tensor: Tensor;
  readonly initializer: InitializerConfig;
}

/** A tensor that persists but is not trained, such as a running mean, and its initializer. */
export type StateTensor = Parameter;

/** The part of a model that its layers are built from: without the classes. */
export type LayeredNetwork = Pick<Model, "input" | "preprocessing" | "layers">;

/** The graph of a sequence of layers, from images to the output of the last one. */
export interface LayersGraph {
  readonly graph: Graph;
  /** The batch's images [N,H,W,C] (u8). */
  readonly images: Tensor;
  /** With mixup: the images [N,H,W,C] (u8) to mix with, and the ratio [N] of each original image. */
  readonly mixing?: { readonly images: Tensor; readonly ratio: Tensor } | undefined;
  /** [N,…], the output of the last layer. */
  readonly output: Tensor;
  readonly parameters: readonly Parameter[];
  /** The parameters, then the states: everything that a trained model consists of. */
  readonly weights: readonly StateTensor[];
  /** Tensors that persist during training and are not part of the trained model. */
  readonly trainingStates: readonly Tensor[];
  /** Nodes that update states at the end of each training step. */
  readonly updates: readonly Node[];
  /** Each layer's output, by its name. */
  readonly outputs: ReadonlyMap<string, Tensor>;
}

/** A model's graph from images to logits. */
export interface ModelGraph extends LayersGraph {
  /** [N,K], the output of the last layer. */
  readonly logits: Tensor;
}

/** How a graph is built. */
export interface GraphOptions {
  /** Appended to the names of parameters, for a graph that reads other values than the trained ones. Default: empty. */
  readonly parameterSuffix?: string;
  /** Mixes each image with another one, at a ratio drawn from Beta(mixup, mixup). Default: 0, for no mixing. */
  readonly mixup?: number;
}

/** The graph of a model for batches of a given size; with `training`, dropout and augmentation are active. */
export function buildGraph(model: Model, batch: number, training: boolean, options: GraphOptions = {}): ModelGraph {
  checkModel(model);
  const built = buildLayers(model, batch, training, options);
  checkLogits(model, built.output);
  return { ...built, logits: built.output };
}

const inferenceGraphs = new WeakMap<Model, ModelGraph>();

/** The inference graph of a model for one image, with its shapes and weights. Built once per model. */
export function inferenceGraph(model: Model): ModelGraph {
  checkModel(model);
  const built = inferenceGraphs.get(model) ?? buildGraph(model, 1, false);
  inferenceGraphs.set(model, built);
  return built;
}

/** The graph of layers for batches of a given size, without the check that the last one computes logits. */
export function buildLayers(
  network: LayeredNetwork,
  batch: number,
  training: boolean,
  options: GraphOptions = {},
): LayersGraph {
  const { parameterSuffix = "", mixup = 0 } = options;
  const parts: Parts = {
    graph: new Graph(),
    parameters: [],
    states: [],
    trainingStates: [],
    updates: [],
    parameterSuffix,
    names: new Set(),
    count: new ParameterCount(),
  };
  const { graph } = parts;
  // Names of layers do not start with a dot, so these names cannot collide.
  const images: Tensor = { name: ".images", shape: [batch, ...network.input], type: "u8", of: "samples" };
  checkValues(images.shape, "samples");
  const { input, mixing } = inputOf(graph, images, network, mixup);
  const outputs = new Map([["input", input]]);
  const reads = inputsOf(network);
  let output = input;
  network.layers.forEach((layer, index) => {
    const builder = new Builder(parts, layer.name, index, training);
    const inputs = reads.get(layer.name)!.map((name) => findOutput(outputs, name, layer.name));
    const type = layerType(layer.type);
    if (type.arity !== "several" && inputs.length !== 1)
      throw new InklingError("INVALID_MODEL", `layer ${layer.name}: has ${inputs.length} inputs, expected 1`);
    output = inLayer(layer.name, () => type.build(builder, inputs as [Tensor, ...Tensor[]], layer));
    outputs.set(layer.name, output);
  });
  const { parameters, states, trainingStates, updates } = parts;
  const weights = [...parameters, ...states];
  return { graph, images, mixing, output, parameters, weights, trainingStates, updates, outputs };
}

/** The normalized images, mixed with others if alpha is not 0. */
function inputOf(graph: Graph, images: Tensor, { preprocessing }: LayeredNetwork, alpha: number) {
  if (alpha === 0) return { input: graph.apply("input", normalize, { x: images }, preprocessing) };
  const others: Tensor = { ...images, name: ".others.images" };
  const a = graph.apply(".own", normalize, { x: images }, preprocessing);
  const b = graph.apply(".others", normalize, { x: others }, preprocessing);
  const ratio = graph.apply(".ratio", betaRatio, { x: images }, { alpha });
  return { input: graph.apply("input", mix, { a, b, r: ratio }, {}), mixing: { images: others, ratio } };
}

/** The parts of the graph, which layers add to. */
interface Parts {
  readonly graph: Graph;
  readonly parameters: Parameter[];
  readonly states: StateTensor[];
  readonly trainingStates: Tensor[];
  readonly updates: Node[];
  readonly parameterSuffix: string;
  /** The names of what layers have added so far. */
  readonly names: Set<string>;
  readonly count: ParameterCount;
}

class Builder implements LayerBuilder {
  readonly training: boolean;
  readonly index: number;
  readonly #parts: Parts;
  readonly #name: string;

  constructor(parts: Parts, name: string, index: number, training: boolean) {
    this.#parts = parts;
    this.#name = name;
    this.index = index;
    this.training = training;
  }

  apply: LayerBuilder["apply"] = (op, inputs, attrs, part) => {
    const { graph } = this.#parts;
    const output = graph.apply(part === undefined ? this.#name : `${this.#name}.${part}`, op, inputs, attrs);
    for (const { name, shape, of } of graph.applications.at(-1)!.writes) {
      checkValues(shape, of);
      this.#claim(name);
    }
    return output;
  };

  parameter(name: string, shape: Shape, initializer: InitializerConfig): Tensor {
    const tensor = this.#tensor(name + this.#parts.parameterSuffix, shape);
    this.#parts.parameters.push({ tensor, initializer });
    return tensor;
  }

  state(name: string, shape: Shape, initializer: InitializerConfig): Tensor {
    const tensor = this.#tensor(name, shape);
    this.#parts.states.push({ tensor, initializer });
    return tensor;
  }

  trainingState(name: string, shape: Shape): Tensor {
    const tensor = this.#tensor(name, shape);
    this.#parts.trainingStates.push(tensor);
    return tensor;
  }

  update(node: Node): void {
    if (this.training) this.#parts.updates.push(node);
  }

  #tensor(name: string, shape: Shape): Tensor {
    this.#parts.count.add(shape);
    const tensor = { name: `${this.#name}.${name}`, shape, type: "f32", of: "batch" } as const;
    this.#claim(tensor.name);
    return tensor;
  }

  /** Throws where something else has the name already: the two would share memory. */
  #claim(name: string): void {
    const { names } = this.#parts;
    if (names.has(name))
      throw new InklingError(
        "INVALID_MODEL",
        `two of its values are named ${name}; a layer names each of its weights, and each of its ops but the last: apply(op, inputs, attrs, "part")`,
      );
    names.add(name);
  }
}

function findOutput(outputs: ReadonlyMap<string, Tensor>, name: string, layer: string): Tensor {
  const found = outputs.get(name);
  if (found) return found;
  const known = [...outputs.keys()].join(", ");
  throw new InklingError(
    "INVALID_MODEL",
    `layer ${layer}: reads ${quoted(name)}, which does not precede it; the layers before it are ${known}`,
  );
}

/** Adds the name of the layer to errors. */
function inLayer<T>(name: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    throw new InklingError(error.code, `layer ${name}: ${error.message}`, { cause: error });
  }
}

function checkLogits({ layers, classes }: Model, { shape }: Tensor): void {
  if (shape.length === 2 && shape[1] === classes.length) return;
  const last = layers.at(-1)!.name;
  const [got, expected] = [shape, [shape[0]!, classes.length]].map(formatShape);
  throw new InklingError(
    "INVALID_MODEL",
    `the last layer, ${last}, has an output of shape ${got}, expected ${expected}: one logit per class`,
  );
}

/** The initial values of all weights, by name, which depend on the seed alone. */
export const initialWeights = (weights: readonly StateTensor[], seed: number): Map<string, Float32Array> =>
  new Map(
    weights.map(({ tensor, initializer }, stream) => [
      tensor.name,
      initialValues(initializer, tensor.shape, seed, stream),
    ]),
  );
