import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type Backend, backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { formatInterval, percent, whole } from "../../base/format.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { checkWritable } from "../../base/node/writeFile.ts";
import {
  type Alike,
  type AnyDataset,
  allRows,
  type ChosenRows,
  findTrainTestDuplicates,
  fingerprint,
} from "../../datasets/index.ts";
import { availableThreads } from "../../engine/threads.ts";
import {
  answerImages,
  classificationMetrics,
  isAmong,
  mostConfused,
  reportOf,
  type Score,
  scoreOf,
  slicingsOf,
} from "../../evaluation/index.ts";
import type { ValueRange } from "../../image/image.ts";
import { describeClasses, describeConfusion, describeEvaluation } from "../../report/describeScore.ts";
import { locateData } from "../../runs/node/dataPlaces.ts";
import { openRun, type SavedRun } from "../../runs/node/openRun.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import type { TrainingSpec } from "../../training/spec.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { explain } from "../explain.ts";
import { isFolder, openModel } from "../openModel.ts";
import { changed, openRunSplit } from "../openRunData.ts";
import { openUnread } from "../openSource.ts";
import { accuracyWithoutDuplicates } from "../showTraining.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import "../../setUp.node.ts";

export interface EvaluateCommandOptions {
  readonly backend?: string;
  readonly threads?: number;
  readonly duplicates: Alike;
  readonly fixes?: readonly string[];
  readonly valueRange?: ValueRange;
  readonly weights: WhichWeights;
  readonly fold?: boolean;
  readonly html?: string;
  readonly audit?: string;
  readonly json?: boolean;
}

/** Scores a run on its own test images, or a run or a file of a model on every readable image of another source. */
export async function evaluateCommand(
  path: string,
  source: string | undefined,
  options: EvaluateCommandOptions,
): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const { html, audit } = options;
  if (html !== undefined) await checkWritable(html);
  else if (audit !== undefined)
    throw new InklingError("INVALID_ARGUMENT", "--audit is for the page that --html saves; name a file for it");
  const on = backend(options.backend ?? "wasm");
  const run: Subject = (await isFolder(path)) ? await openLocated(path, on, options.weights) : await openFile(path, on);
  const chosen =
    source !== undefined
      ? await everything(source, run, options, terminal)
      : await ownTest(configOf(path, run), run, options, terminal);
  const { dataset, rows, name } = chosen;
  const trainTestDuplicates = await duplicatesOf(chosen, options.duplicates, terminal);
  const started = performance.now();
  const threads = options.threads ?? availableThreads(on.name);
  const { fold = false } = options;
  const { labels, ...outputs } = await answerImages(run.trained, dataset, { backend: on, threads, fold, rows });
  const seconds = (performance.now() - started) / 1000;
  const { classes } = run.trained.model;
  const isTwin = trainTestDuplicates && isAmong(rows, trainTestDuplicates);
  const score = scoreOf(outputs, labels, classes.length, isTwin);
  const report = reportOf({
    temperature: run.trained.temperature,
    ...{ classes, labels, logits: outputs.logits, rows, slicings: slicingsOf(dataset, rows) },
    ...(dataset.names && { names: Array.from(rows, (row) => dataset.names![row]!) }),
    ...(isTwin && { isTwin }),
  });
  if (run.step !== undefined)
    terminal.note(terminal.dim(`With the ${options.weights} weights, from step ${whole(run.step)}`));
  terminal.out(
    `${accuracyOf(source)}: ${percent(score.accuracy)}%  (95 % interval ${formatInterval(score.interval)}, ${whole(score.count)} images of ${name})`,
  );
  const without = accuracyWithoutDuplicates(score, options.duplicates);
  if (without !== undefined) terminal.out(without);
  const { accuracy, interval, count, loss, confusion } = score;
  if (count > 0)
    for (const lines of [
      describeEvaluation(report),
      describeClasses(confusion, classes),
      describeConfusion(confusion, classes, terminal.columns),
    ])
      for (const line of ["", ...lines]) terminal.out(line);
  if (html !== undefined) {
    const { writePage } = await import("./writePage.ts");
    await writePage(
      html,
      {
        ...run,
        folder: run.config && path,
        subject: basename(resolve(path)),
        source: name,
        ...{ dataset, rows, isTwin, report, backend: on, threads },
        answers: { logits: outputs.logits, labels },
        commands: commandsOf(path, source, options, run),
      },
      audit,
    );
    terminal.note(terminal.dim(`report with pictures: ${html}`));
  }
  if (!options.json) return;
  const summary = {
    formatVersion: FORMAT_VERSION,
    testAccuracy: accuracy,
    testInterval: interval,
    testImages: count,
    reading: dataset.provenance.reading,
    testWithoutTwins: score.withoutTwins,
    twins: options.duplicates,
    loss,
    ...namedMetrics(confusion, classes),
    confusion,
    report,
    imagesPerSecond: count / seconds,
    seconds,
    weights: run.config && options.weights,
    steps: run.step,
    backend: on.name,
    threads,
    arithmetic: on.arithmetic,
    weightsSha256: await weightsSha256(run.trained.weights),
    run: path,
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}

/** What the score of a source is called: that of a part other than the test images by the name of the part. */
function accuracyOf(source = ""): string {
  const part = /#(training|validation)$/.exec(source)?.[1];
  return part === undefined || existsSync(source)
    ? "Test accuracy"
    : `${part[0]!.toUpperCase()}${part.slice(1)} accuracy`;
}

/** The metrics of a confusion matrix, with the name of its class beside every number. */
function namedMetrics(confusion: Score["confusion"], names: readonly string[]) {
  const { classes, macro, weighted } = classificationMetrics(confusion);
  return {
    classes: classes.map((metrics, k) => ({ class: names[k]!, ...metrics })),
    macro,
    weighted,
    confused: mostConfused(confusion, Number.POSITIVE_INFINITY).map(({ label, answer, count, share }) => ({
      class: names[label]!,
      answer: names[answer]!,
      count,
      share,
    })),
  };
}

/** The commands that train the model of a run again, and make its page. */
function commandsOf(
  path: string,
  source: string | undefined,
  { weights, duplicates, fixes = [], valueRange, fold, html, audit }: EvaluateCommandOptions,
  { config }: Subject,
): readonly string[] {
  const words = [
    ...["npx", "inkling", "evaluate", path, ...(source === undefined ? [] : [source])],
    ...(weights === "last" ? [] : ["--weights", weights]),
    ...(duplicates === "pixels" ? [] : ["--duplicates", duplicates]),
    ...(valueRange ? ["--value-range", valueRange.join("..")] : []),
    ...fixes.flatMap((file) => ["--fixes", file]),
    ...(fold ? ["--fold"] : []),
    ...(audit === undefined ? [] : ["--audit", audit]),
    ...["--html", html!],
  ];
  const line = (of: readonly string[]) => of.map(quoted).join(" ");
  return [...(config ? [line(["npx", "inkling", "replay", path])] : []), line(words)];
}

/** A word as shells read it. */
const quoted = (word: string): string => (/^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** What is scored: a run, or the model of a file, which says neither its steps nor its data. */
interface Subject extends Pick<SavedRun, "trained"> {
  readonly step?: number;
  readonly config?: TrainingSpec;
  readonly sessions?: SavedRun["sessions"];
}

/** A run whose data are named by where they are now. */
async function openLocated(path: string, on: Backend, which: WhichWeights): Promise<Subject> {
  const run = await openRun(path, on, which);
  return { ...run, config: locateData(path, run) };
}

const openFile = async (path: string, on: Backend): Promise<Subject> => ({ trained: await openModel(path, on) });

/** Throws `INVALID_ARGUMENT` for a file, which has no test images of its own. */
function configOf(path: string, { config }: Subject): TrainingSpec {
  if (config) return config;
  throw new InklingError("INVALID_ARGUMENT", `${path} is a file; name a data set to score its model on`);
}

interface Chosen extends ChosenRows {
  readonly dataset: AnyDataset;
  readonly name: string;
  /** The run's own data, split as in training. Throws `INVALID_DATA` if they have changed. */
  readonly own: () => Promise<TrainingData>;
}

/** The run's test images: its separate test set, or its test split. */
async function ownTest(
  config: TrainingSpec,
  { trained }: Subject,
  options: EvaluateCommandOptions,
  terminal: Terminal,
): Promise<Chosen> {
  const { source, test, testFingerprint } = config.data;
  const fixes = options.fixes ?? config.data.fixes;
  if (test !== undefined) {
    const { resize: _, fit: __, channels: ___, valueRange: ____, ...others } = config.data;
    // Earlier versions read a separate test set like the training data.
    const how = config.preparation ? { ...others, inputsOf: trained } : config.data;
    const dataset = await openUnread(test, terminal, { ...how, fixes, fixesOfMore: true });
    if ((await fingerprint(dataset)) !== testFingerprint) throw changed(test);
    return { dataset, rows: allRows(dataset), name: test, own: () => openRunSplit(config, fixes, terminal, dataset) };
  }
  const data = await openRunSplit(config, fixes, terminal);
  const rows = data.division.split.test;
  return { dataset: data.dataset, rows, name: `the test split of ${source}`, own: async () => data };
}

async function everything(
  source: string,
  { config, trained }: Subject,
  { fixes, valueRange }: EvaluateCommandOptions,
  terminal: Terminal,
): Promise<Chosen> {
  const { keepDamaged, classPattern } = config?.data ?? {};
  const dataset = await openUnread(source, terminal, {
    ...{ keepDamaged, classPattern, fixes, valueRange },
    inputsOf: trained,
  });
  const own = async () => {
    if (!config) throw new InklingError("NOT_FOUND", "a file of a model does not say what it was trained on");
    return openRunSplit(config, config.data.fixes, terminal);
  };
  return { dataset, rows: allRows(dataset), name: source, own };
}

/** The images that are also in the run's training set; undefined, with a note, if the run's data are gone. */
async function duplicatesOf(chosen: Chosen, alike: Alike, terminal: Terminal): Promise<Uint32Array | undefined> {
  try {
    const { dataset, test, division } = await chosen.own();
    const isOwn = chosen.dataset === (test ?? dataset);
    // Found when the data were split, where rows of a separate test set are numbered after those of the data set.
    if (isOwn && alike === "pixels")
      return test
        ? division.trainTestDuplicates.map((row) => row - dataset.labels.length)
        : division.trainTestDuplicates;
    return findTrainTestDuplicates({ dataset, rows: division.split.training }, chosen, alike);
  } catch (error) {
    if (!(error instanceof InklingError)) throw error;
    terminal.note(`Train/test duplicates were not counted: ${explain(error).split(";")[0]}`);
    return undefined;
  }
}
