import { join } from "node:path";
import { duration, formatInterval, percent, quantity } from "../../base/format.ts";
import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { clipped } from "../../base/table.ts";
import { evaluate, InklingError, importances, type Score } from "../../index.ts";
import { openRun } from "../../node.ts";
import {
  describeParameters,
  describeTrialScore,
  importanceLines,
  lastScore,
  rankingTable,
} from "../../report/studyTable.ts";
import { runStudy, type Workers } from "../../search/node/runStudy.ts";
import { StudyFolder } from "../../search/node/studyFolder.ts";
import type { TrialResult } from "../../search/node/trial.ts";
import type { Job, Trial } from "../../search/study.ts";
import { trialSpec } from "../../search/trialSpec.ts";
import { interruptible } from "../interrupt.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { trainingValues } from "../trainingFlags.ts";
import { createStudy, openTrainings, type SearchOptions, type StudyTrainings, startWorkers } from "./openStudy.ts";
import { trainCommandOf } from "./trainCommandOf.ts";

const KEEP = 5;
const SHOWN = 5;

/** The test of a winner, as noted in the journal. */
interface WinnerTest extends Pick<Score, "accuracy" | "interval" | "count"> {
  readonly trial: number;
}

/** The winner's parameters, trained again with other seeds. */
interface Confirmation {
  readonly trial: number;
  readonly scores: readonly number[];
}

/** Runs a study, or goes on with one, and reports its winner. */
export async function searchCommand(source: string | undefined, options: SearchOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const { threads } = trainingValues(options).machine;
  const folder =
    options.resume === undefined
      ? await createStudy(source ?? "letters", options)
      : await StudyFolder.resume(options.resume);
  try {
    await interruptible(async (signal) => {
      if (options.trials !== undefined) await folder.extend(options.trials);
      const moved = options.resume === undefined ? undefined : source;
      const trainings = await openTrainings(folder, moved, terminal, signal);
      const started = performance.now();
      const isDone = await withWorkers(trainings, folder, options, threads, (workers) =>
        follow(folder, trainings, workers, options, terminal, signal),
      );
      if (signal.aborted) throw stopped(folder);
      const { best } = folder.study;
      if (!best)
        throw new InklingError(
          "NOT_FOUND",
          `${folder.path}: no trial has a score yet; resume with: inkling search --resume ${folder.path}`,
        );
      const test = await testOnce(folder, trainings, best, terminal);
      const confirmation = await withWorkers(trainings, folder, options, threads, (workers) =>
        confirm(folder, trainings, workers, best, options.confirm ?? 0, terminal, signal),
      );
      if (signal.aborted) throw stopped(folder);
      const seconds = (performance.now() - started) / 1000;
      await report({ folder, trainings, best, test, confirmation, isDone, seconds }, terminal, options.json ?? false);
    });
  } finally {
    terminal.clear();
    await folder.close();
  }
}

const stopped = ({ path }: StudyFolder) =>
  new InklingError("ABORTED", `the search was stopped and saved; resume with: inkling search --resume ${path}`);

async function withWorkers<T>(
  trainings: StudyTrainings,
  { study }: StudyFolder,
  options: SearchOptions,
  threads: number | undefined,
  use: (workers: Workers) => Promise<T>,
): Promise<T> {
  const workers = startWorkers(trainings, study.definition, options, threads);
  try {
    return await use(workers);
  } finally {
    workers.close();
  }
}

/** Runs the study with a line for each result. */
async function follow(
  folder: StudyFolder,
  { taskOf }: StudyTrainings,
  workers: Workers,
  { budget, keep = KEEP }: SearchOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const { study } = folder;
  const { maximize: isAccuracy } = study.definition;
  const known = folder.records.length;
  terminal.note(
    terminal.dim(
      `${quantity(study.size, "trial")} by ${study.definition.sampler}, ${quantity(workers.count, "worker")}; saved in ${folder.path}${known > 0 ? `; ${quantity(known, "result")} so far` : ""}`,
    ),
  );
  const shares = new Map<number, number>();
  const show = () => {
    const running = [...shares].map(([trial, share]) => `${trial}: ${Math.round(100 * share)} %`).join("  ");
    terminal.progress(`${folder.records.length} results  ${running}`);
  };
  return runStudy(folder, workers, {
    taskOf,
    signal,
    budget,
    keep: keep === "all" ? undefined : keep,
    onStart({ trial }) {
      shares.set(trial, 0);
      show();
    },
    onProgress({ trial }, share) {
      shares.set(trial, share);
      show();
    },
    onEnd(job, result) {
      shares.delete(job.trial);
      const isBest = study.best?.number === job.trial && "score" in result;
      const line = `${resultOf(job, result, isAccuracy)}${isBest ? "  best so far" : ""}  ${describeParameters(job.parameters)}`;
      terminal.out(clipped(isBest ? terminal.bold(line) : line, terminal.columns + (isBest ? 8 : 0)));
      show();
    },
  });
}

function resultOf({ trial, resource }: Job, result: TrialResult, isAccuracy: boolean): string {
  const share = resource === 1 ? "" : ` after ${percent(resource)} %`;
  const what = "score" in result ? describeTrialScore(result.score, isAccuracy) : result.problem;
  return `Trial ${String(trial).padStart(3)}${share}: ${what}`;
}

/** The test score of the winner. It is taken once for each trial that wins, and noted. */
async function testOnce(
  folder: StudyFolder,
  { base }: StudyTrainings,
  { number: trial }: Trial,
  terminal: Terminal,
): Promise<WinnerTest | undefined> {
  const { data } = base;
  const rows = data.division.split.test;
  if (rows.length === 0) return undefined;
  const before = testsOf(folder);
  const known = before.find((test) => test.trial === trial);
  if (known) return known;
  terminal.progress("Testing the winner");
  const { trained } = await openRun(folder.runOf(trial));
  const dataset = data.test ?? data.dataset;
  const first = data.test ? data.dataset.labels.length : 0;
  const score = await evaluate(trained, dataset, { rows: Array.from(rows, (row) => row - first) });
  const { accuracy, interval, count } = score;
  const test = { trial, accuracy, interval, count };
  await folder.note("tests", [...before, test]);
  return test;
}

const testsOf = ({ notes }: StudyFolder): readonly WinnerTest[] => (notes.get("tests") ?? []) as readonly WinnerTest[];

/** Trains the winner's parameters again with other seeds, which also draw other validation images. */
async function confirm(
  folder: StudyFolder,
  { base }: StudyTrainings,
  workers: Workers,
  { number: trial, parameters }: Trial,
  count: number,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Confirmation | undefined> {
  const before = folder.notes.get("confirmation") as Confirmation | undefined;
  const scores = before?.trial === trial ? [...before.scores] : [];
  const spec = await trialSpec(base, parameters);
  const stop = () => workers.stop();
  signal.addEventListener("abort", stop);
  try {
    while (scores.length < count) {
      terminal.progress(`Training the winner with other seeds  ${scores.length} of ${count}`);
      const seeds = Array.from(
        { length: Math.min(workers.count, count - scores.length) },
        (_, k) => (spec.seed + scores.length + k + 1) % 2 ** 32,
      );
      const results = await Promise.all(
        seeds.map((seed) =>
          workers.run({
            spec: { ...spec, seed },
            steps: spec.steps,
            folder: join(folder.path, "confirm", `${trial}-seed-${seed}`),
          }),
        ),
      );
      // A training that fails has learned nothing.
      for (const result of results) scores.push("score" in result ? result.score : Number.NaN);
      await folder.note("confirmation", { trial, scores });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return scores.length > 0 ? { trial, scores } : undefined;
}

interface Found {
  readonly folder: StudyFolder;
  readonly trainings: StudyTrainings;
  readonly best: Trial;
  readonly test: WinnerTest | undefined;
  readonly confirmation: Confirmation | undefined;
  readonly isDone: boolean;
  readonly seconds: number;
}

/** Prints what a study has found. */
async function report(found: Found, terminal: Terminal, json: boolean): Promise<void> {
  const { folder, trainings, best, test, confirmation, isDone, seconds } = found;
  const { study, path } = folder;
  const { maximize: isAccuracy, space, initial } = study.definition;
  const scoreOf = (score: number) => describeTrialScore(score, isAccuracy);
  const { ranking } = study;
  terminal.out("");
  for (const line of rankingTable(ranking.slice(0, SHOWN), isAccuracy, terminal.columns)) terminal.out(line);
  const matters = importances(
    space,
    ranking.flatMap(({ parameters, state, ...trial }) => {
      const score = state === "complete" ? lastScore({ parameters, state, ...trial }) : undefined;
      return score === undefined ? [] : [{ parameters, loss: isAccuracy ? -score : score }];
    }),
  );
  if (matters.length > 0) terminal.out("\nWhat matters for being among the best:");
  for (const line of importanceLines(matters)) terminal.out(line);
  const [first] = study.trials;
  const own = initial.length > 0 && first ? lastScore(first) : undefined;
  const score = lastScore(best)!;
  terminal.out(`\nThe best is trial ${best.number}: ${scoreOf(score)} on validation images`);
  if (own !== undefined && best.number !== 0) terminal.out(`The recipe's own values (trial 0): ${scoreOf(own)}`);
  const flattery = confirmation && score - meanOf(confirmation.scores);
  if (confirmation)
    terminal.out(
      `With ${quantity(confirmation.scores.length, "other seed")}: ${scoreOf(meanOf(confirmation.scores))} on average${describeFlattery(flattery!, isAccuracy)}`,
    );
  else
    terminal.note(
      terminal.dim(`The best of ${quantity(ranking.length, "score")} is partly luck; --confirm 5 measures how much`),
    );
  if (test) {
    const looks = testsOf(folder).length;
    terminal.out(
      `${terminal.bold(`Test accuracy: ${percent(test.accuracy)}%`)}  (95 % interval ${formatInterval(test.interval)}, ${quantity(test.count, "image")}${looks > 1 ? `; winner number ${looks} that was tested` : ""})`,
    );
  }
  const { steps } = await trialSpec(trainings.base, best.parameters);
  const again = trainCommandOf(folder.training, best.parameters, steps);
  terminal.out(`\n  ${again}`);
  const more = isDone
    ? `more trials: inkling search --resume ${path} --trials ${2 * study.size}`
    : `the rest: inkling search --resume ${path}`;
  terminal.note(terminal.dim(`${duration(seconds)}; saved in ${path}; ${more}`));
  if (!json) return;
  const sha = folder.records.findLast(({ trial }) => trial === best.number)?.weightsSha256;
  const summary = {
    formatVersion: FORMAT_VERSION,
    study: path,
    trials: study.trials,
    isDone,
    best: {
      trial: best.number,
      parameters: best.parameters,
      score,
      run: folder.runOf(best.number),
      weightsSha256: sha,
    },
    recipeScore: own,
    importances: matters,
    confirmation: confirmation && { ...confirmation, mean: meanOf(confirmation.scores), flattery },
    test,
    testsTaken: testsOf(folder).length,
    command: again,
    seconds,
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}

/** How much better the winner's score is than that of the same parameters with other seeds, if it is. */
function describeFlattery(difference: number, isAccuracy: boolean): string {
  if (isAccuracy ? difference <= 0 : difference >= 0) return "; the search does not flatter its winner";
  return `; the search flatters its winner by ${isAccuracy ? `${percent(difference)} points` : (-difference).toFixed(4)}`;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
