import { basename } from "node:path";
import { duration, percent, whole } from "../../base/format.ts";
import { type Align, clipped, formatTable } from "../../base/table.ts";
import type { RunSummary } from "../../report/runSummary.ts";

interface Column {
  readonly head: string;
  readonly align: Align;
  readonly cell: (run: RunSummary) => string;
  /** Columns with larger numbers are left out first where lines are too long. */
  readonly rank: number;
}

const shortTime = (seconds: number): string => (seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds));
const accuracy = (share: number | undefined): string => (share === undefined ? "–" : `${percent(share)} %`);
/** 64,138 as 64.1 k */
const thousands = (n: number): string =>
  n < 1000 ? whole(n) : n < 1e6 ? `${(n / 1e3).toFixed(1)} k` : `${(n / 1e6).toFixed(2)} M`;

const columns: readonly Column[] = [
  { head: "run", align: "left", cell: ({ path }) => basename(path), rank: 0 },
  { head: "recipe", align: "left", cell: ({ settings }) => settings?.recipe ?? "–", rank: 4 },
  { head: "params", align: "right", cell: ({ settings }) => thousands(settings!.parameters), rank: 3 },
  { head: "batch", align: "right", cell: ({ settings }) => whole(settings!.batchSize), rank: 2 },
  {
    head: "rate",
    align: "right",
    cell: ({ settings }) => String(Number(settings!.learningRate.toPrecision(2))),
    rank: 1,
  },
  {
    head: "steps",
    align: "right",
    cell: ({ step, status, settings }) =>
      status === "finished" ? whole(step) : `${whole(step)}/${whole(settings!.steps)}`,
    rank: 1,
  },
  { head: "val", align: "right", cell: ({ validation }) => accuracy(validation), rank: 0 },
  {
    head: "test",
    align: "right",
    cell: ({ test, status }) => (status === "finished" ? accuracy(test?.accuracy) : status),
    rank: 0,
  },
  { head: "time", align: "right", cell: ({ seconds }) => (seconds === undefined ? "–" : shortTime(seconds)), rank: 2 },
];

const longest = (lines: readonly string[]): number => Math.max(...lines.map(({ length }) => length));

/**
 * Runs as a table whose lines fit a number of characters: where they do not, columns are left out and names shortened.
 * Runs that cannot be read follow, each with the reason.
 */
export function runsTable(runs: readonly RunSummary[], width: number): readonly string[] {
  const readable = runs.filter(({ settings }) => settings);
  const unreadable = runs.filter(({ settings }) => !settings);
  return [
    ...(readable.length > 0 ? fitted(readable, width) : []),
    ...unreadable.map(({ path, status, problem }) => `${basename(path)}: ${status}: ${problem}`),
  ];
}

function fitted(runs: readonly RunSummary[], width: number): readonly string[] {
  const tableOf = (some: readonly Column[], names = Number.POSITIVE_INFINITY) =>
    formatTable(
      [
        some.map(({ head }) => head),
        ...runs.map((run) => some.map(({ cell, head }) => (head === "run" ? clipped(cell(run), names) : cell(run)))),
      ],
      some.map(({ align }) => align),
    );
  // The name of a run begins with its recipe, unless another was given.
  const isNamed = runs.every(({ path, settings }) => settings?.recipe && basename(path).startsWith(settings.recipe));
  const own = columns.filter(({ head }) => head !== "recipe" || !isNamed || width >= 100);
  for (const rank of [4, 3, 2, 1, 0]) {
    const table = tableOf(own.filter((column) => column.rank <= rank));
    if (longest(table) <= width) return table;
  }
  const least = own.filter(({ rank }) => rank === 0);
  const names = longest(runs.map(({ path }) => basename(path)));
  return tableOf(least, Math.max(8, names - longest(tableOf(least)) + width));
}
