import { log } from "../base/math.ts";
import type { LearningRateSweep, SweepPoint } from "../training/findLearningRate.ts";
import { type Color, palette } from "./style/palette.ts";

const [WIDTH, HEIGHT] = [720, 420];
const PLOT = { left: 64, right: 24, top: 44, bottom: 56 };

/** Fonts to try in order: not every SVG renderer supports the generic sans-serif. */
const FONTS = "Arial, Helvetica, Liberation Sans, DejaVu Sans, Noto Sans, sans-serif";

/** The drawing is light everywhere, for renderers of SVG without style sheets. */
const light = ([color]: Color): string => color;

const log10 = (x: number): number => log(x) / Math.LN10;
const round = (x: number): number => Math.round(10 * x) / 10;

/** Whole numbers from the first to the last, inclusive. */
const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);

/** 1e-5, 0.001, 10 */
const power10 = (exponent: number): string =>
  exponent < -4 ? `1e${exponent}` : exponent < 0 ? `0.${"0".repeat(-exponent - 1)}1` : `1${"0".repeat(exponent)}`;

/** A sweep as SVG: losses and their moving average against the learning rate on a log scale, and the suggestion. */
export function drawSweep({ points, suggestion, lowest }: LearningRateSweep): string {
  const first = log10(points[0]!.learningRate);
  const last = Math.max(log10(points.at(-1)!.learningRate), first + 1e-9);
  // Exploding losses would flatten all others into a line.
  const highest = 1.5 * Math.max(points[0]!.loss, Math.min(...points.map((p) => p.smoothedLoss)));
  const x = (rate: number) =>
    round(PLOT.left + ((log10(rate) - first) / (last - first)) * (WIDTH - PLOT.left - PLOT.right));
  const y = (loss: number) =>
    round(HEIGHT - PLOT.bottom - (Math.min(loss, highest) / highest) * (HEIGHT - PLOT.top - PLOT.bottom));
  const line = (of: (p: SweepPoint) => number) => points.map((p) => `${x(p.learningRate)},${y(of(p))}`).join(" ");
  const step = highest > 5 ? 1 : highest > 1 ? 0.5 : 0.1;
  const rates = range(Math.ceil(first - 1e-9), Math.floor(last + 1e-9));
  const parts = [
    ...range(0, Math.floor(highest / step)).map((k) => horizontal(y(k * step), String(round(k * step)))),
    ...rates.map((exponent) => vertical(x(10 ** exponent), power10(exponent))),
    mark(x(lowest), `lowest ${lowest.toPrecision(2)}`, palette.red, 18),
    mark(x(suggestion), `suggestion ${suggestion.toPrecision(2)}`, palette.green, 34),
    `<polyline points="${line((p) => p.loss)}" fill="none" stroke="${light(palette.edge)}" stroke-opacity="0.6" stroke-width="1"/>`,
    `<polyline points="${line((p) => p.smoothedLoss)}" fill="none" stroke="${light(palette.blue)}" stroke-width="2"/>`,
    label(WIDTH / 2, HEIGHT - 12, "learning rate", "middle"),
    label(10, 18, "loss in nats: per step and smoothed", "start"),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="${FONTS}" font-size="12">
<rect width="100%" height="100%" fill="${light(palette.sheet)}"/>
${parts.join("\n")}
</svg>
`;
}

const label = (x: number, y: number, text: string, anchor: string, color: Color = palette.soft): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${light(color)}">${text}</text>`;

const horizontal = (y: number, text: string): string =>
  `<path d="M${PLOT.left} ${y}H${WIDTH - PLOT.right}" stroke="${light(palette.line)}"/>${label(PLOT.left - 8, y + 4, text, "end")}`;

const vertical = (x: number, text: string): string =>
  `<path d="M${x} ${PLOT.top}V${HEIGHT - PLOT.bottom}" stroke="${light(palette.line)}"/>${label(x, HEIGHT - PLOT.bottom + 18, text, "middle")}`;

const mark = (x: number, text: string, color: Color, y: number): string =>
  `<path d="M${x} ${PLOT.top}V${HEIGHT - PLOT.bottom}" stroke="${light(color)}" stroke-dasharray="4 3"/>${label(x, y, text, anchorAt(x), color)}`;

/** Keeps text at an edge within the drawing. */
const anchorAt = (x: number): string => (x < 100 ? "start" : x > WIDTH - 100 ? "end" : "middle");
