import { whole } from "../base/format.ts";
import { formatShape, type Shape, sizeOf } from "../base/shape.ts";
import { formatTable } from "../base/table.ts";
import { indexValue, integer } from "../ir/build.ts";
import { multiplyAdds } from "../ir/contraction.ts";
import { bytesOf, memory } from "../ir/view.ts";
import type { Application, Tensor } from "../ops/graph.ts";
import type { WeightDecayMask } from "../optimizers/index.ts";
import { isDecayed } from "../optimizers/weightDecayMask.ts";
import { buildGraph, inferenceGraph } from "./build.ts";
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
export function summarize(model: Model, weightDecayMask: WeightDecayMask = "kernels"): readonly LayerSummary[] {
  const { graph, parameters, outputs } = inferenceGraph(model);
  const training = buildGraph(model, 1, true).graph;
  const sizesOf = (tensors: readonly Tensor[]) => sum(tensors.map((t) => sizeOf(t.shape)));
  const belongsTo = (layer: string) => (name: string) => name === layer || name.startsWith(`${layer}.`);
  return [{ name: "input", type: "input" }, ...model.layers].map(({ name, type }) => {
    const isOurs = belongsTo(name);
    const ours = graph.applications.filter((a) => isOurs(a.name));
    const own = parameters.map((p) => p.tensor).filter((t) => isOurs(t.name));
    const values = training.applications.filter((a) => isOurs(a.name)).flatMap((a) => a.writes);
    return {
      name,
      type,
      outputShape: outputs.get(name)!.shape.slice(1),
      parameters: sizesOf(own),
      decayed: sizesOf(own.filter((t) => isDecayed(weightDecayMask, t))),
      multiplyAdds: sum(ours.map(termsOf)),
      activationBytes: sum(values.filter((t) => t.of === "samples").map((t) => bytesOf[t.type] * sizeOf(t.shape))),
    };
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function termsOf(application: Application): number {
  const view = (t: Tensor) => memory(t.name, t.shape, t.type);
  const nests = application.nests(view, { seed: integer(0), step: integer(0), sample: indexValue });
  return nests.reduce((sum, nest) => sum + (nest.kind === "contraction" ? multiplyAdds(nest) : 0), 0);
}

const numbers = ["parameters", "decayed", "multiplyAdds", "activationBytes"] as const;

/** The summary as a table in text: one line per layer, and totals. */
export function formatSummary(rows: readonly LayerSummary[]): string {
  const cells = [
    ["Layer", "Type", "Output shape", "Parameters", "Decayed", "Multiply-adds", "Bytes an image"],
    ...rows.map((row) => [
      row.name,
      row.type,
      formatShape(row.outputShape),
      ...numbers.map((name) => whole(row[name])),
    ]),
    ["Total", "", "", ...numbers.map((name) => whole(sum(rows.map((row) => row[name]))))],
  ];
  const lines = formatTable(
    cells,
    cells[0]!.map((_, column) => (column < 3 ? "left" : "right")),
  );
  const rule = "─".repeat(lines[0]!.length);
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].join("\n");
}
