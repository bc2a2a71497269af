import { formatShape } from "../base/shape.ts";
import { inputsOf, type Model } from "../model/model.ts";
import { type LayerSummary, summarize } from "../model/summary.ts";

const WIDTH = 210;
const HEIGHT = 44;
const GAP = 26;

interface Placed {
  readonly row: LayerSummary;
  /** The length of the longest path from the input, and the position among layers of the same depth. */
  readonly depth: number;
  readonly column: number;
}

/** A model's graph as SVG: a box for each layer, below all its inputs. */
export function drawModel(model: Model): string {
  const reads = inputsOf(model);
  const placed = place(summarize(model), reads);
  const columns = 1 + Math.max(...[...placed.values()].map((p) => p.column));
  const rows = 1 + Math.max(...[...placed.values()].map((p) => p.depth));
  const inDepth = (depth: number) => [...placed.values()].filter((p) => p.depth === depth).length;
  const width = columns * (WIDTH + GAP) + GAP;
  const x = ({ depth, column }: Placed) => (width - inDepth(depth) * (WIDTH + GAP) + GAP) / 2 + column * (WIDTH + GAP);
  const y = ({ depth }: Placed) => GAP + depth * (HEIGHT + GAP);
  const lines = [...placed].flatMap(([name, to]) =>
    (reads.get(name) ?? []).map((input) => {
      const from = placed.get(input)!;
      const [x1, y1, x2, y2] = [x(from) + WIDTH / 2, y(from) + HEIGHT, x(to) + WIDTH / 2, y(to)];
      return `<path d="M${x1} ${y1}C${x1} ${y1 + GAP} ${x2} ${y2 - GAP} ${x2} ${y2}" fill="none" stroke="#7a8599" stroke-width="1.5"/>`;
    }),
  );
  const boxes = [...placed.values()].map((p) => box(p.row, x(p), y(p)));
  const height = rows * (HEIGHT + GAP) + GAP;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${[...lines, ...boxes].join("\n")}
</svg>
`;
}

/** Class and layer names cannot contain markup, but a drawing should not rely on that. */
const escapeText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function box({ name, outputShape, parameters }: LayerSummary, x: number, y: number): string {
  const below = `${formatShape(outputShape)}${parameters > 0 ? `  ${parameters.toLocaleString("en-US")} parameters` : ""}`;
  const fill = parameters > 0 ? "#dce9fb" : "#f1f3f7";
  return `<g transform="translate(${x} ${y})"><rect width="${WIDTH}" height="${HEIGHT}" rx="6" fill="${fill}" stroke="#7a8599"/><text x="${WIDTH / 2}" y="18" text-anchor="middle" font-weight="bold">${escapeText(name)}</text><text x="${WIDTH / 2}" y="34" text-anchor="middle" fill="#444">${escapeText(below)}</text></g>`;
}

function place(rows: readonly LayerSummary[], reads: ReadonlyMap<string, readonly string[]>): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  const used = new Map<number, number>();
  for (const row of rows) {
    const depth = Math.max(-1, ...(reads.get(row.name) ?? []).map((name) => placed.get(name)!.depth)) + 1;
    const column = used.get(depth) ?? 0;
    used.set(depth, column + 1);
    placed.set(row.name, { row, depth, column });
  }
  return placed;
}
