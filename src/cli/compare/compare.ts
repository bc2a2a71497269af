import { backend } from "../../backends/index.ts";
import { commandLine } from "../../base/commandLine.ts";
import { InklingError } from "../../base/error.ts";
import { percent } from "../../base/format.ts";
import { checkWritable, writeFileAtomic } from "../../base/node/writeFile.ts";
import { alignClasses, defaultKeepTogether, groupIds } from "../../datasets/index.ts";
import { availableThreads } from "../../engine/threads.ts";
import {
  accuracyOf,
  answerImages,
  answersOf,
  type Contender,
  compareContenders,
  probabilitiesOf,
  seedSpread,
} from "../../evaluation/index.ts";
import type { ValueRange } from "../../image/image.ts";
import {
  type ComparisonReport,
  describeComparison,
  describeVerdict,
  settingOf,
} from "../../report/describeComparison.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import { settingsBesideSeed } from "../../training/spec.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { openSubject } from "../openSubject.ts";
import { modelsAndSource } from "../runsAndSource.ts";
import { type ComparedModel, type SharedImages, sharedImages } from "../sharedImages.ts";
import { createTerminal, printSummary, type Terminal } from "../terminal.ts";
import "../../setUp.node.ts";

export interface CompareCommandOptions {
  readonly weights: WhichWeights;
  readonly fixes?: readonly string[];
  readonly valueRange?: ValueRange;
  readonly backend?: string;
  readonly threads?: number;
  readonly gate?: boolean;
  readonly minAccuracy?: number;
  readonly fetch?: boolean;
  readonly html?: string;
  readonly json?: boolean;
}

/** The exit code of a gate that does not open. */
const GATE_CLOSED = 3;

/** What a model answers for the shared images. */
interface Answered extends ComparedModel {
  readonly weightsSha256: string;
  /** Shape [N]: 1 where it is right. */
  readonly correct: Float32Array;
  /** Shape [N]: class names, and their probabilities. */
  readonly answers: readonly string[];
  readonly confidences: readonly number[];
}

/** Compares runs with the first one, on the same images. */
export async function compareCommand(paths: readonly string[], options: CompareCommandOptions): Promise<void> {
  const { gate = false, minAccuracy, json = false, fixes, valueRange, fetch, html } = options;
  if (minAccuracy !== undefined && !gate)
    throw new InklingError("INVALID_ARGUMENT", "--min-accuracy is a condition of the gate; add --gate");
  const { models: given, source } = modelsAndSource("compare", paths);
  const terminal = createTerminal({ json });
  if (html !== undefined) await checkWritable(html);
  const on = backend(options.backend ?? "wasm");
  const models: ComparedModel[] = [];
  for (const path of given) models.push({ path, ...(await openSubject(path, on, options.weights)) });
  const sourceOptions = { ...(fixes && { fixes }), ...(valueRange && { valueRange }), ...(fetch && { fetch }) };
  const shared = await sharedImages(models, source, sourceOptions, terminal);
  const threads = options.threads ?? availableThreads(on.name);
  const answered: Answered[] = [];
  for (const [k, model] of models.entries()) {
    const { dataset, rows } = shared.inputs[k]!;
    const { logits, correct, labels } = await answerImages(model.trained, dataset, { backend: on, threads, rows });
    const { classes } = model.trained.model;
    const given = answersOf(probabilitiesOf(logits, labels, classes.length, model.trained.scaling));
    answered.push({
      ...model,
      weightsSha256: await weightsSha256(model.trained.weights),
      correct,
      answers: given.map(({ answer }) => classes[answer]!),
      confidences: given.map(({ confidence }) => confidence),
    });
  }
  const report = reportOn(answered, shared);
  for (const line of describeComparison(report, terminal.columns)) terminal.out(line);
  const failures = gate ? gateFailures(report, minAccuracy) : [];
  if (gate) showGate(failures, terminal);
  if (html !== undefined) {
    await writeFileAtomic(html, await pageOf(report, answered, shared, commandOf(given, source, options)));
    terminal.note(terminal.dim(`page with pictures: ${html}`));
  }
  if (json) printSummary(summaryOf(report, answered, shared, options, failures));
  if (failures.length > 0) process.exitCode = GATE_CLOSED;
}

/** Models by setting; if all have the same beside the seed, each by itself. */
function settingsOf(models: readonly Answered[]): {
  readonly groups: readonly (readonly Answered[])[];
  readonly same: boolean;
} {
  const byText = new Map<string, Answered[]>();
  for (const model of models) {
    const key = model.config ? settingsBesideSeed(model.config) : model.path;
    const group = byText.get(key);
    if (group) group.push(model);
    else byText.set(key, [model]);
  }
  const groups = [...byText.values()];
  return groups.length > 1 ? { groups, same: false } : { groups: models.map((model) => [model]), same: true };
}

/** A, B, … Z, and then S27 and so on. */
const letter = (k: number): string => (k < 26 ? String.fromCharCode(65 + k) : `S${k + 1}`);

function reportOn(models: readonly Answered[], shared: SharedImages): ComparisonReport {
  const { groups, same } = settingsOf(models);
  const { dataset, rows } = shared.inputs[0]!;
  const ids = groupIds(dataset, defaultKeepTogether(dataset));
  const contenders = groups.map((group): Contender => ({ models: group.map(({ correct }) => correct) }));
  const comparisons = compareContenders(contenders, {
    ...(ids && { clusters: Uint32Array.from(rows, (row) => ids[row]!) }),
  });
  const areSeeded = new Set(models.map(({ config }) => config?.seed)).size > 1;
  // A run that was stopped differs from the others in more than its seed; one that stops early by its settings does not.
  const areWhole = new Set(models.map(({ config, step }) => (config?.earlyStopping ? undefined : step))).size === 1;
  const seeds = seedSpread(
    same && areSeeded && areWhole ? [{ models: models.map(({ correct }) => correct) }] : contenders,
  );
  return {
    source: shared.name,
    images: rows.length,
    leftOut: shared.leftOut,
    settings: groups.map((group, k) => ({
      name: letter(k),
      runs: group.map(({ path, config, step, weightsSha256, correct }) => ({
        run: path,
        ...(config && { seed: config.seed }),
        ...(step !== undefined && { step }),
        weightsSha256,
        score: accuracyOf(
          correct.reduce((sum, right) => sum + right, 0),
          correct.length,
        ),
      })),
    })),
    sameSettings: same,
    ...(seeds && { seeds }),
    comparisons: comparisons.map((comparison, k) => ({ ...comparison, first: letter(0), second: letter(k + 1) })),
  };
}

/** Why the gate does not open, one sentence each. */
function gateFailures(report: ComparisonReport, minAccuracy: number | undefined): readonly string[] {
  return report.comparisons.flatMap((comparison) => {
    const [, accuracy] = comparison.accuracies;
    const { runs } = settingOf(report, comparison.second);
    const name = runs.map(({ run }) => run).join(", ");
    return [
      ...(comparison.verdict === "worse" ? [describeVerdict(report, comparison)] : []),
      ...(minAccuracy !== undefined && accuracy < minAccuracy
        ? [`${name} has an accuracy of ${percent(accuracy)} %, but --min-accuracy is ${percent(minAccuracy)} %.`]
        : []),
    ];
  });
}

function showGate(failures: readonly string[], terminal: Terminal): void {
  terminal.out("");
  if (failures.length === 0) terminal.out("The gate is open: no run is worse than the first one beyond chance.");
  else for (const failure of failures) terminal.out(`The gate is closed: ${failure}`);
}

/** The comparison as a page. */
async function pageOf(
  report: ComparisonReport,
  models: readonly Answered[],
  { inputs }: SharedImages,
  command: string,
): Promise<string> {
  const [{ comparePage }, { describeDifferences }] = await Promise.all([
    import("../../report/pages/compare/comparePage.tsx"),
    import("../../report/describeDifferences.ts"),
  ]);
  const { classes } = models[0]!.trained.model;
  const configOf = (letter: string) => {
    const { run } = settingOf(report, letter).runs[0]!;
    return models.find(({ path }) => path === run)!.config;
  };
  return comparePage({
    report,
    dataset: alignClasses(inputs[0]!.dataset, classes),
    rows: inputs[0]!.rows,
    models: models.map(({ path, correct, answers, confidences }) => ({
      run: path,
      correct,
      answers: answers.map((answer) => classes.indexOf(answer)),
      confidences,
    })),
    differences: report.comparisons.map(({ first, second }) => {
      const [a, b] = [configOf(first), configOf(second)];
      return a && b ? describeDifferences(a, b) : [];
    }),
    reproduction: {
      commands: [command],
      hashes: models.map(({ path, weightsSha256 }) => [`SHA-256 of the weights of ${path}`, weightsSha256] as const),
    },
  });
}

/** The command that makes the page again. */
const commandOf = (
  models: readonly string[],
  source: string | undefined,
  { weights, fixes = [], valueRange, html }: CompareCommandOptions,
): string =>
  commandLine([
    ...["npx", "inkling", "compare", ...models, ...(source === undefined ? [] : [source])],
    ...(weights === "last" ? [] : ["--weights", weights]),
    ...fixes.flatMap((file) => ["--fixes", file]),
    ...(valueRange ? ["--value-range", valueRange.join("..")] : []),
    ...["--html", html!],
  ]);

function summaryOf(
  report: ComparisonReport,
  models: readonly Answered[],
  { inputs }: SharedImages,
  { weights, gate }: CompareCommandOptions,
  failures: readonly string[],
) {
  const { dataset, rows } = inputs[0]!;
  const disagreed = Array.from(rows.keys()).filter((i) =>
    models.some(({ correct }) => correct[i] !== models[0]!.correct[i]),
  );
  return {
    ...report,
    verdicts: report.comparisons.map((comparison) => describeVerdict(report, comparison)),
    disagreements: disagreed.map((i) => ({
      image: rows[i],
      name: dataset.names?.[rows[i]!],
      label: dataset.classNames[dataset.labels[rows[i]!]!],
      answers: models.map(({ answers }) => answers[i]),
    })),
    models: models.map(({ path, step, weightsSha256 }) => ({
      run: path,
      weights: step === undefined ? undefined : weights,
      steps: step,
      weightsSha256,
    })),
    gate: gate ? { open: failures.length === 0, failures } : undefined,
  };
}
