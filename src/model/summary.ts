import { indexValue, integer } from "../ir/build.ts";
import { multiplyAdds } from "../ir/contraction.ts";
import { memory } from "../ir/view.ts";
import type { Application, Tensor } from "../ops/graph.ts";
import { formatShape, type Shape, sizeOf } from "../tensor/shape.ts";
import { buildGraph } from "./build.ts";
import type { Model } from "./model.ts";

/** One line of a model's table. */
export interface LayerSummary {
  readonly name: string;
  readonly type: string;
  /** Of one image, without the batch axis. */
  readonly outputShape: Shape;
  readonly parameters: number;
  /** Multiply-adds of the forward pass for one image. */
  readonly multiplyAdds: number;
}

/** A model's layers with their output shapes, parameters and multiply-adds. */
export function summarize(model: Model): readonly LayerSummary[] {
  const { graph, parameters, outputs } = buildGraph(model, 1, false);
  const belongsTo = (layer: string) => (name: string) => name === layer || name.startsWith(`${layer}.`);
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return [{ name: "input", type: "input" }, ...model.layers].map(({ name, type }) => {
    const isOurs = belongsTo(name);
    const ours = name === "input" ? [] : graph.applications.filter((a) => isOurs(a.name));
    return {
      name,
      type,
      outputShape: outputs.get(name)!.shape.slice(1),
      parameters: sum(parameters.filter((p) => isOurs(p.tensor.name)).map((p) => sizeOf(p.tensor.shape))),
      multiplyAdds: sum(ours.map(termsOf)),
    };
  });
}

function termsOf(application: Application): number {
  const view = (t: Tensor) => memory(t.name, t.shape, t.type);
  const nests = application.nests(view, { seed: integer(0), step: integer(0), sample: indexValue });
  return nests.reduce((sum, nest) => sum + (nest.kind === "contraction" ? multiplyAdds(nest) : 0), 0);
}

/** The table as text, one line a layer, and the totals. */
export function formatSummary(rows: readonly LayerSummary[]): string {
  const total = (of: (row: LayerSummary) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0).toLocaleString("en-US");
  const cells = [
    ["Layer", "Type", "Output shape", "Parameters", "Multiply-adds"],
    ...rows.map((row) => [
      row.name,
      row.type,
      formatShape(row.outputShape),
      row.parameters.toLocaleString("en-US"),
      row.multiplyAdds.toLocaleString("en-US"),
    ]),
    ["Total", "", "", total((row) => row.parameters), total((row) => row.multiplyAdds)],
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((a, b) => a + b + 2, -2));
  const lines = cells.map(line);
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].join("\n");
}
