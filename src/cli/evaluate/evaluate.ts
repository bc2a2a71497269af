import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { backend } from "../../backends/index.ts";
import { formatInterval, percent, whole } from "../../base/format.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { checkWritable } from "../../base/node/writeFile.ts";
import type { Alike, AnyDataset } from "../../datasets/index.ts";
import { availableThreads } from "../../engine/threads.ts";
import {
  accuracyOf,
  answerImages,
  answerShifted,
  classificationMetrics,
  isAmong,
  mostConfused,
  reportOf,
  type Score,
  type ShiftedAnswers,
  scoreCorruptions,
  scoreOf,
  slicingsOf,
} from "../../evaluation/index.ts";
import { type Augmentation, describeAugmentation, describeCorruptions } from "../../report/describeRobustness.ts";
import { describeClasses, describeConfusion, describeEvaluation } from "../../report/describeScore.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { accuracyWithoutDuplicates } from "../showTraining.ts";
import { createTerminal } from "../terminal.ts";
import { calibrateRun } from "./calibrateRun.ts";
import { type ChoosingOptions, chooseImages, duplicatesOf, openSubject, type Subject } from "./chooseImages.ts";
import { labelBoundsOf } from "./labelBounds.ts";
import { readMetadata } from "./readMetadata.ts";
import "../../setUp.node.ts";

export interface EvaluateCommandOptions extends ChoosingOptions {
  readonly backend?: string;
  readonly threads?: number;
  readonly duplicates: Alike;
  readonly weights: WhichWeights;
  readonly fold?: boolean;
  readonly html?: string;
  readonly audit?: string;
  readonly metadata?: string;
  readonly calibrate?: boolean;
  readonly corruptions?: boolean;
  readonly tta?: "shifts";
  readonly fetch?: boolean;
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
  const on = backend(options.backend ?? "wasm");
  const opened = await openSubject(path, on, options.weights);
  const run = options.calibrate ? await calibrateRun(path, opened, options, terminal) : opened;
  const chosen = await chooseImages(path, source, run, options, terminal);
  const { dataset, rows, name } = chosen;
  const trainTestDuplicates = await duplicatesOf(chosen, options.duplicates, terminal);
  const started = performance.now();
  const threads = options.threads ?? availableThreads(on.name);
  const { fold = false } = options;
  const { temperature } = run.trained;
  const answerOnce = (images: AnyDataset) => answerImages(run.trained, images, { backend: on, threads, fold, rows });
  const answerMean = (images: AnyDataset) => answerShifted(images, answerOnce, temperature);
  const shifted = options.tta && (await answerMean(dataset));
  const { labels, logits, losses, correct } = shifted ?? (await answerOnce(dataset));
  const seconds = (performance.now() - started) / 1000;
  const { classes } = run.trained.model;
  const isTwin = trainTestDuplicates && isAmong(rows, trainTestDuplicates);
  const score = scoreOf({ logits, losses, correct }, labels, classes.length, isTwin);
  const labelFixes = await labelBoundsOf(chosen, run.trained, options);
  const metadata = options.metadata === undefined ? [] : await readMetadata(options.metadata, dataset, rows);
  // Means of probabilities have no temperature, and no thresholds that were fitted for them.
  const calibration = options.tta ? undefined : run.trained.calibration;
  const report = reportOf({
    ...(calibration && { calibration }),
    ...(labelFixes && { labelFixes }),
    ...{ classes, labels, logits, rows, slicings: [...metadata, ...slicingsOf(dataset, rows)] },
    ...(dataset.names && { names: Array.from(rows, (row) => dataset.names![row]!) }),
    ...(isTwin && { isTwin }),
  });
  if (run.step !== undefined)
    terminal.note(terminal.dim(`With the ${options.weights} weights, from step ${whole(run.step)}`));
  terminal.out(
    `${scoreName(source)}: ${percent(score.accuracy)}%  (95 % interval ${formatInterval(score.interval)}, ${whole(score.count)} images of ${name})`,
  );
  const without = accuracyWithoutDuplicates(score, options.duplicates);
  if (without !== undefined) terminal.out(without);
  const { accuracy, interval, count, loss, confusion } = score;
  const augmented = shifted && augmentationOf(shifted);
  if (augmented) terminal.out(describeAugmentation(augmented));
  if (count > 0)
    for (const lines of [
      describeEvaluation(report),
      describeClasses(confusion, classes),
      describeConfusion(confusion, classes, terminal.columns),
    ])
      for (const line of ["", ...lines]) terminal.out(line);
  const corruptions = options.corruptions
    ? await scoreCorruptions(dataset, async (images) => (await (shifted ? answerMean : answerOnce)(images)).correct, {
        background: run.trained.preparation.background,
        onKind: (kind) => terminal.progress(`Scoring under ${kind.replaceAll("_", " ")}`),
      })
    : undefined;
  if (corruptions) for (const line of ["", ...describeCorruptions(corruptions)]) terminal.out(line);
  if (html !== undefined) {
    const { writePage } = await import("./writePage.ts");
    await writePage(
      html,
      {
        ...run,
        folder: run.config && path,
        subject: basename(resolve(path)),
        source: inShort(name, source ?? run.config?.data.test ?? run.config?.data.source),
        ...{ dataset, rows, isTwin, report, backend: on, threads },
        answers: { logits, labels },
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
    augmentation: augmented,
    corruptions,
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
function scoreName(source = ""): string {
  const part = /#(training|validation)$/.exec(source)?.[1];
  return part === undefined || existsSync(source)
    ? "Test accuracy"
    : `${part[0]!.toUpperCase()}${part.slice(1)} accuracy`;
}

/** What test-time augmentation changes. */
function augmentationOf({ plain, predictions }: ShiftedAnswers): Augmentation {
  const right = plain.correct.reduce((sum, correct) => sum + correct, 0);
  return { by: "shifts", predictions, without: accuracyOf(right, plain.correct.length) };
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

/** What something is called where the folders of its path do not matter. */
const inShort = (name: string, path = ""): string => name.replace(path, () => basename(path));

/** The commands that train the model of a run again, and make its page. */
function commandsOf(
  path: string,
  source: string | undefined,
  {
    weights,
    duplicates,
    fixes = [],
    valueRange,
    fold,
    corruptions,
    tta,
    html,
    audit,
    metadata,
  }: EvaluateCommandOptions,
  { config }: Subject,
): readonly string[] {
  const words = [
    ...["npx", "inkling", "evaluate", path, ...(source === undefined ? [] : [source])],
    ...(weights === "last" ? [] : ["--weights", weights]),
    ...(duplicates === "pixels" ? [] : ["--duplicates", duplicates]),
    ...(valueRange ? ["--value-range", valueRange.join("..")] : []),
    ...fixes.flatMap((file) => ["--fixes", file]),
    ...(fold ? ["--fold"] : []),
    ...(corruptions ? ["--corruptions"] : []),
    ...(tta ? ["--tta", tta] : []),
    ...(audit === undefined ? [] : ["--audit", audit]),
    ...(metadata === undefined ? [] : ["--metadata", metadata]),
    ...["--html", html!],
  ];
  const line = (of: readonly string[]) => of.map(quoted).join(" ");
  return [...(config ? [line(["npx", "inkling", "replay", path])] : []), line(words)];
}

/** A word as shells read it. */
const quoted = (word: string): string => (/^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
