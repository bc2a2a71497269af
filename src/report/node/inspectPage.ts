import type { Audit } from "../../audit/index.ts";
import {
  classMeans,
  type Dataset,
  type DatasetReport,
  type DuplicateGroup,
  type FileStatistics,
} from "../../datasets/index.ts";
import { imageAt } from "../../image/image.ts";
import { rowsPerClass, tileImages } from "../contactSheet.ts";
import { ofKind } from "../describeAudit.ts";
import {
  describeBalance,
  describeDuplicates,
  describeFiles,
  describeNear,
  describeSplitReport,
  describeSuspects,
} from "../describeReport.ts";
import { percent, whole } from "../format.ts";
import { escapeHtml, page, picture } from "./html.ts";

/** Samples of a class, and images of a group that are drawn. */
const ACROSS = 12;
/** Groups and files that are listed; pages with many thousand are slow. */
const LISTED = 100;
/** Pixels of a picture's side. */
const SIDE = 56;

const STYLE = `table { border-collapse: collapse; }
td, th { padding: 0.25rem 0.75rem 0.25rem 0; text-align: left; vertical-align: middle; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; overflow-wrap: anywhere; }
td img { max-width: none; }
meter { width: 8rem; }
figure { display: inline-block; margin: 0 0.75rem 0.75rem 0; width: 9rem; }
`;

/** A report as a page with pictures: the mean and samples of each class, and groups of duplicates. */
export function inspectPage(
  source: string,
  dataset: Dataset,
  report: DatasetReport,
  files: FileStatistics | undefined,
  audit: Audit | undefined,
): string {
  const facts: readonly (readonly [string, string])[] = [
    ["Source", `${source}: ${dataset.provenance.description}`],
    ["Images", `${whole(report.count)} of ${report.imageShape.join(" × ")}`],
    ["Balance", describeBalance(report)],
    ["Pixels", `mean ${report.mean.toFixed(1)}, standard deviation ${report.deviation.toFixed(1)} of 0 to 255`],
    ...(files ? [["Files", describeFiles(files)] as const] : []),
    ["Duplicates", describeDuplicates(report)],
    ...(report.nearDuplicates ? [["Near duplicates", describeNear(report)] as const] : []),
    ...(audit ? [["Suspicious labels", describeSuspects(audit)] as const] : []),
    ...report.splits.map((split) => ["Split", describeSplitReport(split)] as const),
    ["Fingerprint", report.fingerprint],
    ["Fingerprint in any order", report.unorderedFingerprint],
  ];
  const body = [
    `<dl>${facts.map(([name, text]) => `<dt>${name}</dt><dd>${escapeHtml(text)}</dd>`).join("\n")}</dl>`,
    classTable(dataset, report),
    groupSection("Images that are the same", dataset, report.duplicates),
    groupSection("Images that look the same", dataset, changed(report)),
    audit ? suspectSection(dataset, audit) : "",
    skippedSection(dataset),
  ];
  return page(`Data set ${source}`, STYLE, body.join("\n"));
}

function classTable(dataset: Dataset, { classes, count }: DatasetReport): string {
  const means = classMeans(dataset);
  const samples = rowsPerClass(dataset, ACROSS);
  const most = Math.max(...classes.map((c) => c.count));
  const rows = classes.map(({ name, count: n }, k) => {
    const mean = means[k];
    return `<tr><th>${escapeHtml(name)}</th><td class="number">${whole(n)}</td><td class="number">${percent(n / count)} %</td>
<td><meter max="${most}" value="${n}">${whole(n)}</meter></td>
<td>${mean ? strip([mean], `mean of ${name}`) : ""}</td><td>${strip(
      samples[k]!.map((row) => imageAt(dataset, row)),
      `samples of ${name}`,
    )}</td></tr>`;
  });
  return `<h2>Classes</h2>
<table><tr><th>class</th><th>images</th><th>share</th><th></th><th>mean</th><th>samples</th></tr>
${rows.join("\n")}</table>`;
}

/** Groups that look the same and are not all the same: those have been shown. */
function changed({ duplicates, nearDuplicates = [] }: DatasetReport): readonly DuplicateGroup[] {
  const same = new Set(duplicates.map((rows) => rows.join()));
  return nearDuplicates.filter((rows) => !same.has(rows.join()));
}

/** Groups with more than one label come first, then large ones. */
function groupSection(title: string, dataset: Dataset, groups: readonly DuplicateGroup[]): string {
  if (groups.length === 0) return "";
  const labelsOf = (rows: DuplicateGroup) => [...new Set(rows.map((row) => dataset.labels[row]!))];
  const sorted = groups
    .map((rows) => ({ rows, labels: labelsOf(rows) }))
    .sort((a, b) => b.labels.length - a.labels.length || b.rows.length - a.rows.length);
  const listed = sorted.slice(0, LISTED).map(({ rows, labels }) => {
    const names = labels.map((label) => dataset.classNames[label]!).join(", ");
    const images = [...rows.slice(0, ACROSS)].map((row) => imageAt(dataset, row));
    return `<tr><td class="number">${whole(rows.length)}</td><td>${labels.length > 1 ? `<b>${escapeHtml(names)}</b>` : escapeHtml(names)}</td><td>${strip(images, `images of ${names}`)}</td><td><small>${escapeHtml(namesOf(dataset, rows))}</small></td></tr>`;
  });
  const more = groups.length > LISTED ? `<p>… and ${whole(groups.length - LISTED)} more groups.</p>` : "";
  return `<h2>${title}</h2>
<table><tr><th>images</th><th>labels</th><th></th><th>first</th></tr>
${listed.join("\n")}</table>${more}`;
}

/** The files, or else the rows, of the first two images. */
const namesOf = ({ names }: Dataset, rows: DuplicateGroup): string =>
  rows
    .slice(0, 2)
    .map((row) => names?.[row] ?? `row ${row}`)
    .join(", ");

/** Images whose labels are probably wrong, the likeliest first. */
function suspectSection(dataset: Dataset, audit: Audit): string {
  const cells = ofKind(audit, "labelError")
    .slice(0, LISTED)
    .map(({ row, label, suggested }) => {
      const text = `${label}, taken for ${suggested}`;
      return `<figure>${strip([imageAt(dataset, row)], text)}<figcaption>${escapeHtml(text)}</figcaption></figure>`;
    });
  return `<h2>Suspicious labels</h2>\n<div>${cells.join("\n")}</div>`;
}

function skippedSection({ skipped }: Dataset): string {
  if (skipped.length === 0) return "";
  const lines = skipped
    .slice(0, LISTED)
    .map(({ name, reason }) => `<li>${escapeHtml(name)}: ${escapeHtml(reason)}</li>`);
  const more = skipped.length > LISTED ? `<li>… and ${whole(skipped.length - LISTED)} more</li>` : "";
  return `<h2>Unreadable files</h2>\n<ul>${lines.join("\n")}${more}</ul>`;
}

const strip = (images: Parameters<typeof tileImages>[0], alt: string): string =>
  images.length === 0 ? "" : picture(tileImages(images, { columns: images.length, side: SIDE }), alt);
