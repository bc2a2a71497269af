import { type Audit, type ProposeOptions, proposedFix, type Suspect, suspectKinds } from "../../audit/index.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import type { Dataset } from "../../datasets/index.ts";
import { imageAt } from "../../image/image.ts";
import { auditPageScript } from "../auditPageScript.ts";
import { kindNames, nameOf, ofKind, probabilityOf } from "../describeAudit.ts";
import { percent, whole } from "../format.ts";
import { escapeHtml, page, picture } from "./html.ts";

/** Suspects of one kind on a page; browsers become slow with many more. */
const SHOWN = 1000;

/**
 * A page with pictures of the suspects, in one file that needs no other: what to do with each can be chosen, with the
 * proposals as a start, and saved as a fixes file.
 */
export function auditPage(dataset: Dataset, audit: Audit, propose: ProposeOptions): string {
  const { source, imageShape, images, accuracy, noise, classNames, folds, steps, recipe } = audit;
  const unseen = suspectKinds
    .flatMap((kind) => ofKind(audit, kind).slice(SHOWN))
    .flatMap((suspect) => proposedFix(suspect, propose) ?? []);
  const body = [
    `<p>${whole(images)} images of ${classNames.length} classes, each judged by one of ${folds} models (${escapeHtml(recipe)}, ${whole(steps)} steps) that was not trained on it.`,
    `${percent(accuracy)} % of the labels are what the model says; by estimate ${percent(noise)} % are wrong.</p>`,
    '<p>Choose what to do with each image, then <button id="save">save the fixes</button> and use them with <code>--fixes fixes.json</code>.</p>',
    ...suspectKinds.map((kind) => section(dataset, audit, kind, propose)),
    `<script type="application/json" id="audit">${json({ head: { formatVersion: FORMAT_VERSION, kind: "fixes", source, imageShape }, unseen })}</script>`,
    `<script>(${auditPageScript.toString()})()</script>`,
  ];
  return page(`Audit of ${source}`, STYLE, body.join("\n"));
}

const STYLE = `section > div { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 0.75rem; }
article { border: 1px solid #8886; border-radius: 6px; padding: 0.5rem; overflow-wrap: anywhere; }
article img { width: 84px; height: 84px; object-fit: contain; background: #888; }
small { display: block; opacity: 0.75; }
select { width: 100%; }
`;

function section(dataset: Dataset, audit: Audit, kind: (typeof suspectKinds)[number], propose: ProposeOptions): string {
  const all = ofKind(audit, kind);
  const cards = all.slice(0, SHOWN).map((suspect) => card(dataset, audit, suspect, propose));
  const more =
    all.length > SHOWN
      ? `<p>… and ${whole(all.length - SHOWN)} more, of less weight; what is proposed for them is saved too.</p>`
      : "";
  return `<section>
<h2>${kindNames[kind]}: ${whole(all.length)}</h2>
<div>
${cards.join("\n")}
</div>
${more}</section>`;
}

function card(dataset: Dataset, audit: Audit, suspect: Suspect, propose: ProposeOptions): string {
  const { row, label, suggested, sha256, name } = suspect;
  const of = (className: string) => `${escapeHtml(className)} ${percent(probabilityOf(audit, suspect, className))} %`;
  const others = audit.classNames
    .filter((className) => className !== label && className !== suggested)
    .sort((a, b) => probabilityOf(audit, suspect, b) - probabilityOf(audit, suspect, a))
    .slice(0, 2);
  const file = name === undefined ? "" : ` data-name="${escapeHtml(name)}"`;
  return `<article data-sha256="${sha256}" data-label="${escapeHtml(label)}"${file}>
${picture(imageAt(dataset, row), `labelled ${label}, taken for ${suggested}`)}
<div>given <b>${of(label)}</b><br>${suggested === label ? "" : `taken for <b>${of(suggested)}</b>`}</div>
<small>${others.map(of).join(", ")}</small>
<small>${escapeHtml(nameOf(suspect))}</small>
${choices(audit, suspect, propose)}
</article>`;
}

/** What can be done with an image, with what is proposed chosen. */
function choices({ classNames }: Audit, suspect: Suspect, propose: ProposeOptions): string {
  const proposed = proposedFix(suspect, propose);
  const option = (text: string, action: string, to?: string) => {
    const isProposed = proposed?.action === action && (proposed.action !== "relabel" || proposed.to === to);
    const target = to === undefined ? "" : ` data-to="${escapeHtml(to)}"`;
    return `<option value="${action}"${target}${isProposed ? " selected" : ""}>${escapeHtml(text)}</option>`;
  };
  const relabel = classNames
    .filter((className) => className !== suspect.label)
    .map((className) => option(`relabel: ${className}`, "relabel", className));
  return `<select aria-label="what to do">${option("no fix", "")}${option("keep: it is right", "keep")}${option("drop", "drop")}${relabel.join("")}</select>`;
}

/** JSON that may stand in a script element. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");
