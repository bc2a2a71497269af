import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { percent, quantity } from "../../base/format.ts";
import { checkWritable } from "../../base/node/writeFile.ts";
import { clipped, formatTable } from "../../base/table.ts";
import { describeDifferences } from "../../report/describeDifferences.ts";
import { type ListedRun, listRuns } from "../../runs/node/listRuns.ts";
import { readRun } from "../../runs/node/runFile.ts";
import type { RunRecord } from "../../runs/record.ts";
import { differences, valueAt } from "../../training/differences.ts";
import { createTerminal, printSummary, type Terminal } from "../terminal.ts";
import { type Order, orders, type SummarizedRun, summaryOfRun } from "./summary.ts";
import { runsTable } from "./table.ts";

export interface RunsCommandOptions {
  readonly sort: Order;
  readonly all?: boolean;
  readonly diff?: readonly string[];
  readonly html?: string;
  readonly json?: boolean;
}

/** A longer list shows only the runs that were started last. */
const LISTED = 40;

/** Lists runs in a table, or compares two of them. */
export async function runsCommand(folder: string, options: RunsCommandOptions): Promise<void> {
  const { sort, all = false, diff, html, json = false } = options;
  const terminal = createTerminal();
  if (diff && html !== undefined)
    throw new InklingError(
      "INVALID_ARGUMENT",
      "--html is a page of all runs, not of --diff; for two runs use: inkling compare RUN RUN --html FILE",
    );
  if (diff) return compareRuns(folder, diff, json, terminal);
  if (html !== undefined) await checkWritable(html);
  const listed = await listRuns(folder);
  const sorted = listed
    .map((run) => ({ run, summary: summaryOfRun(run) }))
    .sort((a, b) => orders[sort](a.summary, b.summary));
  if (html !== undefined) {
    const { writeRunsPage } = await import("./writePage.ts");
    await writeRunsPage(html, folder, sorted);
    terminal.note(terminal.dim(`page of ${quantity(sorted.length, "run")}: ${html}`));
  }
  if (json) {
    printSummary(summaryOf(sorted, differingSettings(listed)));
    return;
  }
  if (sorted.length === 0) return terminal.out("There are no runs here; train one with: inkling train");
  const summaries = sorted.map(({ summary }) => summary);
  const latest = new Set(summaries.toSorted(orders.started).slice(-LISTED));
  const shown = all ? summaries : summaries.filter((run) => latest.has(run));
  for (const line of runsTable(shown, terminal.columns)) terminal.out(line);
  const left = summaries.length - shown.length;
  if (left > 0) terminal.note(`${quantity(left, "earlier run")} not listed; --all lists them`);
}

/** Prints what differs between two runs: their settings, and how they ended. */
async function compareRuns(folder: string, names: readonly string[], json: boolean, terminal: Terminal): Promise<void> {
  if (names.length !== 2)
    throw new InklingError("INVALID_ARGUMENT", `--diff compares two runs, but ${quantity(names.length, "name")} given`);
  const isPath = (name: string) => dirname(name) !== "." || existsSync(name);
  const [a, b] = (await Promise.all(names.map((name) => readRun(isPath(name) ? name : join(folder, name))))) as [
    RunRecord,
    RunRecord,
  ];
  const found = differences(a.config, b.config);
  const results = { a: resultOf(a), b: resultOf(b) };
  if (json) {
    const settings = found.map(({ path, a, b }) => ({ path, a: parsed(a), b: parsed(b) }));
    printSummary({ runs: names, settings, results });
    return;
  }
  const rows: readonly (readonly string[])[] = [
    ...describeDifferences(a.config, b.config),
    ["validation accuracy", shown(results.a.validationAccuracy), shown(results.b.validationAccuracy)],
    ["test accuracy", shown(results.a.testAccuracy), shown(results.b.testAccuracy)],
  ];
  const width = Math.max(12, Math.floor((terminal.columns - Math.max(...rows.map(([path]) => path!.length)) - 4) / 2));
  const fits = ([, ...values]: readonly string[]) => values.every((value) => value.length <= width);
  const head = ["setting", ...names.map((name) => clipped(name, width))];
  for (const line of formatTable([head, ...rows.filter(fits)], ["left", "left", "left"])) terminal.out(line);
  for (const [path, ...values] of rows.filter((row) => !fits(row)))
    for (const line of [`${path}:`, ...values.map((value, k) => `  ${names[k]}: ${value}`)]) terminal.out(line);
  if (found.length === 0) terminal.out("All settings are the same.");
}

const parsed = (json: string): unknown => (json === "nothing" ? null : JSON.parse(json));
const shown = (accuracy: number | null): string => (accuracy === null ? "–" : `${percent(accuracy)} %`);

const resultOf = ({ result }: RunRecord) => ({
  validationAccuracy: result && result.validation.count > 0 ? result.validation.accuracy : null,
  testAccuracy: result && result.test.count > 0 ? result.test.accuracy : null,
  weightsSha256: result?.weightsSha256 ?? null,
});

/** The paths of settings that differ between any two runs, such as `optimizer.learningRate.rate`. */
function differingSettings(runs: readonly ListedRun[]): readonly string[] {
  const [first, ...others] = runs.flatMap(({ run }) => (run ? [run.config] : []));
  const paths = others.flatMap((config) => differences(first, config).map(({ path }) => path));
  return [...new Set(paths)].filter((path) => !path.startsWith("data.readings"));
}

function summaryOf(runs: readonly SummarizedRun[], differing: readonly string[]) {
  return {
    runs: runs.map(({ run: listed, summary }) => {
      const { path, status, step, problem, run } = listed;
      const { test, validation, imagesPerSecond, weightsSha256 } = run?.result ?? {};
      return {
        run: path,
        status,
        step,
        steps: run?.config.steps,
        started: summary.started || undefined,
        ...summary.settings,
        testAccuracy: test?.accuracy,
        testInterval: test?.interval,
        testImages: test?.count,
        validationAccuracy: validation?.accuracy,
        imagesPerSecond,
        seconds: summary.seconds,
        weightsSha256,
        settings: run && Object.fromEntries(differing.map((path) => [path, valueAt(run.config, path) ?? null])),
        problem,
      };
    }),
  };
}
