import { whole } from "../base/format.ts";
import { printable } from "../base/printable.ts";
import { sizeOf } from "../base/shape.ts";
import { clipped } from "../base/table.ts";
import { checkModel, inputsOf, type Model } from "../model/model.ts";
import { type LayerSummary, summarize } from "../model/summary.ts";
import { type Layout, layeredLayout, type Placed, type Route } from "./layeredLayout.ts";
import { drawing, type Kind } from "./style/drawing.ts";

const WIDTH = 210;
const HEIGHT = 50;
/** The width of a line that passes between boxes, the gap between both, and the one between levels. */
const LANE = 8;
const GAP = 22;
const RISE = 34;
const MARGIN = 24;
/** The distance of arrowheads on one box. */
const APART = 16;
/** The characters that fit a box, of the title and of the lines below it. */
const TITLE = 24;
const LINE = 36;

/**
 * A model's graph as SVG, light or dark as the page is: a box for each layer with its type, name, output shape and
 * parameters, below all its inputs, and an arrow for each input. Connections that skip layers go around their boxes.
 */
export function drawModel(model: Model): string {
  checkModel(model);
  const inputs = inputsOf(model);
  const layout = layeredLayout(new Map([["input", []], ...inputs]), { node: WIDTH, lane: LANE, gap: GAP });
  const width = Math.ceil(layout.width + 2 * MARGIN);
  const height = layout.levels * (HEIGHT + RISE) - RISE + 2 * MARGIN;
  const rows = new Map(summarize(model).map((row) => [row.name, row]));
  const boxes = [...rows.values()].map((row) => {
    const above = (inputs.get(row.name) ?? []).map((name) => rows.get(name)!);
    return drawBox(row, layout.nodes.get(row.name)!, kindOf(row, above));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui,sans-serif" font-size="11">
<style>${drawing}</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>
<rect class="page" width="100%" height="100%"/>
${[...drawRoutes(layout), ...boxes].join("\n")}
</svg>
`;
}

const top = ({ level }: Placed): number => MARGIN + level * (HEIGHT + RISE);
const center = ({ x }: Placed): number => MARGIN + x;

/** Lines with arrowheads, which end beside each other where a box has several inputs. */
function drawRoutes({ nodes, routes }: Layout): readonly string[] {
  const lastX = ({ from, via }: Route) => (via.at(-1) ?? nodes.get(from)!).x;
  return routes.map((route) => {
    const beside = routes.filter(({ to }) => to === route.to).toSorted((a, b) => lastX(a) - lastX(b));
    const end = center(nodes.get(route.to)!) + (beside.indexOf(route) - (beside.length - 1) / 2) * APART;
    const from = nodes.get(route.from)!;
    let [x, y] = [center(from), top(from) + HEIGHT];
    const start = `M${x} ${y}`;
    const curveTo = (toX: number, toY: number) => {
      const middle = (y + toY) / 2;
      const piece = toX === x ? `V${toY}` : `C${x} ${middle} ${toX} ${middle} ${toX} ${toY}`;
      [x, y] = [toX, toY];
      return piece;
    };
    const lanes = route.via.map((lane) => {
      const piece = curveTo(center(lane), top(lane));
      y += HEIGHT;
      return `${piece}V${y}`;
    });
    return `<path class="line" marker-end="url(#head)" d="${start}${lanes.join("")}${curveTo(end, top(nodes.get(route.to)!) - 1)}"/>`;
  });
}

/** Class and layer names cannot contain markup, but a drawing should not rely on that. */
const escapeText = (text: string): string => printable(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function kindOf({ parameters, outputShape }: LayerSummary, above: readonly LayerSummary[]): Kind {
  if (parameters > 0) return "weights";
  if (above.length > 1) return "merge";
  return above.some((row) => sizeOf(row.outputShape) > sizeOf(outputShape)) ? "reduce" : "plain";
}

function drawBox({ name, type, outputShape, parameters }: LayerSummary, at: Placed, kind: string): string {
  const lines = [
    ["type", type, TITLE],
    ["note", name === type ? "" : name, LINE],
    ["note", `${outputShape.join(" × ")}${parameters > 0 ? `, ${whole(parameters)} parameters` : ""}`, LINE],
  ] as const;
  const shown = lines.filter(([, text]) => text !== "");
  const first = HEIGHT / 2 + 4 - 7.5 * (shown.length - 1);
  const texts = shown.map(
    ([style, text, most], i) =>
      `<text class="${style}" x="${WIDTH / 2}" y="${first + 15 * i}">${escapeText(clipped(text, most))}</text>`,
  );
  return `<g transform="translate(${center(at) - WIDTH / 2} ${top(at)})"><title>${escapeText(name)}</title><rect class="box ${kind}" width="${WIDTH}" height="${HEIGHT}" rx="6"/>${texts.join("")}</g>`;
}
