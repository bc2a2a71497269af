import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { InklingError } from "../../base/error.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { tableOfDifferences } from "../../report/describeDifferences.ts";
import type { RunOnPage, RunReport } from "../../report/pages/runs/runsPageData.ts";
import { readMetrics } from "../../runs/node/metrics.ts";
import type { SummarizedRun } from "./summary.ts";

/** Writes the runs of a folder as a page. Throws `FILE_SYSTEM`. */
export async function writeRunsPage(file: string, folder: string, runs: readonly SummarizedRun[]): Promise<void> {
  const { runsPage } = await import("../../report/pages/runs/runsPage.tsx");
  const readable = runs.filter(({ run: { run } }) => run !== undefined);
  const { names, values } = tableOfDifferences(readable.map(({ run: { run } }) => run!.config));
  const shown = await Promise.all(
    runs.map((run) => pageOf(run, (values[readable.indexOf(run)] ?? []).map(shortened), file)),
  );
  await writeFileAtomic(file, runsPage({ folder, runs: shown, differing: names }));
}

async function pageOf(
  { run: { path }, summary }: SummarizedRun,
  differing: readonly string[],
  file: string,
): Promise<RunOnPage> {
  return {
    ...summary,
    name: basename(resolve(path)),
    validations: await validationsOf(path),
    differing,
    reports: await reportsOf(path, file),
  };
}

/** The validations of a run; none if its metrics are damaged, which its weights do not depend on. */
const validationsOf = (path: string) =>
  readMetrics(path).catch((error: unknown) => {
    if (error instanceof InklingError) return [];
    throw error;
  });

/** The pages in a run's folder. */
async function reportsOf(path: string, file: string): Promise<readonly RunReport[]> {
  const names = await readdir(path);
  const pages = names.filter((name) => name.endsWith(".html") && resolve(path, name) !== resolve(file)).sort();
  const from = dirname(resolve(file));
  return pages.map((name) => ({
    name,
    href: relative(from, resolve(join(path, name)))
      .split(sep)
      .map(encodeURIComponent)
      .join("/"),
  }));
}

/** The longest value that is shown. */
const LONGEST = 40;

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
