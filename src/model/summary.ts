import { whole } from "../base/format.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import { formatTable } from "../base/table.ts";
import { bytesOf } from "../ir/view.ts";
import type { Tensor } from "../ops/graph.ts";
import type { WeightDecayMask } from "../optimizers/index.ts";
import { isDecayed } from "../optimizers/weightDecayMask.ts";
import { buildGraph, inferenceGraph, type LayeredNetwork, type LayersGraph } from "./build.ts";
import { multiplyAddsOf } from "./limits.ts";
import type { Model } from "./model.ts";

/** One row of a model's summary. */
export interface LayerSummary {
  readonly name: string;
  readonly type: string;
  /** The shape of the output for one image, without the batch axis. */
  readonly outputShape: Shape;
  readonly parameters: number;
  /** The number of parameters that weight decay applies to. */
  readonly decayed: number;
  /** Multiply-adds of the forward pass for one image; for Winograd's algorithm, those of the products, without the transforms. */
  readonly multiplyAdds: number;
  /** Bytes of activations for one image during training: outputs, and values saved for gradients. Fusion removes some of them. */
  readonly activationBytes: number;
}

/** A model's layers with their output shapes, parameters, multiply-adds and memory; `weightDecayMask` is the optimizer's. */
export const summarize = (model: Model, weightDecayMask: WeightDecayMask = "kernels"): readonly LayerSummary[] =>
  summaryOf(model, { inference: inferenceGraph(model), training: buildGraph(model, 1, true) }, weightDecayMask);

/** {@link summarize} for layers whose graphs are built, even if the last one computes no logits. */
export function summaryOf(
  model: LayeredNetwork,
  { inference, training: { graph: training } }: { readonly inference: LayersGraph; readonly training: LayersGraph },
  weightDecayMask: WeightDecayMask,
): readonly LayerSummary[] {
  const { graph, parameters, outputs } = inference;
  const names = ["input", ...model.layers.map(({ name }) => name)];
  const computed = byLayer(names, graph.applications);
  const trained = byLayer(
    names,
    parameters.map(({ tensor }) => tensor),
  );
  const kept = byLayer(names, training.applications);
  return [{ name: "input", type: "input" }, ...model.layers].map(({ name, type }) => {
    const own = trained.get(name)!;
    const values = kept.get(name)!.flatMap(({ writes }) => writes);
    return {
      name,
      type,
      outputShape: outputs.get(name)!.shape.slice(1),
      parameters: sizesOf(own),
      decayed: sizesOf(own.filter((t) => isDecayed(weightDecayMask, t))),
      multiplyAdds: sum(computed.get(name)!.map(multiplyAddsOf)),
      activationBytes: sum(values.filter((t) => t.of === "samples").map((t) => bytesOf[t.type] * sizeOf(t.shape))),
    };
  });
}

const sizesOf = (tensors: readonly Tensor[]): number => sum(tensors.map((t) => sizeOf(t.shape)));

/** What belongs to each layer: what has its name, or a name that begins with it and a dot. */
function byLayer<T extends { readonly name: string }>(
  layers: readonly string[],
  items: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map(layers.map((name): [string, T[]] => [name, []]));
  for (const item of items) {
    const parts = item.name.split(".");
    for (let length = 1; length <= parts.length; length++) groups.get(parts.slice(0, length).join("."))?.push(item);
  }
  return groups;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const numbers = ["parameters", "decayed", "multiplyAdds", "activationBytes"] as const;

/** Columns that are left out of a narrow table, one after another; the types of layers are in most of their names. */
const dispensable = ["Bytes an image", "Decayed", "Type", "Multiply-adds"];

/** The summary as a table in text: one line per layer, and totals. Columns that do not fit `width` are left out. Default: all. */
export function formatSummary(rows: readonly LayerSummary[], width = Infinity): string {
  const all = [
    ["Layer", "Type", "Output shape", "Parameters", "Decayed", "Multiply-adds", "Bytes an image"],
    ...rows.map((row) => [
      row.name,
      row.type,
      formatShape(row.outputShape),
      ...numbers.map((name) => whole(row[name])),
    ]),
    ["Total", "", "", ...numbers.map((name) => whole(sum(rows.map((row) => row[name]))))],
  ];
  const without = (left: number) => {
    const shown = all[0]!.flatMap((name, column) => (dispensable.slice(0, left).includes(name) ? [] : [column]));
    return formatTable(
      all.map((row) => shown.map((column) => row[column]!)),
      shown.map((column) => (column < 3 ? "left" : "right")),
    );
  };
  const tables = [...dispensable.keys(), dispensable.length].map(without);
  const lines = tables.find(([head]) => head!.length <= width) ?? tables.at(-1)!;
  const rule = "─".repeat(lines[0]!.length);
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].join("\n");
}
