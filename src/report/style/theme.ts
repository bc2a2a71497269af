import { lightDark, palette, series } from "./palette.ts";

/** Steps of color of the cells of a confusion matrix, and how much of the color the strongest has, in percent. */
const SHADES = 9;
const [WEAKEST, STRONGEST] = [10, 46];

const shades = (name: string, color: string): string =>
  Array.from({ length: SHADES }, (_, k) => {
    const share = Math.round(WEAKEST + ((STRONGEST - WEAKEST) * k) / (SHADES - 1));
    return `.matrix .${name}-${k + 1} { background: color-mix(in srgb, var(--${color}) ${share}%, var(--sheet)); }`;
  }).join("\n");

/**
 * The style sheet of all pages: tokens first, then components from the outside in. It supports screens at least 360 pixels
 * wide, light and dark mode, and printing.
 */
export const theme = `
:root {
  color-scheme: light dark;
${Object.entries(palette)
  .map(([name, color]) => `  --${name}: ${lightDark(color)};`)
  .join("\n")}
  --radius: 10px;
  --gap: 16px;
  font: 14px/1.45 ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums;
  scroll-padding-top: 72px;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere; }
h1, h2, h3, p, dl, dd, ul, figure { margin: 0; padding: 0; }
h1, h2, h3 { font-weight: 600; letter-spacing: -0.01em; line-height: 1.25; }
h1 { font-size: 17px; }
h2 { font-size: 16px; }
h3 { font-size: 14px; }
h2::first-letter, h3::first-letter, .top a::first-letter { text-transform: uppercase; }
a { color: var(--blue); text-underline-offset: 2px; }
code { font: 12px/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; background: var(--wash); border-radius: 5px; padding: 2px 5px; white-space: nowrap; }
.facts code, .command code { white-space: normal; }
img { display: block; max-width: 100%; image-rendering: pixelated; background: var(--wash); border-radius: 4px; object-fit: contain; outline: 1px solid var(--line); outline-offset: -1px; }
button, select, input, .button { font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--edge); border-radius: 8px; min-height: 34px; padding: 4px 10px; cursor: pointer; }
button.main { background: var(--ink); color: var(--paper); border-color: var(--ink); padding: 4px 14px; white-space: nowrap; }
button:hover, select:hover, input:hover, .button:hover { border-color: var(--ink); }
button.main:hover { opacity: 0.85; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; border-radius: 4px; }
.soft { color: var(--soft); }
.small { font-size: 12px; }
.warn { color: var(--red); font-weight: 600; }

.top { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: 6px 18px; padding: 10px 20px; background: var(--sheet); border-bottom: 1px solid var(--line); }
.top h1 { display: flex; align-items: center; gap: 10px; min-width: 0; max-width: 100%; }
.top h1 span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.top svg { flex: none; width: 18px; height: 18px; }
.top nav { display: flex; flex: 1; flex-wrap: wrap; gap: 2px 16px; }
.top nav a { display: inline-block; color: var(--soft); text-decoration: none; padding: 4px 0; }
.top nav a:hover { color: var(--ink); text-decoration: underline; }
.actions { display: flex; align-items: center; gap: 12px; }

main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--gap); max-width: 1240px; margin: auto; padding: var(--gap) 20px 48px; }
.part { background: var(--sheet); border: 1px solid var(--line); border-radius: var(--radius); padding: 16px 18px 18px; }
.part:not(.half) { grid-column: 1 / -1; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 10px; margin-bottom: 12px; }
.part > * + * { margin-top: 12px; }
.part > .head + * { margin-top: 0; }
.prose { max-width: 72ch; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px 24px; }
.figures dt { color: var(--soft); font-size: 12px; }
.figures .value { font-size: 28px; font-weight: 650; letter-spacing: -0.03em; line-height: 1.2; }
.figures .note { color: var(--soft); font-size: 12px; }
.figures.lead { align-items: end; }
.figures.lead > :first-child .value { font-size: 44px; line-height: 1.05; }
.verdict { font-size: 16px; max-width: 72ch; }
.facts { display: grid; grid-template-columns: minmax(90px, max-content) minmax(0, 1fr); border-top: 1px solid var(--line); }
.facts dt, .facts dd { padding: 7px 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); padding-right: 24px; }

.bar { display: block; width: 100%; height: 8px; border-radius: 4px; background: var(--wash); fill: var(--edge); overflow: hidden; }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 16px 32px; }
.columns { columns: 2 380px; column-gap: 32px; margin-bottom: -20px; }
.columns > * { break-inside: avoid; padding-bottom: 20px; }
.commands { margin: 0; padding: 10px 12px; background: var(--wash); border-radius: 8px; font: 12.5px/1.7 ui-monospace, SFMono-Regular, Menlo, monospace; white-space: pre-wrap; }
.intervals > div { display: grid; grid-template-columns: minmax(90px, 26%) minmax(0, 1fr) max-content; gap: 2px 20px; align-items: center; border-top: 1px solid var(--line); padding: 5px 0; }
.intervals dt { color: var(--soft); }
.intervals .main dt, .intervals .main dd { color: var(--ink); font-weight: 600; }
.intervals dd { min-width: 0; }
.intervals svg { display: block; width: 100%; height: 22px; }
.intervals line { stroke: var(--edge); stroke-width: 2; stroke-linecap: round; }
.intervals circle { fill: var(--edge); }
.intervals .main .range { stroke: var(--blue); }
.intervals .main circle { fill: var(--blue); }
.intervals .guide { stroke-width: 1.2; stroke-dasharray: 4 4; stroke-linecap: butt; }
.bar.label { fill: var(--red); }
.bar.suggested { fill: var(--blue); }
.bar .training { fill: var(--ink); }
.bar .validation { fill: var(--blue); }
.bar .test { fill: var(--gold); }
.splits { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px 32px; list-style: none; }
.splits .bar { margin: 8px 0 6px; }
.splits .warn { font-weight: 400; }
.key { display: flex; flex-wrap: wrap; gap: 2px 14px; }
.key span::before, .key button::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 6px; background: var(--of, var(--edge)); }
.key .at { color: var(--soft); }
.key .at::before { display: none; }
.key .guide::before { height: 0; border-top: 2px dashed var(--edge); border-radius: 0; background: none; vertical-align: middle; }
.key .training::before { background: var(--ink); }
.key .validation::before { background: var(--blue); }
.key .test::before { background: var(--gold); }

.thumbs { display: flex; flex-wrap: wrap; gap: 4px; }
.thumbs img { width: 48px; height: 48px; max-width: none; }
.classes { border-collapse: collapse; width: 100%; }
.classes th { font-weight: 600; text-align: left; }
.classes thead th { font-weight: 400; color: var(--soft); font-size: 12px; padding: 0 16px 6px 0; }
.classes tbody td, .classes tbody th { border-top: 1px solid var(--line); padding: 7px 16px 7px 0; }
.classes tbody th { min-width: 56px; max-width: 220px; }
.classes .number { width: 1%; text-align: right; white-space: nowrap; }
.classes .share { width: 136px; min-width: 96px; }
.classes .mean { width: 1%; }
.classes tbody .all { padding-right: 0; }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); gap: 12px; list-style: none; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 10px; display: grid; gap: 8px; align-content: start; break-inside: avoid; }
.suspects { display: grid; grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); gap: 12px; list-style: none; }
.suspects img { width: 84px; height: 84px; margin-bottom: 4px; }
.tile { display: block; width: 100%; aspect-ratio: 1; border-radius: 4px; background: var(--wash); outline: 1px solid var(--line); outline-offset: -1px; }
.strips { position: absolute; width: 0; height: 0; }
image { image-rendering: pixelated; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(64px, 1fr)); gap: 12px 8px; list-style: none; }
.answered { min-width: 0; font-size: 12px; line-height: 1.35; color: var(--soft); break-inside: avoid; }
.answered .tile { margin-bottom: 3px; }
.answered .pair { display: flex; flex-wrap: wrap; column-gap: 4px; color: var(--ink); }
.answered .taken { display: flex; gap: 4px; min-width: 0; max-width: 100%; }
.answered .name, .overlays .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.answered .arrow { color: var(--soft); }
.answered .share { white-space: nowrap; }
.overlays { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 220px), 1fr)); gap: 16px 28px; list-style: none; }
.overlays li { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 4px 6px; align-content: start; font-size: 12px; color: var(--soft); break-inside: avoid; }
.overlays .name { display: block; }
.overlays img { width: 100%; height: auto; aspect-ratio: 1; image-rendering: auto; }
button.more { margin-top: 12px; }
.list { list-style: none; border-top: 1px solid var(--line); }
.list li { padding: 6px 0; border-bottom: 1px solid var(--line); }

.suspect { grid-template: auto 1fr auto / 84px minmax(0, 1fr); gap: 8px 12px; align-content: stretch; }
.suspect img { width: 84px; height: 84px; }
.suspect .file, .suspect select { grid-column: 1 / -1; min-width: 0; }
.suspect select { width: 100%; }
.suspect select:has(option[value="relabel"]:checked) { border-color: var(--blue); color: var(--blue); }
.suspect select:has(option[value="drop"]:checked) { border-color: var(--red); color: var(--red); }
.suspect select:has(option[value="keep"]:checked) { border-color: var(--green); color: var(--green); }
.suspect:has(option[value="drop"]:checked) img { opacity: 0.35; }
.suspect option { color: var(--ink); background: var(--sheet); }
.odds { display: grid; grid-template-columns: minmax(1.5em, max-content) minmax(16px, 1fr) max-content; gap: 2px 8px; align-items: center; align-content: start; font-size: 12.5px; }
.odds dt { max-width: 9em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--soft); }
.odds dd { display: contents; }
.odds .number { text-align: right; color: var(--soft); }
.odds .label, .odds .suggested { font-weight: 600; }
.odds dt.label { color: var(--red); }
.odds dt.suggested, .taken { color: var(--blue); }

/* Shadows at the edges beyond which there is more: those of the frame stay, and what covers them scrolls with the content. */
.scroll { --shade: color-mix(in srgb, var(--ink) 16%, transparent); overflow-x: auto; background: linear-gradient(to right, var(--sheet) 24px, transparent 48px) left / 48px 100% local, linear-gradient(to left, var(--sheet) 24px, transparent 48px) right / 48px 100% local, linear-gradient(to right, var(--shade), transparent) left / 10px 100% scroll, linear-gradient(to left, var(--shade), transparent) right / 10px 100% scroll; background-repeat: no-repeat; }
.data { border-collapse: collapse; min-width: 100%; }
.data th, .data td { padding: 6px 16px 6px 0; text-align: left; white-space: nowrap; }
.data tr > :last-child { padding-right: 0; }
.data .number { text-align: right; }
.data thead th { color: var(--soft); font-size: 12px; font-weight: 400; }
.data tbody th { font-weight: 600; }
.data .name { display: inline-block; width: max-content; max-width: 260px; white-space: normal; overflow-wrap: break-word; }
.data tbody tr > * { border-top: 1px solid var(--line); }
.data tfoot tr > * { border-top: 1px solid var(--edge); }
.data tfoot tr + tr > * { border-top: 0; }
.data tfoot th { font-weight: 400; color: var(--soft); }
.data .text { padding-left: 12px; }
.long { max-height: 460px; overflow: auto; border-bottom: 1px solid var(--line); }
.long thead th { position: sticky; top: 0; background: var(--sheet); }
.data .interval { color: var(--soft); font-size: 12px; }
.sort { border: 0; background: none; min-height: 24px; padding: 0; color: var(--soft); text-align: inherit; }
.sort:hover { color: var(--ink); text-decoration: underline; }
.sort::after { content: "↕"; display: inline-block; width: 1em; margin-left: 2px; opacity: 0.4; font-size: 11px; }
[aria-sort] .sort { color: var(--ink); font-weight: 600; }
[aria-sort="descending"] .sort::after { content: "↓"; opacity: 1; }
[aria-sort="ascending"] .sort::after { content: "↑"; opacity: 1; }

.controls { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin-bottom: 10px; }
.choice { display: inline-flex; margin: 0; padding: 2px; border: 1px solid var(--line); border-radius: 8px; background: var(--wash); }
.unseen, .choice legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.choice label { padding: 3px 12px; border-radius: 6px; cursor: pointer; color: var(--soft); font-size: 13px; }
.choice label:has(:checked) { background: var(--sheet); color: var(--ink); box-shadow: 0 0 0 1px var(--line); }
.choice label:has(:focus-visible) { outline: 2px solid var(--blue); outline-offset: 1px; }
.choice input, .button input { position: absolute; width: 1px; height: 1px; min-height: 0; padding: 0; opacity: 0; }

.confusion > * + * { margin-top: 12px; }
.confusion h3 { margin-bottom: 8px; }
.matrix { border-collapse: separate; border-spacing: 2px; width: 100%; table-layout: fixed; font-size: 12px; }
.matrix caption { caption-side: bottom; text-align: left; padding-top: 6px; }
.matrix th { font-weight: 400; color: var(--soft); text-align: center; padding: 0 2px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix thead > tr > td { width: 24px; }
.matrix td { height: 30px; min-width: 20px; padding: 0; text-align: center; white-space: nowrap; border-radius: 3px; background: var(--wash); overflow: hidden; }
.matrix thead td { background: none; }
.matrix tbody td { cursor: pointer; }
.matrix tbody td:hover { box-shadow: inset 0 0 0 1px var(--edge); }
.matrix [aria-selected="true"] { box-shadow: inset 0 0 0 2px var(--ink); }
.matrix.tall thead > tr > td { width: 96px; }
.matrix.tall tbody th { text-align: right; }
.matrix.tall thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 96px; overflow: hidden; text-overflow: ellipsis; }
.matrix.many { font-size: 11px; min-width: 760px; }
.matrix.many td { height: 22px; }
${shades("right", "blue")}
${shades("wrong", "red")}

.chart svg { display: block; width: 100%; height: auto; touch-action: pan-y; border-radius: 4px; }
.chart { container-type: inline-size; }
.chart text { font-size: 12px; fill: var(--soft); }
/* Drawings grow with their column, and their text would, too. */
@container (max-width: 400px) { .chart text { font-size: 15px; } }
@container (min-width: 500px) { .chart text { font-size: 10.5px; } }
main:not(.studio) > .part:not(.half) .chart { max-width: 600px; }
.chart .grid { stroke: var(--line); }
.chart .line, .chart .dots { fill: none; stroke-linejoin: round; stroke-linecap: round; }
.chart .line { stroke-width: 2; }
.chart .dots { stroke-width: 7; }
.chart .cursor path { stroke: var(--edge); }
.chart .cursor circle { stroke: var(--sheet); stroke-width: 1.5; }
.main { --of: var(--blue); }
.faint { --of: var(--edge); }
.guide { --of: var(--edge); }
.chart .faint .line { stroke-width: 1.2; }
.chart .guide .line { stroke-width: 1.2; stroke-dasharray: 4 4; }
.chart .line, .chart .dots { stroke: var(--of); }
.chart circle { fill: var(--of); }
.parallel { display: block; width: 100%; min-width: 720px; height: auto; }
.parallel text, .slice text { font-size: 11px; fill: var(--soft); }
.parallel .name { font-size: 12px; fill: var(--ink); }
.parallel .axis { stroke: var(--edge); }
.parallel .line { fill: none; stroke: var(--edge); stroke-width: 1; stroke-opacity: 0.28; }
.parallel .best { stroke: var(--blue); stroke-width: 1.8; stroke-opacity: 0.9; }
.slices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(45%, 210px), 1fr)); gap: 14px 20px; }
.slice figcaption { font-size: 12px; margin-bottom: 2px; }
.slice svg { display: block; width: 100%; height: auto; }
.slice .frame { fill: var(--wash); stroke: none; }
.slice .dots { fill: none; stroke: var(--edge); stroke-width: 5; stroke-linecap: round; stroke-opacity: 0.55; }
.slice .best { stroke: var(--blue); stroke-opacity: 1; }
.behind { margin-top: 6px; }
.long + .behind, [data-live]:has(> .long) ~ .behind { margin-top: 12px; }
.behind summary { color: var(--soft); font-size: 12px; cursor: pointer; width: max-content; }
.behind .scroll { max-height: 260px; overflow: auto; margin-top: 6px; }
${series.map((color, k) => `.color-${k} { --of: ${lightDark(color)}; }`).join("\n")}

.map { display: grid; grid-template-columns: minmax(0, 700px) minmax(160px, 1fr); gap: 16px 24px; }
.map svg:not(.tile) { display: block; width: 100%; aspect-ratio: 1; border-radius: 8px; background: var(--wash); touch-action: pan-y; }
.map .points { fill: none; stroke: var(--of); stroke-width: 7; stroke-linecap: round; stroke-opacity: 0.75; }
.map .away { opacity: 0.12; }
.map .ring { fill: none; stroke: var(--red); stroke-width: 2.5; }
.map text { font-size: 30px; font-weight: 600; text-anchor: middle; dominant-baseline: central; fill: var(--ink); stroke: var(--wash); stroke-width: 6px; paint-order: stroke; pointer-events: none; }
.map .shown { fill: none; stroke: var(--ink); stroke-width: 4; }
.map .beside { display: grid; gap: 16px; align-content: start; }
.map .beside > .answered { font-size: 14px; width: 176px; }
.map .beside p { margin-bottom: 6px; }
.key button { border: 1px solid transparent; background: none; min-height: 26px; padding: 1px 7px; border-radius: 6px; }
.map .key { max-height: 300px; overflow: auto; align-items: center; }
.map .key button { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left; }
.map .key .mistake { padding: 2px 8px; }
.key button[aria-pressed="true"] { border-color: var(--edge); background: var(--wash); }
.key .mistake::before { background: none; border: 2px solid var(--red); border-radius: 50%; }

.fields { display: flex; flex-wrap: wrap; gap: 12px 20px; align-items: end; }
.fields label { display: grid; gap: 4px; color: var(--soft); font-size: 12px; }
.fields select, .fields input { color: var(--ink); font-size: 14px; }
.drop { display: grid; grid-template-columns: minmax(0, 1fr); gap: 8px; justify-items: center; padding: 28px 16px; border: 2px dashed var(--edge); border-radius: var(--radius); text-align: center; cursor: pointer; }
.drop.over { border-color: var(--blue); background: var(--wash); }
.drop input { max-width: 100%; }
[hidden] { display: none !important; }

@media (max-width: 1080px) {
  :root { scroll-padding-top: 110px; }
  .top nav { flex-basis: 100%; order: 3; flex-wrap: nowrap; overflow-x: auto; white-space: nowrap; }
  .top h1 { flex: 1; }
}
@media (max-width: 720px) {
  :root { --gap: 10px; }
  .top { padding: 8px 12px; }
  main { padding: var(--gap) 10px 32px; grid-template-columns: minmax(0, 1fr); }
  .overlays { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
  .map text { font-size: 44px; stroke-width: 9px; }
  .map { grid-template-columns: minmax(0, 1fr); }
  .map .beside { min-height: 110px; }
  .map .beside > .answered { width: 96px; }
  .matrix { font-size: 11px; }
  .matrix.tall thead > tr > td { width: 64px; }
  .part { padding: 14px 12px; }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; }
  .figures .value { font-size: 24px; }
  .facts { grid-template-columns: minmax(0, 1fr); }
  .intervals > div { grid-template-columns: minmax(0, 1fr) max-content; }
  .intervals .drawn { grid-column: 1 / -1; grid-row: 2; }
  .facts dt { border: 0; padding: 7px 0 0; font-size: 12px; }
  .facts dd { padding-top: 0; }
  .classes, .classes tbody { display: block; }
  .classes thead { display: none; }
  .classes tr { display: grid; grid-template-columns: max-content minmax(0, 1fr) max-content max-content; gap: 6px 12px; align-items: center; padding: 10px 0; border-top: 1px solid var(--line); }
  .classes tbody td, .classes tbody th { border: 0; padding: 0; width: auto; max-width: none; }
  .classes tbody th { grid-column: 1 / 3; }
  .classes .share { grid-column: 1 / -1; width: auto; }
  .classes .mean { align-self: start; }
  .classes .all { grid-column: 2 / -1; }
  .thumbs img { width: 41px; height: 41px; }
  .kinds { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .kinds .thumbs { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .kinds .thumbs img { width: 100%; height: auto; aspect-ratio: 1; }
}

@media (max-width: 480px) {
  #chosen { display: none; }
}
@media (min-width: 1160px) {
  .classes .all { width: 624px; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; }
  .top { position: static; padding: 10px 0; }
  .top nav, .actions, select { display: none; }
  main { padding: 0; max-width: none; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .part { border: 0; padding: 8px 0; }
  .bar, img, .tile, .matrix td, .key span::before { print-color-adjust: exact; }
  .long { max-height: none; }
  .scroll { overflow: visible; background: none; }
  .data { min-width: 0; width: 100%; font-size: 12px; }
  .data th, .data td.text { white-space: normal; }
  .data th, .data td { padding-right: 8px; overflow-wrap: break-word; }
  .data:has(th:nth-child(10)) { font-size: 9.5px; }
  .data:has(th:nth-child(10)) :is(th, td, .sort) { padding-right: 5px; font-size: inherit; }
  .data tfoot { display: table-row-group; }
  .data tr { break-inside: avoid; }
  .data .name { width: auto; max-width: none; }
  .data .interval { white-space: nowrap; font-size: 11px; }
  main:not(.studio) > .part:not(.half) .chart { max-width: 380px; }
  .head, .head ~ p, h3, h3 + p, .key { break-after: avoid; break-inside: avoid; }
  .controls, .more, .behind, .hint, .sort::after, .map .beside { display: none; }
  .part { break-inside: auto; }
  .chart, .side-by-side > *, .matrix { break-inside: avoid; }
}
`;
