/** What the studio adds to the style of all pages: its columns, the drawing, the stages of a network. */
export const studio = `
main.studio { grid-template: "data train try" auto "data details try" 1fr / 292px minmax(0, 1fr) 316px; align-items: start; max-width: 1560px; }
.column.data { grid-area: data; }
.column.train { grid-area: train; }
.column.try { grid-area: try; }
.column.details { grid-area: details; }
main.studio.browsing { grid-template: auto / 292px minmax(0, 1fr); }
.browsing > .column.data { grid-area: auto; }
.column, .two { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--gap); min-width: 0; }
.column[hidden] { display: none; }
.two { grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: stretch; }
/* What changes many times a second lays out its own part alone. */
.studio .part, .studio .part > div { contain: layout style; }
.studio .part { grid-column: auto; min-width: 0; padding: 14px 16px 16px; }
.head .actions { margin-left: auto; gap: 6px; }
.head.below { flex-wrap: nowrap; margin: 16px 0 8px; }
.head.below :is(h3, .actions) { flex: none; }
.head h3 { font-size: 12.5px; font-weight: 500; color: var(--soft); }
button.across { width: 100%; }
button.danger { border-color: var(--red); color: var(--red); }
button.small, .small .button { min-height: 28px; padding: 2px 9px; font-size: 12.5px; }
button:disabled, input:disabled, select:disabled { opacity: 0.55; cursor: default; }
.button { display: inline-flex; align-items: center; }
.button:focus-within { outline: 2px solid var(--blue); outline-offset: 2px; }

.top { flex-wrap: nowrap; }
.top h1 { flex: none; }
.narrow { display: none; }
.status { display: flex; flex: 1; align-items: center; gap: 10px; min-width: 0; color: var(--soft); white-space: nowrap; overflow: hidden; }
.status > span { overflow: hidden; text-overflow: ellipsis; }
.status > span:nth-of-type(1), .status b { flex: none; }
.status b { color: var(--ink); font-weight: 600; }
.dot { width: 8px; height: 8px; flex: none; border-radius: 50%; background: var(--edge); }
.dot.training, .dot.followed { background: var(--blue); }
.dot.paused, .dot.preparing { background: var(--gold); }
.dot.trained { background: var(--green); }
.problem { display: flex; gap: 12px; align-items: center; justify-content: space-between; padding: 8px 20px; border-bottom: 1px solid var(--red); background: var(--sheet); color: var(--red); }
.problem button { flex: none; }

.studio .drop { padding: 14px 12px; border-width: 1.5px; gap: 4px; cursor: default; }
.choices { display: flex; flex-wrap: wrap; gap: 6px; justify-content: center; margin-top: 6px; font-size: 12.5px; }
.choices > * { min-height: 30px; padding: 2px 9px; }
.drop .choices:has(> :nth-child(4)) { display: grid; grid-template-columns: repeat(2, minmax(84px, max-content)); }
.drop .choices > * { justify-content: center; }
.class-list { list-style: none; }
.class-list:has(> :nth-child(17)):not(:has(.class-tools)) { max-height: 60vh; overflow-y: auto; }
.class-row:focus-visible { outline-offset: -2px; }
.class-row { display: grid; grid-template-columns: minmax(20px, max-content) minmax(0, 1fr) max-content; gap: 8px; align-items: center; width: 100%; text-align: left; border: 0; border-top: 1px solid var(--line); border-radius: 0; min-height: 34px; padding: 4px 2px; background: none; }
.class-row:hover { background: var(--wash); }
.class-row[aria-expanded="true"] { background: var(--wash); }
.class-row b { max-width: 9em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.samples { display: flex; gap: 3px; overflow: hidden; mask-image: linear-gradient(to right, #000 calc(100% - 18px), transparent); }
.samples canvas { height: 22px; width: auto; flex: none; }
.class-tools { display: grid; gap: 8px; padding: 6px 0 12px; }
.class-tools .choices { margin: 0; justify-content: flex-start; }
.class-changes { display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 6px; align-items: center; }
.class-changes .field { justify-content: space-between; min-width: 0; min-height: 30px; }
.class-changes .field:first-child { grid-column: 1 / -1; }
.class-changes .field :is(input, select) { flex: 1; min-width: 0; text-align: right; }
.new-class { display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 6px; align-items: center; }
.new-class input { min-width: 0; min-height: 30px; cursor: text; }
.class-list li.over, #try.over { outline: 2px dashed var(--blue); outline-offset: -2px; border-radius: 6px; }
.studio .part > .choices { justify-content: flex-start; }
.camera { display: grid; gap: 6px; }
.camera video { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 8px; background: #000; }
.camera .main { touch-action: none; }
button.link { border: 0; min-height: 24px; padding: 0; background: none; color: var(--blue); text-decoration: underline; text-underline-offset: 2px; }
.division { display: flex; flex-wrap: wrap; gap: 4px 24px; }
.division dd { font-weight: 600; }
.note-box { padding: 8px 10px; border-radius: 8px; background: var(--wash); }
.add-tried { display: flex; gap: 6px; align-items: center; }
.add-tried select { min-height: 28px; max-width: 12em; padding: 2px 6px; }

.browse { min-width: 0; }
.browsed { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--gap); align-items: start; }
.browsed.with-detail { grid-template-columns: minmax(0, 1fr) 280px; }
.image-grid { position: relative; min-height: 120px; max-height: max(280px, calc(100vh - 236px)); overflow-y: auto; overscroll-behavior: contain; padding: 4px; border-radius: 8px; background: var(--wash); }
.image-lines { position: relative; }
.image-line { position: absolute; top: 0; left: 0; right: 0; }
.image-line canvas { image-rendering: auto; }
.image-cell { position: absolute; top: 0; cursor: pointer; border-radius: 4px; }
.image-cell:hover { box-shadow: 0 0 0 1px var(--edge); }
.image-cell[aria-selected="true"] { box-shadow: 0 0 0 2px var(--blue); }
.image-grid:focus-visible .image-cell.active { box-shadow: 0 0 0 3px var(--blue); }
.image-cell.out { background: color-mix(in srgb, var(--sheet) 72%, transparent); }
.image-cell.out::after, .image-cell.kept::after, .image-cell span { position: absolute; right: 2px; bottom: 2px; min-width: 16px; max-width: calc(100% - 4px); padding: 0 4px; border-radius: 4px; overflow: hidden; text-align: center; text-overflow: ellipsis; white-space: nowrap; font-size: 11px; font-weight: 600; line-height: 16px; color: var(--sheet); }
.image-cell.out::after { content: "✕"; background: var(--red); }
.image-cell.kept::after { content: "✓"; background: var(--green); }
.image-cell span { background: var(--blue); }
.detail { display: grid; gap: 10px; align-content: start; max-height: max(280px, calc(100vh - 236px)); overflow-y: auto; padding: 2px; }
.detail .picture { position: relative; }
.detail .picture canvas { width: 100%; max-height: 320px; object-fit: contain; background: var(--wash); }
.detail .close { position: absolute; top: 6px; right: 6px; min-width: 28px; padding: 0; }
.image-name { font-weight: 600; }
.about { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 12px; }
.about dt { color: var(--soft); }
.about .link { margin-right: 8px; }
.decisions { display: grid; gap: 6px; }
.decisions button { display: flex; justify-content: space-between; align-items: center; }
.decisions [aria-pressed="true"] { border-color: var(--ink); background: var(--wash); font-weight: 600; }
.decisions .field select { flex: 1; min-width: 0; text-align: right; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; font: 11px/1.5 ui-monospace, monospace; color: var(--soft); background: var(--sheet); }
canvas { display: block; border-radius: 3px; image-rendering: pixelated; }

.train .controls { margin: 0 0 8px; gap: 8px; }
.train .controls > :last-child { margin-left: auto; }
.basics { display: grid; grid-template-columns: repeat(auto-fit, minmax(100px, 1fr)); gap: 8px; }
.basics .field { flex-direction: column; align-items: stretch; gap: 0; min-height: 46px; padding: 4px 10px; }
.basics .field span { font-size: 11.5px; }
.basics .field :is(input, select) { width: 100%; min-height: 20px; text-align: left; }
.basics select { margin-left: -4px; }
.field { display: inline-flex; align-items: center; gap: 7px; border: 1px solid var(--edge); border-radius: 8px; padding: 0 10px; min-height: 34px; background: var(--sheet); }
.field span { color: var(--soft); font-size: 12.5px; white-space: nowrap; }
.field:focus-within { outline: 2px solid var(--blue); outline-offset: 2px; }
.field input, .field select { border: 0; background: none; min-height: 30px; padding: 0; outline: none; }
.field input { width: 4.4em; }
.field input::placeholder { color: var(--soft); opacity: 1; }
.field option { color: var(--ink); background: var(--sheet); }
.bar-line { display: block; width: 100%; height: 4px; margin: 12px 0; border: 0; border-radius: 2px; overflow: hidden; appearance: none; background: var(--line); }
.bar-line::-webkit-progress-bar { background: var(--line); }
.bar-line::-webkit-progress-value { background: var(--blue); }
.bar-line::-moz-progress-bar { background: var(--blue); }
.settings { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); gap: 10px 20px; margin-top: 10px; }
.setting .field { width: 100%; justify-content: space-between; }
.setting p { margin-top: 3px; }
.setting input { width: 8em; text-align: right; }
.setting p::first-letter, .setting span::first-letter, .sentence::first-letter { text-transform: uppercase; }

.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.sweep-head { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; justify-content: space-between; margin-bottom: 10px; }
.sweep { border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; margin-bottom: 12px; }
.sweep .chart { max-width: 560px; }
.group { border: 0; margin: 14px 0 0; padding: 0; }
.group legend { font-weight: 600; padding: 0; }
.wide-field { display: flex; width: 100%; }
.wide-field select { flex: 1; min-width: 0; }

.editor { margin-bottom: 14px; }
.layers { list-style: none; margin: 0 0 10px; padding: 0; border: 1px solid var(--line); border-radius: 8px; }
.layers li + li { border-top: 1px solid var(--line); }
.layers li { padding: 7px 10px; }
.layers li.wrong { box-shadow: inset 3px 0 var(--red); }
.layer { display: grid; grid-template-columns: 1.5em minmax(0, 1fr) max-content; gap: 6px 10px; align-items: center; }
.layer-about { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: baseline; line-height: 1.3; }
.ordinal { text-align: right; font-size: 12px; }
.layer-fields { display: flex; flex-wrap: wrap; gap: 6px; }
.layer-fields .field { min-height: 28px; padding: 0 8px; font-size: 12.5px; flex: none; }
.layer-fields .field input, .layer-fields .field select { min-height: 26px; width: auto; }
.layer > .layer-fields { grid-area: 2 / 2 / auto / -1; }
.layer > .layer-fields:empty { display: none; }
.layer-fields.more { margin: 8px 0 4px calc(1.5em + 10px); }
.costs { display: flex; flex-wrap: wrap; gap: 0 10px; font-size: 12px; white-space: nowrap; }
.moves { display: inline-flex; gap: 4px; }
.moves button { min-width: 28px; padding: 0; }
.moves [aria-expanded="true"] { background: var(--wash); }

.runs th[scope="row"] { white-space: nowrap; }
.runs td, .runs th { padding-right: 14px; }
.runs label { display: inline-flex; gap: 7px; align-items: center; }
.runs input { min-height: 0; margin: 0; accent-color: var(--of, var(--blue)); }
.runs tr.shown input { accent-color: var(--blue); }
.acts { text-align: right; }
.verdict { display: flex; gap: 10px; align-items: baseline; }
.verdict .big { color: var(--blue); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

.stages { display: flex; gap: 5px; list-style: none; margin: 0; padding: 2px; overflow-x: auto; }
.studio .gallery { grid-template-columns: repeat(auto-fill, minmax(52px, 1fr)); gap: 8px 6px; }
.stages li { flex: 1 0 57px; max-width: 120px; min-width: 0; padding: 5px 4px 6px; border: 1px solid var(--line); border-radius: 8px; background: var(--wash); font-size: 10px; }
.stages b, .stages span { display: block; overflow-wrap: normal; white-space: nowrap; }
.stages b { font-weight: 600; letter-spacing: -0.02em; }
.stages span { font-size: 10px; letter-spacing: -0.02em; }
.stages .no-tile { display: block; aspect-ratio: 1; margin-top: 5px; border-radius: 3px; border: 1px dashed var(--edge); opacity: 0.45; }
.stages canvas { width: 100%; aspect-ratio: 1; margin-top: 5px; object-fit: contain; background: #12141f; }
.part > .big + p { margin-top: 2px; }
.two:has(> .across) > .part { grid-column: 1 / -1; }
.big { font-size: 30px; font-weight: 650; letter-spacing: -0.03em; line-height: 1.1; }

/* A background is painted again without a new layout. */
.odds i.bar { background: linear-gradient(var(--edge), var(--edge)) no-repeat var(--wash); }
.odds i.bar.suggested { background-image: linear-gradient(var(--blue), var(--blue)); }
.pad { width: 100%; aspect-ratio: 1; border-radius: 8px; background: #000; touch-action: none; cursor: crosshair; image-rendering: auto; }
.prepared { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 12px; margin-top: 8px; }
.prepared canvas { width: 84px; height: 84px; object-fit: contain; }
.forms { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
.forms > :last-child:nth-child(odd) { grid-column: 1 / -1; }
.forms button { display: grid; align-content: center; padding: 7px 10px; text-align: left; line-height: 1.25; }
.checks { display: grid; gap: 4px; flex: none; }
.hash { color: var(--soft); overflow-wrap: anywhere; font-family: ui-monospace, monospace; }
.stored { display: flex; gap: 4px 10px; align-items: center; justify-content: space-between; }
.stored:has(> .row) { flex-wrap: wrap; }
.stored :is(button, .button) { flex: none; color: var(--ink); }
.stored button.danger { color: var(--red); }

.notice { display: flex; gap: 12px; align-items: center; padding: 6px 20px; border-bottom: 1px solid var(--line); background: var(--sheet); }
.places { list-style: none; margin: 0; padding: 0; max-height: 40vh; overflow-y: auto; }
.places li { display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 8px; align-items: center; border-top: 1px solid var(--line); }
.place { display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 0 8px; width: 100%; padding: 5px 2px; border: 0; border-radius: 0; background: none; text-align: left; line-height: 1.35; }
.places li:not(:has(a)) .place { grid-column: 1 / -1; }
.place:hover:not(:disabled) { background: var(--wash); }
.place b { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
.place .soft { grid-column: 1 / -1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.place .dot { display: inline-block; margin-right: 3px; }

/* Three digits fit into the cells of ten classes. */
.studio .matrix:not(.many) td { font-size: 11px; letter-spacing: -0.04em; height: 26px; }

@media (max-width: 1200px) {
  main.studio { grid-template: "data data" auto "train try" auto "details try" 1fr / minmax(0, 1fr) 300px; }
  .class-list { columns: 280px; column-gap: 24px; }
  .class-list li { break-inside: avoid; }
  main.studio.browsing { grid-template: auto / minmax(0, 1fr); }
  .browsing > .column.data { order: 3; }
  .browse { grid-column: auto; }
  button.across { width: auto; }
  .status .wide ~ .wide { display: none; }
}
@media (max-width: 1000px) {
  .two { grid-template-columns: minmax(0, 1fr); }
  .basics > :first-child { grid-column: 1 / -1; }
  .stages li { flex-basis: 66px; }
}
@media (max-width: 720px) {
  main.studio { grid-template: "data" "train" "try" "details" / minmax(0, 1fr); }
  .wide, .runs .wide { display: none; }
  .narrow { display: inline-flex; align-items: center; justify-content: center; }
  .drop > b, .keys { display: none; }
  .basics { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  button.across { width: 100%; }
  .browsed.with-detail { grid-template-columns: minmax(0, 1fr); }
  .browsed.with-detail .image-grid { max-height: 40vh; }
  .top h1 span { position: absolute; width: 1px; height: 1px; clip-path: inset(50%); }
  .detail { position: relative; max-height: none; grid-template-columns: 38% minmax(0, 1fr); }
  .detail .picture { position: static; grid-row: 1 / span 3; }
  .detail > :nth-child(n + 4) { grid-column: 1 / -1; }
  .controls .field { flex: 1 1 40%; justify-content: space-between; }
  .field input { text-align: right; }
  .layer-fields .field { flex: 1 1 auto; }
  .stages li { flex-basis: 84px; }
}
/* What is touched is as large as a fingertip. */
@media (max-width: 720px), (pointer: coarse) {
  .studio :is(button, .button, select, input, summary, .field, .class-row, .place, .choice label), .top button, .notice button, .problem button { min-height: 44px; }
  .studio :is(button, .button) { min-width: 44px; }
  .studio .field :is(input, select) { min-height: 42px; }
  .basics .field { min-height: 56px; }
  .basics .field :is(input, select) { min-height: 28px; }
  .studio :is(input[type="checkbox"], .choice input, .button input) { min-height: 0; }
  .studio summary { display: list-item; padding: 11px 0; }
  .choice label { display: inline-flex; align-items: center; }
  .runs label { min-height: 44px; }
  .moves { gap: 2px; }
}
`;
