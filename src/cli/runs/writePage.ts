import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { InklingError } from "../../base/error.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { formatShape } from "../../base/shape.ts";
import { describeNetwork, nameOf } from "../../report/describeDifferences.ts";
import type { RunOnPage, RunReport } from "../../report/pages/runs/runsPageData.ts";
import { readMetrics } from "../../runs/node/metrics.ts";
import { valueAt } from "../../training/differences.ts";
import type { TrainingSpec } from "../../training/spec.ts";
import type { SummarizedRun } from "./summary.ts";

/** A setting that a page shows in a column: its name, and its value as text. */
interface Setting {
  readonly name: string;
  readonly of: (config: TrainingSpec) => string;
}

/** Writes the runs of a folder as a page. `differing` are the paths of settings that differ. Throws `FILE_SYSTEM`. */
export async function writeRunsPage(
  file: string,
  folder: string,
  runs: readonly SummarizedRun[],
  differing: readonly string[],
): Promise<void> {
  const { runsPage } = await import("../../report/pages/runs/runsPage.tsx");
  const columns = columnsOf(differing);
  const shown = await Promise.all(runs.map((run) => pageOf(run, columns, file)));
  await writeFileAtomic(file, runsPage({ folder, runs: shown, differing: columns.map(({ name }) => name) }));
}

async function pageOf(
  { run: { path, run }, summary }: SummarizedRun,
  columns: readonly Setting[],
  file: string,
): Promise<RunOnPage> {
  return {
    ...summary,
    name: basename(resolve(path)),
    validations: await validationsOf(path),
    differing: run ? columns.map(({ of }) => of(run.config)) : [],
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

/** A column for each setting, except that the layers of a network are one together, and hashes are shown by others. */
function columnsOf(differing: readonly string[]): readonly Setting[] {
  const isModel = (path: string) => path.startsWith("model.");
  const plain = differing.filter((path) => !isModel(path) && !/ingerprint|^initialWeights$/.test(path));
  return [
    ...(differing.some((path) => isModel(path) && path !== "model.input" && !path.startsWith("model.classes"))
      ? [{ name: "network", of: ({ model }: TrainingSpec) => describeNetwork(model) }]
      : []),
    ...(differing.some((path) => path.startsWith("model.input"))
      ? [{ name: "input", of: ({ model }: TrainingSpec) => formatShape(model.input) }]
      : []),
    ...plain.map((path) => ({ name: nameOf(path), of: (config: TrainingSpec) => textOf(valueAt(config, path)) })),
  ];
}

/** The longest value that is shown. */
const LONGEST = 40;

function textOf(value: unknown): string {
  if (value === undefined) return "–";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
