import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type Backend, backend } from "../../backends/index.ts";
import { formatInterval, percent, quantity, whole } from "../../base/format.ts";
import { checkWritable } from "../../base/node/writeFile.ts";
import { availableThreads } from "../../engine/threads.ts";
import { classificationMetrics, mostConfused, type Score, scoreCorruptions } from "../../evaluation/index.ts";
import { describeAugmentation, describeCorruptions, describeMembers } from "../../report/describeRobustness.ts";
import { describeClasses, describeConfusion, describeEvaluation } from "../../report/describeScore.ts";
import { weightsSha256 } from "../../training/weightsSha256.ts";
import { openSubject, type Subject } from "../openSubject.ts";
import { accuracyWithoutDuplicates } from "../showTraining.ts";
import { createTerminal, printSummary, type Terminal } from "../terminal.ts";
import { calibrateRun } from "./calibrateRun.ts";
import { type Chosen, chooseImages, openEnsemble } from "./chooseImages.ts";
import { commandsOf, type EvaluateCommandOptions, modelsIn } from "./options.ts";
import { type Scored, scoreChosen } from "./scoreChosen.ts";
import "../../setUp.node.ts";

/**
 * Scores a run on its own test images, or a run or a file of a model on every readable image of another source; with
 * `ensemble`, several of them together. The source is the last of the paths.
 */
export async function evaluateCommand(paths: readonly string[], options: EvaluateCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const { html, audit } = options;
  const { models, source } = modelsIn(paths, options);
  const path = models[0]!;
  if (html !== undefined) await checkWritable(html);
  const on = backend(options.backend ?? "wasm");
  const threads = options.threads ?? availableThreads(on.name);
  const { run, chosen } = options.ensemble
    ? await openEnsemble(models, source, { ...options, on }, terminal)
    : await openOne(path, source, { ...options, threads }, on, terminal);
  const { trained } = run;
  const { dataset, rows, name } = chosen;
  const scored = await scoreChosen(trained, chosen, { ...options, on, threads }, terminal);
  const { score, report, isTwin, members } = scored;
  if (run.step !== undefined)
    terminal.note(terminal.dim(`With the ${options.weights} weights, from step ${whole(run.step)}`));
  terminal.out(
    `${scoreName(source)}: ${percent(score.accuracy)}%  (95 % interval ${formatInterval(score.interval)}, ${quantity(score.count, "image")} of ${name})`,
  );
  show(scored, trained.model.classes, options, terminal);
  const corruptions = options.corruptions
    ? await scoreCorruptions(dataset, scored.isRight, {
        background: trained.preparation.background,
        onKind: (kind) => terminal.progress(`Scoring under ${kind.replaceAll("_", " ")}`),
      })
    : undefined;
  if (corruptions) for (const line of ["", ...describeCorruptions(corruptions)]) terminal.out(line);
  if (html !== undefined) {
    const { writePage } = await import("./writePage.ts");
    await writePage(
      html,
      {
        ...{ ...run, trained },
        folder: run.config && path,
        members: members?.map((own, k) => ({ ...own, name: nameOfMember(models, k) })),
        subject: options.ensemble ? `${models.map(shortName).join(", ")} together` : shortName(path),
        source: inShort(name, source ?? run.config?.data.test ?? run.config?.data.source),
        ...{ dataset, rows, isTwin, corruptions, report, backend: on, threads },
        answers: scored.answers,
        commands: commandsOf(models, source, options, run),
      },
      audit,
    );
    terminal.note(terminal.dim(`report with pictures: ${html}`));
  }
  if (!options.json) return;
  const summary = {
    testAccuracy: score.accuracy,
    testInterval: score.interval,
    testImages: score.count,
    reading: dataset.provenance.reading,
    testWithoutTwins: score.withoutTwins,
    twins: options.duplicates,
    loss: score.loss,
    ...namedMetrics(score.confusion, trained.model.classes),
    confusion: score.confusion,
    report,
    augmentation: scored.augmentation,
    members: members?.map(({ accuracy, interval, loss }, k) => ({
      ...(options.ensemble && { run: models[k] }),
      accuracy,
      interval,
      loss,
    })),
    corruptions,
    imagesPerSecond: score.count / scored.seconds,
    seconds: scored.seconds,
    weights: run.config && options.weights,
    steps: run.step,
    backend: on.name,
    threads,
    arithmetic: on.arithmetic,
    weightsSha256: await weightsSha256(trained.weights),
    run: path,
    ...(options.ensemble && { runs: models }),
  };
  printSummary(summary);
}

/** Prints what stands below the accuracy. */
function show(
  { score, report, augmentation, members }: Scored,
  classes: readonly string[],
  { duplicates }: EvaluateCommandOptions,
  terminal: Terminal,
): void {
  const { count, confusion } = score;
  const without = accuracyWithoutDuplicates(score, duplicates);
  if (without !== undefined) terminal.out(without);
  if (augmentation) terminal.out(describeAugmentation(augmentation));
  if (members) terminal.out(describeMembers(members));
  if (count === 0) return;
  for (const lines of [
    describeEvaluation(report),
    describeClasses(confusion, classes),
    describeConfusion(confusion, classes, terminal.columns),
  ])
    for (const line of ["", ...lines]) terminal.out(line);
}

/** A run and the images that it is scored on. */
async function openOne(
  path: string,
  source: string | undefined,
  options: EvaluateCommandOptions & { readonly threads: number },
  on: Backend,
  terminal: Terminal,
): Promise<{ readonly run: Subject; readonly chosen: Chosen }> {
  const opened = await openSubject(path, on, options.weights);
  const run = options.calibrate ? await calibrateRun(path, opened, { ...options, backend: on }, terminal) : opened;
  return { run, chosen: await chooseImages(path, source, run, options, terminal) };
}

const shortName = (path: string): string => basename(resolve(path));

/** What a model of an ensemble is called: the run that it is from, or its number in the file of the ensemble. */
const nameOfMember = (models: readonly string[], k: number): string =>
  models.length > 1 ? shortName(models[k]!) : `model ${k + 1}`;

/** What the score of a source is called: that of a part other than the test images by the name of the part. */
function scoreName(source = ""): string {
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

/** What something is called where the folders of its path do not matter. */
const inShort = (name: string, path = ""): string => name.replace(path, () => basename(path));
