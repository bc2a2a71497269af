import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { formatInterval, percent, whole } from "../../report/format.ts";
import { type ListedRun, listRuns } from "../../runs/node/listRuns.ts";
import { differences } from "../../training/differences.ts";

export interface RunsCommandOptions {
  readonly json?: boolean;
}

/** Lists runs, and how their settings differ. */
export async function runsCommand(folder: string, { json = false }: RunsCommandOptions): Promise<void> {
  const runs = await listRuns(folder);
  const differing = differingSettings(runs);
  if (json) process.stdout.write(`${JSON.stringify(summaryOf(runs, differing))}\n`);
  else process.stdout.write(`${[...describe(runs), ...describeSettings(runs, differing)].join("\n")}\n`);
}

/** The paths of settings that differ between any two runs, such as `optimizer.learningRate.rate`. */
function differingSettings(runs: readonly ListedRun[]): readonly string[] {
  const [first, ...others] = runs.flatMap(({ run }) => (run ? [run.config] : []));
  return [...new Set(others.flatMap((config) => differences(first, config).map(({ path }) => path)))];
}

function settingOf({ run }: ListedRun, path: string): unknown {
  const step = (value: unknown, key: string) => (value as Record<string, unknown> | undefined)?.[key];
  return path.split(".").reduce(step, run?.config);
}

function summaryOf(runs: readonly ListedRun[], differing: readonly string[]) {
  return {
    formatVersion: FORMAT_VERSION,
    runs: runs.map((listed) => {
      const { path, status, step, problem, run } = listed;
      const { test, validation, imagesPerSecond, weightsSha256 } = run?.result ?? {};
      return {
        run: path,
        status,
        step,
        steps: run?.config.steps,
        testAccuracy: test?.accuracy,
        testInterval: test?.interval,
        testImages: test?.count,
        validationAccuracy: validation?.accuracy,
        imagesPerSecond,
        weightsSha256,
        settings: run && Object.fromEntries(differing.map((path) => [path, settingOf(listed, path) ?? null])),
        problem,
      };
    }),
  };
}

function describe(runs: readonly ListedRun[]): readonly string[] {
  if (runs.length === 0) return ["There are no runs here; train one with: inkling train"];
  const rows = runs.map(({ path, status, step, run, problem }) => {
    if (!run) return [path, status, problem ?? ""];
    const { test } = run.result ?? {};
    const progress = status === "finished" ? "" : ` at step ${whole(step)}`;
    const accuracy = test?.count
      ? `${percent(test.accuracy)}% (${formatInterval(test.interval)}, ${whole(test.count)} images)`
      : "not tested";
    return [
      path,
      `${status}${progress} of ${whole(run.config.steps)} steps`.replace("finished of", "finished"),
      accuracy,
    ];
  });
  return aligned([["run", "state", "test accuracy"], ...rows]);
}

function describeSettings(runs: readonly ListedRun[], differing: readonly string[]): readonly string[] {
  if (differing.length === 0) return [];
  const readable = runs.filter(({ run }) => run);
  const rows = differing.flatMap((path) => [
    path,
    ...readable.map((listed) => `  ${JSON.stringify(settingOf(listed, path)) ?? "nothing"}  in ${listed.path}`),
  ]);
  return ["", "Settings that differ:", ...rows];
}

/** Columns as wide as their widest cell. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
