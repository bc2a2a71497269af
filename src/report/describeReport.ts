import { type Audit, suspectKinds } from "../audit/index.ts";
import type { InklingError } from "../base/error.ts";
import { bar, percent, quantity, whole } from "../base/format.ts";
import { printable } from "../base/printable.ts";
import { clipped } from "../base/table.ts";
import type { DatasetReport, DuplicateGroup, FileStatistics, Leak, SplitReport } from "../datasets/index.ts";
import { kindNames, ofKind } from "./describeAudit.ts";

/** The maximum number of kinds and sizes of files to list; there may be hundreds of sizes. */
const SHOWN = 3;

/** A longer name of a class is cut, so that a line of it fits a terminal. */
const NAME = 30;

/** A report as lines of text, each with its subject in the first column. `explain` words an error. */
export function describeReport(
  report: DatasetReport,
  files: FileStatistics | undefined,
  audit: Audit | undefined,
  explain: (error: InklingError) => string = ({ message }) => message,
): readonly string[] {
  const { count, classes, skipped, fingerprint, unorderedFingerprint } = report;
  const most = Math.max(...classes.map((c) => c.count));
  const nameOf = (name: string) => clipped(printable(name), NAME);
  const names = Math.max(...classes.map(({ name }) => nameOf(name).length));
  return [
    `images       ${whole(count)} of ${describeShape(report)}, ${classes.length} classes`,
    ...classes.map(
      (c) =>
        `  ${nameOf(c.name).padEnd(names)}  ${bar(c.count / most)}  ${whole(c.count)}  ${percent(c.count / count)} %`,
    ),
    `balance      ${describeBalance(report)}`,
    `pixels       ${describePixels(report)}`,
    ...(files ? [`files        ${describeFiles(files)}`] : []),
    `left out     ${quantity(skipped, "file")}`,
    `duplicates   ${describeDuplicates(report)}`,
    ...(report.nearDuplicates ? [`near         ${describeNear(report)}`] : []),
    ...(audit ? [`suspicious   ${describeSuspects(audit)}`] : []),
    ...(report.splitProblem
      ? [`split        train refuses the default: ${printable(explain(report.splitProblem))}`]
      : []),
    ...report.splits.map(
      (split, i) => `${i === 0 && !report.splitProblem ? "split" : "     "}        ${describeSplitReport(split)}`,
    ),
    ...(report.splits[0]?.warnings ?? []).map((warning) => `             ${printable(warning)}`),
    `fingerprint  ${fingerprint}`,
    `any order    ${unorderedFingerprint}`,
  ];
}

/** The size of the images, and whether they are in color. */
export const describeShape = ({ imageShape: [height, width, channels] }: DatasetReport): string =>
  `${height} × ${width} pixels, ${channels === 1 ? "grayscale" : "RGB"}`;

/** Mean and standard deviation of all pixels. */
export const describePixels = ({ mean, deviation }: DatasetReport): string =>
  `mean ${mean.toFixed(1)}, standard deviation ${deviation.toFixed(1)} of 0 to 255`;

/** The ratio of the number of images in the largest class to that in the smallest. */
export function describeBalance({ classes, imbalance }: DatasetReport): string {
  const filled = classes.filter(({ count }) => count > 0);
  const largest = filled.reduce((a, b) => (b.count > a.count ? b : a), filled[0]!);
  const smallest = filled.reduce((a, b) => (b.count < a.count ? b : a), filled[0]!);
  const empty = classes.length - filled.length;
  const none = empty > 0 ? `; ${quantity(empty, "class has", "classes have")} no image` : "";
  return filled.length === 0
    ? "no images"
    : imbalance === 1
      ? `${empty > 0 ? "equal among the others" : "all equal"}${none}`
      : `${imbalance.toFixed(2)} : 1, ${printable(largest.name)} to ${printable(smallest.name)}${none}`;
}

/** Kinds and sizes of image files. */
export function describeFiles({ kinds, sizes, bytes, count }: FileStatistics): string {
  const some = <T>(items: readonly T[], text: (item: T) => string) =>
    [...items.slice(0, SHOWN).map(text), ...(items.length > SHOWN ? [`${items.length - SHOWN} more`] : [])].join(", ");
  const counted = (n: number, text: string) => (n === count ? text : `${text} (${whole(n)})`);
  const kind = some(kinds, (k) => counted(k.count, k.kind));
  const size = some(sizes, (s) => counted(s.count, `${s.height} × ${s.width}`));
  return `${whole(count)}: ${kind}; ${size}; ${whole(bytes.smallest)} to ${whole(bytes.largest)} bytes`;
}

/** The suspects of an audit, by kind. */
export const describeSuspects = (audit: Audit): string =>
  suspectKinds.map((kind) => `${whole(ofKind(audit, kind).length)} ${kindNames[kind]}`).join(", ");

/** Exact duplicates. */
export const describeDuplicates = ({ duplicates, contradictions }: DatasetReport): string =>
  describeGroups(duplicates, contradictions, ["exact copy", "exact copies"]);

/** Images that look the same. */
export const describeNear = ({ nearDuplicates = [], nearContradictions = 0 }: DatasetReport): string =>
  describeGroups(nearDuplicates, nearContradictions, ["copy or look-alike", "copies and look-alikes"]);

function describeGroups(
  groups: readonly DuplicateGroup[],
  contradictions: number,
  [one, several]: readonly [string, string],
): string {
  const copies = groups.reduce((sum, rows) => sum + rows.length - 1, 0);
  if (copies === 0) return "none";
  return `${quantity(copies, one, several)} in ${quantity(groups.length, "group")}, ${whole(contradictions)} with conflicting labels`;
}

const keeping = {
  groups: "groups kept together",
  pixels: "identical images kept together",
  near: "look-alikes kept together",
  none: "each image on its own",
};

/** What stays together in a split. */
export const describeKeeping = ({ by, keepTogether }: SplitReport): string =>
  by === "source" ? "as the source gives them" : keeping[keepTogether];

/** Images in one part of a split with a duplicate in another part. */
export function describeLeaks({ leaks }: SplitReport): string {
  const found = leaks
    .filter(hasLeaked)
    .map(({ of, in: where, pixels, near }) =>
      near === undefined
        ? `${quantity(pixels, `${of} image is`, `${of} images are`)} also in ${where}`
        : `${quantity(near, `${of} image looks`, `${of} images look`)} like one in ${where}${pixels > 0 ? `, ${whole(pixels)} exactly` : ""}`,
    );
  return found.join("; ") || "no duplicates between them";
}

/** Whether a split has duplicates across its parts. */
export const hasLeaked = ({ pixels, near = 0 }: Leak): boolean => pixels + near > 0;

/** The sizes of a split, and the duplicates across its parts. */
export function describeSplitReport(split: SplitReport): string {
  const { training, validation, test, leftOut } = split;
  const out = leftOut > 0 ? `, ${whole(leftOut)} left out` : "";
  return `${whole(training)} training, ${whole(validation)} validation, ${whole(test)} test${out}, ${describeKeeping(split)}: ${describeLeaks(split)}`;
}
