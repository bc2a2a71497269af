/**
 * The stylesheet of all pages: design tokens first, then components from the outside in. It supports screens at least
 * 360 pixels wide, light and dark mode, and printing.
 */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#faf9f6, #14151a);
  --sheet: light-dark(#fff, #1b1d24);
  --wash: light-dark(#f1efe9, #262933);
  --line: light-dark(#e4e1d9, #2f323d);
  --edge: light-dark(#8b8c94, #7c808d);
  --ink: light-dark(#17181c, #eceae4);
  --soft: light-dark(#5d5f68, #a8abb7);
  --blue: light-dark(#2346d8, #8ea2ff);
  --red: light-dark(#b92a2a, #ff8b80);
  --green: light-dark(#18794e, #6bd6a1);
  --gold: light-dark(#8f5a00, #f0b95a);
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
button, select, input { font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--edge); border-radius: 8px; min-height: 34px; padding: 4px 10px; cursor: pointer; }
button.main { background: var(--ink); color: var(--paper); border-color: var(--ink); padding: 4px 14px; white-space: nowrap; }
button:hover, select:hover, input:hover { border-color: var(--ink); }
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

main { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--gap); max-width: 1240px; margin: auto; padding: var(--gap) 20px 48px; }
.part { background: var(--sheet); border: 1px solid var(--line); border-radius: var(--radius); padding: 16px 18px 18px; }
.head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 10px; margin-bottom: 12px; }
.part > * + * { margin-top: 12px; }
.part > .head + * { margin-top: 0; }
.prose { max-width: 72ch; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px 24px; }
.figures dt { color: var(--soft); font-size: 12px; }
.figures .value { font-size: 28px; font-weight: 650; letter-spacing: -0.03em; line-height: 1.2; }
.figures .note { color: var(--soft); font-size: 12px; }
.facts { display: grid; grid-template-columns: minmax(90px, max-content) minmax(0, 1fr); border-top: 1px solid var(--line); }
.facts dt, .facts dd { padding: 7px 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); padding-right: 24px; }

.bar { display: block; width: 100%; height: 8px; border-radius: 4px; background: var(--wash); fill: var(--edge); overflow: hidden; }
.bar.label { fill: var(--red); }
.bar.suggested { fill: var(--blue); }
.bar .training { fill: var(--ink); }
.bar .validation { fill: var(--blue); }
.bar .test { fill: var(--gold); }
.splits { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px 32px; list-style: none; }
.splits .bar { margin: 8px 0 6px; }
.splits .warn { font-weight: 400; }
.key { display: flex; flex-wrap: wrap; gap: 2px 14px; }
.key span::before { content: ""; display: inline-block; width: 9px; height: 9px; border-radius: 3px; margin-right: 6px; background: var(--edge); }
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
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); gap: 12px; list-style: none; }
.gallery img { width: 84px; height: 84px; margin-bottom: 4px; }
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

.fields { display: flex; flex-wrap: wrap; gap: 12px 20px; align-items: end; }
.fields label { display: grid; gap: 4px; color: var(--soft); font-size: 12px; }
.fields select, .fields input { color: var(--ink); font-size: 14px; }
.drop { display: grid; gap: 8px; justify-items: center; padding: 28px 16px; border: 2px dashed var(--edge); border-radius: var(--radius); text-align: center; cursor: pointer; }
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
  main { padding: var(--gap) 10px 32px; }
  .part { padding: 14px 12px; }
  .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; }
  .figures .value { font-size: 24px; }
  .facts { grid-template-columns: minmax(0, 1fr); }
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
  main { padding: 0; max-width: none; }
  .part { border: 0; padding: 8px 0; }
  .bar, img { print-color-adjust: exact; }
}
`;
