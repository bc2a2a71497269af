import * as v from "valibot";
import { belowOne, count, finite, parseConfig, positive } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import type { LayerConfig } from "../layers/index.ts";
import { parseLayer } from "../layers/registry.ts";
import { inferenceGraph } from "./build.ts";
import { checkCount, checkWork } from "./limits.ts";
import { defaultPreprocessing, inputsOf, type Model, type Preprocessing } from "./model.ts";

const classNames = v.pipe(
  v.array(v.string("a name"), "a list of class names"),
  v.minLength(2, "at least two classes"),
  v.check((names) => new Set(names).size === names.length, "distinct names"),
);
/** A number, or a list of them. */
const perChannel = (number: v.GenericSchema<number>) =>
  v.union([number, v.pipe(v.array(number), v.readonly())], "a number, or one for each channel");
const modelSchema = v.strictObject({
  formatVersion: v.literal(1, "1; a later version of Inkling wrote this model, so update Inkling"),
  input: v.strictTuple([count, count, count], "[height, width, channels]"),
  preprocessing: v.optional(
    v.strictObject({ mean: perChannel(finite), scale: perChannel(positive) }),
    defaultPreprocessing,
  ),
  classes: classNames,
  labelSmoothing: v.optional(belowOne, 0),
  layers: v.pipe(
    v.array(v.looseObject({ type: v.string("a layer's type") }), "a list of layers"),
    v.minLength(1, "at least one layer"),
  ),
});

/** The images and classes that a network is for. */
export interface NetworkSpec {
  readonly input: readonly [height: number, width: number, channels: number];
  readonly classes: readonly string[];
  readonly preprocessing?: Preprocessing;
  /** The part of each label that the training loss spreads evenly over all classes, as Keras' `label_smoothing`. Default: 0. */
  readonly labelSmoothing?: number;
}

/**
 * A network of layers. Each reads the one before it, or those that it names in `inputs` ("input" is the image). The
 * last layer computes one logit per class, and every other one is read. Throws `INVALID_MODEL`, `INVALID_SHAPE` or
 * `INVALID_ARGUMENT` with the layer, the quantity, its value and what was expected.
 */
export function network(spec: NetworkSpec, layers: readonly (LayerConfig | readonly LayerConfig[])[]): Model {
  const model = parseModel({ formatVersion: 1, ...spec, layers: Array.isArray(layers) ? layers.flat() : layers });
  const read = new Set([...inputsOf(model).values()].flat());
  const unread = model.layers.slice(0, -1).find(({ name }) => !read.has(name));
  if (unread)
    throw new InklingError(
      "INVALID_MODEL",
      `layer ${unread.name}: no layer reads it, so it would be computed for nothing; name it in the inputs of one, or leave it out`,
    );
  return model;
}

/**
 * Parses a model from JSON. Throws as {@link network} does, but not for a layer that no other reads: models of earlier versions
 * may have some.
 */
export function parseModel(json: unknown): Model {
  checkCounts(json);
  const written = parseConfig(modelSchema, json, "model", "INVALID_MODEL");
  const model: Model = { ...written, layers: parseLayers(written.layers) };
  checkWork(inferenceGraph(model).graph.applications); // which checks every shape
  return model;
}

/** Throws `INVALID_MODEL` for too many layers or classes, before any of them is looked at. */
function checkCounts(json: unknown): void {
  const { layers, classes } = (json ?? {}) as { readonly layers?: unknown; readonly classes?: unknown };
  if (Array.isArray(layers)) checkCount("layers", layers.length);
  if (Array.isArray(classes)) checkCount("classes", classes.length);
}

/** Parses layers and gives each a name: its own, or its type and a number. Throws `INVALID_MODEL`. */
export function parseLayers(written: readonly { readonly type: string }[]): Model["layers"] {
  const numbers = new Map<string, number>();
  const layers = written.map((layer, k) => {
    const number = (numbers.get(layer.type) ?? 0) + 1;
    numbers.set(layer.type, number);
    const parsed = parseLayer(layer, `layer ${k + 1} (${layer.type})`);
    const { inputs, name = `${layer.type}_${number}`, ...settings } = parsed;
    return { ...settings, name, ...(inputs && { inputs }) }; // in this order, so that equal models are equal as JSON
  });
  const names = new Set<string>();
  const repeated = layers.find(({ name }) => names.has(name) || !names.add(name));
  if (layers.some((layer) => layer.name === "input"))
    throw new InklingError(
      "INVALID_MODEL",
      'a layer is named "input", which is reserved for the image; choose another name',
    );
  if (repeated) throw new InklingError("INVALID_MODEL", `two layers are named ${repeated.name}; names must differ`);
  return layers;
}
