import { type Audit, suspectKinds } from "../audit/index.ts";
import { printable } from "../base/printable.ts";
import type { DatasetReport, DuplicateGroup, FileStatistics, SplitReport } from "../datasets/index.ts";
import { kindNames, ofKind } from "./describeAudit.ts";
import { bar, percent, whole } from "./format.ts";

/** Kinds and sizes of files that are named; there may be hundreds of sizes. */
const SHOWN = 3;

/** A report in lines, under a column of their subjects. */
export function describeReport(
  report: DatasetReport,
  files: FileStatistics | undefined,
  audit: Audit | undefined,
): readonly string[] {
  const { count, classes, imageShape, mean, deviation, skipped, fingerprint, unorderedFingerprint } = report;
  const [height, width, channels] = imageShape;
  const most = Math.max(...classes.map((c) => c.count));
  const names = Math.max(...classes.map(({ name }) => printable(name).length));
  return [
    `images       ${whole(count)} of ${height} × ${width} pixels, ${channels === 1 ? "grey" : "red, green, blue"}, ${classes.length} classes`,
    ...classes.map(
      (c) =>
        `  ${printable(c.name).padEnd(names)}  ${bar(c.count / most)}  ${whole(c.count)}  ${percent(c.count / count)} %`,
    ),
    `balance      ${describeBalance(report)}`,
    `pixels       mean ${mean.toFixed(1)}, standard deviation ${deviation.toFixed(1)} of 0 to 255`,
    ...(files ? [`files        ${describeFiles(files)}`] : []),
    `unreadable   ${whole(skipped)} files`,
    `duplicates   ${describeDuplicates(report)}`,
    ...(report.nearDuplicates ? [`near         ${describeNear(report)}`] : []),
    ...(audit ? [`suspicious   ${describeSuspects(audit)}`] : []),
    ...report.splits.map((split, i) => `${i === 0 ? "split" : "     "}        ${describeSplitReport(split)}`),
    `fingerprint  ${fingerprint}`,
    `any order    ${unorderedFingerprint}`,
  ];
}

/** How many images of the largest class there are for each of the smallest. */
export function describeBalance({ classes, imbalance }: DatasetReport): string {
  const filled = classes.filter(({ count }) => count > 0);
  const largest = filled.reduce((a, b) => (b.count > a.count ? b : a), filled[0]!);
  const smallest = filled.reduce((a, b) => (b.count < a.count ? b : a), filled[0]!);
  const empty = classes.length - filled.length;
  const none = empty > 0 ? `; ${whole(empty)} classes have no image` : "";
  return filled.length === 0
    ? "no images"
    : `${imbalance.toFixed(2)} : 1, ${printable(largest.name)} to ${printable(smallest.name)}${none}`;
}

/** Kinds, sizes and bytes of files. */
export function describeFiles({ kinds, sizes, bytes, count }: FileStatistics): string {
  const some = <T>(items: readonly T[], text: (item: T) => string) =>
    [...items.slice(0, SHOWN).map(text), ...(items.length > SHOWN ? [`${items.length - SHOWN} more`] : [])].join(", ");
  const counted = (n: number, text: string) => (n === count ? text : `${text} (${whole(n)})`);
  const kind = some(kinds, (k) => counted(k.count, k.kind));
  const size = some(sizes, (s) => counted(s.count, `${s.height} × ${s.width}`));
  return `${whole(count)}: ${kind}; ${size}; ${whole(bytes.smallest)} to ${whole(bytes.largest)} bytes`;
}

const copiesIn = (groups: readonly DuplicateGroup[]): number => groups.reduce((sum, rows) => sum + rows.length - 1, 0);

/** What an audit suspects, by kinds. */
export const describeSuspects = (audit: Audit): string =>
  suspectKinds.map((kind) => `${whole(ofKind(audit, kind).length)} ${kindNames[kind]}`).join(", ");

/** Exact duplicates. */
export const describeDuplicates = ({ duplicates, contradictions }: DatasetReport): string =>
  `${whole(copiesIn(duplicates))} images are exact copies of others, in ${whole(duplicates.length)} groups; ${whole(contradictions)} groups have more than one label`;

/** Images that look the same. */
export const describeNear = ({ nearDuplicates = [], nearContradictions = 0 }: DatasetReport): string =>
  `${whole(copiesIn(nearDuplicates))} images look like others or are copies, in ${whole(nearDuplicates.length)} groups; ${whole(nearContradictions)} groups have more than one label`;

const keeping = {
  groups: "groups kept together",
  pixels: "same pixels kept together",
  near: "what looks the same kept together",
  none: "where any may part",
};

/** Sizes of a split, and what is on both its sides. */
export function describeSplitReport({ keepTogether, training, validation, test, leftOut, leaks }: SplitReport): string {
  const out = leftOut > 0 ? `, ${whole(leftOut)} left out` : "";
  const found = leaks
    .filter(({ pixels, near = 0 }) => pixels + near > 0)
    .map(({ of, in: where, pixels, near }) => {
      const alike = near === undefined ? "" : `, ${whole(near)} alike`;
      return `${of} in ${where} ${whole(pixels)} same${alike}`;
    });
  const text = found.length === 0 ? "nothing is in two" : found.join("; ");
  return `${whole(training)} training, ${whole(validation)} validation, ${whole(test)} test${out}, ${keeping[keepTogether]}: ${text}`;
}
