import { palette } from "./palette.ts";

/** The colors of boxes by what their layers do: with weights, of several inputs, with a smaller output. */
const kinds = { weights: "blue", merge: "gold", reduce: "green" } as const;

/** What a layer does; `plain` is everything else. */
export type Kind = keyof typeof kinds | "plain";

/** The colors of a drawing on light pages (0) or on dark ones (1): not every renderer of SVG supports light-dark(). */
const colors = (of: 0 | 1): string => `
.page{fill:${palette.sheet[of]}}.box{stroke:${palette.edge[of]}}.plain{fill:${palette.wash[of]}}
${Object.entries(kinds)
  .map(([kind, color]) => `.${kind}{fill:${palette[color][of]}}`)
  .join("")}
.line{stroke:${palette.soft[of]}}.head{fill:${palette.soft[of]}}text{fill:${palette.ink[of]}}.note{fill:${palette.soft[of]}}`;

/** The style of a model's drawing, which is a file of its own, light or dark as what shows it is. */
export const drawing = `${colors(0)}
.weights,.merge,.reduce{fill-opacity:.16}.line{fill:none;stroke-width:1.5}text{text-anchor:middle}.type{font-weight:600;font-size:13px}
@media (prefers-color-scheme:dark){${colors(1)}}
`;
