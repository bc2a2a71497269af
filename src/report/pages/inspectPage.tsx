import type { ComponentChildren } from "preact";
import type { Audit } from "../../audit/index.ts";
import { percent, quantity, whole } from "../../base/format.ts";
import {
  classMeans,
  type Dataset,
  type DatasetReport,
  type DuplicateGroup,
  type FileStatistics,
  type SplitReport,
} from "../../datasets/index.ts";
import { imageAt } from "../../image/image.ts";
import { Bar } from "../components/bar.tsx";
import { Facts, Figures, More } from "../components/facts.tsx";
import { Picture, Thumbnails } from "../components/picture.tsx";
import { rowsPerClass } from "../contactSheet.ts";
import { ofKind } from "../describeAudit.ts";
import {
  describeBalance,
  describeDuplicates,
  describeFiles,
  describeKeeping,
  describeLeaks,
  describeNear,
  describePixels,
  describeShape,
  describeSuspects,
  hasLeaked,
} from "../describeReport.ts";
import { type Part, renderPage } from "./page.tsx";

/** The maximum number of samples per class, and of images per group. */
const ACROSS = 12;
/** The maximum number of groups and files listed; pages with many thousands are slow. */
const LISTED = 100;

/** A data set, and the findings of its report. */
export interface InspectPageData {
  readonly source: string;
  readonly dataset: Dataset;
  readonly report: DatasetReport;
  readonly files?: FileStatistics | undefined;
  readonly audit?: Audit | undefined;
}

/** A report as a page with pictures: the mean and samples of each class, and groups of duplicates. */
export function inspectPage(data: InspectPageData): string {
  const parts: readonly (Part | undefined)[] = [
    overview(data),
    data.report.splits.length > 0 ? splits(data) : undefined,
    classes(data),
    groups(data, { id: "same", title: "Images that are the same", of: data.report.duplicates }),
    groups(data, { id: "alike", title: "Images that look the same", of: onlyAlike(data.report) }),
    data.audit && suspects(data.dataset, data.audit),
    data.dataset.skipped.length > 0 ? unreadable(data.dataset) : undefined,
  ];
  return renderPage({ title: `Data set ${data.source}`, parts: parts.filter((part) => part !== undefined) });
}

function overview({ source, dataset, report, files, audit }: InspectPageData): Part {
  const { count, classes: all, imbalance, fingerprint, unorderedFingerprint } = report;
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    ["Source", source],
    ["Balance", describeBalance(report)],
    ["Pixels", describePixels(report)],
    ...(files ? [["Files", describeFiles(files)] as const] : []),
    ["Duplicates", describeDuplicates(report)],
    ...(report.nearDuplicates ? [["Near duplicates", describeNear(report)] as const] : []),
    ...(audit ? [["Suspicious labels", describeSuspects(audit)] as const] : []),
    ["Fingerprint", <code>{fingerprint}</code>],
    ["Fingerprint in any order", <code>{unorderedFingerprint}</code>],
  ];
  return {
    id: "overview",
    title: "Overview",
    content: (
      <>
        <p class="prose soft">{dataset.provenance.description}</p>
        <Figures
          items={[
            { name: "Images", value: whole(count), note: describeShape(report) },
            { name: "Classes", value: whole(all.length) },
            { name: "Largest to smallest class", value: `${imbalance.toFixed(2)} : 1` },
            { name: "Groups of exact duplicates", value: whole(report.duplicates.length) },
            { name: "Unreadable files", value: whole(report.skipped) },
          ]}
        />
        <Facts items={facts} />
      </>
    ),
  };
}

const SIDES = ["training", "validation", "test"] as const;

const splits = ({ report }: InspectPageData): Part => ({
  id: "splits",
  title: "Splits",
  note: (
    <>
      as <code>train</code> would make them
    </>
  ),
  content: (
    <ul class="splits">
      {report.splits.map((split) => (
        <li>
          <h3>{describeKeeping(split)}</h3>
          <Bar pieces={SIDES.map((side) => ({ share: split[side] / imagesIn(split), class: side }))} />
          <div class="key small">
            {SIDES.map((side) => (
              <span class={side}>
                {whole(split[side])} {side}
              </span>
            ))}
            {split.leftOut > 0 && <span>{whole(split.leftOut)} left out</span>}
          </div>
          <p class={split.leaks.some(hasLeaked) ? "warn" : "soft"}>{describeLeaks(split)}</p>
        </li>
      ))}
    </ul>
  ),
});

const imagesIn = ({ training, validation, test, leftOut }: SplitReport): number =>
  training + validation + test + leftOut;

function classes({ dataset, report }: InspectPageData): Part {
  const means = classMeans(dataset);
  const samples = rowsPerClass(dataset, ACROSS);
  const most = Math.max(...report.classes.map(({ count }) => count));
  const row = (name: string, count: number, k: number) => {
    const images = samples[k]!.map((sample) => imageAt(dataset, sample));
    return (
      <tr>
        <th scope="row">{name}</th>
        <td class="number">{whole(count)}</td>
        <td class="number soft">{percent(count / report.count)} %</td>
        <td class="share">
          <Bar pieces={[{ share: count / most }]} />
        </td>
        <td class="mean">{means[k] && <Thumbnails images={[means[k]]} label={`mean of ${name}`} />}</td>
        <td class="all">{images.length > 0 && <Thumbnails images={images} label={`samples of ${name}`} />}</td>
      </tr>
    );
  };
  return {
    id: "classes",
    title: "Classes",
    note: whole(report.classes.length),
    content: (
      <table class="classes">
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col" class="number">
              images
            </th>
            <th scope="col" class="number">
              share
            </th>
            <td class="share" />
            <th scope="col" class="mean">
              mean
            </th>
            <th scope="col">samples</th>
          </tr>
        </thead>
        <tbody>{report.classes.map(({ name, count }, k) => row(name, count, k))}</tbody>
      </table>
    ),
  };
}

/** Groups of look-alikes, except those of identical images, which are listed separately. */
function onlyAlike({ duplicates, nearDuplicates = [] }: DatasetReport): readonly DuplicateGroup[] {
  const same = new Set(duplicates.map((rows) => rows.join()));
  return nearDuplicates.filter((rows) => !same.has(rows.join()));
}

/** Groups of images: first those with more than one label, then the largest. */
function groups(
  { dataset }: InspectPageData,
  { id, title, of }: Pick<Part, "id" | "title"> & { readonly of: readonly DuplicateGroup[] },
): Part | undefined {
  if (of.length === 0) return undefined;
  const namesIn = (rows: DuplicateGroup) => [
    ...new Set([...rows].map((row) => dataset.classNames[dataset.labels[row]!]!)),
  ];
  const listed = of
    .map((rows) => ({ rows, names: namesIn(rows) }))
    .sort((a, b) => b.names.length - a.names.length || b.rows.length - a.rows.length)
    .slice(0, LISTED);
  return {
    id,
    title,
    note: quantity(of.length, "group"),
    content: (
      <>
        <ul class="cards">
          {listed.map(({ rows, names }) => (
            <li class="card">
              <Thumbnails
                images={[...rows.slice(0, ACROSS)].map((row) => imageAt(dataset, row))}
                label={`images of ${names.join(", ")}`}
              />
              <div>
                {whole(rows.length)} images of <b class={names.length > 1 ? "warn" : undefined}>{names.join(", ")}</b>
                <div class="small soft">{firstNames(dataset, rows)}</div>
              </div>
            </li>
          ))}
        </ul>
        <More count={of.length - listed.length}>… and {whole(of.length - listed.length)} more groups.</More>
      </>
    ),
  };
}

/** The files or, without names, the rows of the first two images. */
const firstNames = ({ names }: Dataset, rows: DuplicateGroup): string =>
  [...rows.slice(0, 2)].map((row) => names?.[row] ?? `row ${row}`).join(", ");

/** Images whose labels are probably wrong, most likely first. */
function suspects(dataset: Dataset, audit: Audit): Part {
  const all = ofKind(audit, "labelError");
  return {
    id: "suspicious",
    title: "Suspicious labels",
    note: `${whole(all.length)}, each with the predicted class`,
    content: (
      <>
        <ul class="suspects">
          {all.slice(0, LISTED).map(({ row, label, suggested }) => (
            <li>
              <Picture image={imageAt(dataset, row)} alt="" />
              <span class="warn">{label}</span> → <b class="taken">{suggested}</b>
            </li>
          ))}
        </ul>
        <More count={all.length - LISTED}>… and {whole(all.length - LISTED)} more.</More>
      </>
    ),
  };
}

function unreadable({ skipped }: Dataset): Part {
  return {
    id: "unreadable",
    title: "Files left out",
    note: whole(skipped.length),
    content: (
      <>
        <ul class="list">
          {skipped.slice(0, LISTED).map(({ name, reason }) => (
            <li>{`${name}: ${reason}`}</li>
          ))}
        </ul>
        <More count={skipped.length - LISTED}>… and {whole(skipped.length - LISTED)} more.</More>
      </>
    ),
  };
}
