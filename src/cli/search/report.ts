import { duration, formatInterval, percent, quantity } from "../../base/format.ts";
import { describeFindings } from "../../report/describeStudy.ts";
import { nextSteps } from "../../report/nextSteps.ts";
import { recipeScore } from "../../report/studyFindings.ts";
import {
  describeFolds,
  describeTrialScore,
  importanceLines,
  lastScore,
  rankingTable,
  standardError,
} from "../../report/studyTable.ts";
import type { StudyFolder } from "../../search/node/studyFolder.ts";
import type { Trial } from "../../search/study.ts";
import { trialSpec } from "../../search/trialSpec.ts";
import type { Terminal } from "../terminal.ts";
import { printSummary } from "../terminal.ts";
import type { StudyTrainings } from "./openStudy.ts";
import { type Given, StudyCommands } from "./printedCommands.ts";
import { type Confirmation, describeConfirmation, meanScore, testsOf, type WinnerTest, winnerRun } from "./winner.ts";
import { findingsOf } from "./writePage.ts";

const SHOWN = 5;

/** A study, and what is known of its winner. */
interface Found {
  readonly folder: StudyFolder;
  readonly trainings: StudyTrainings;
  readonly best: Trial;
  readonly test: WinnerTest | undefined;
  readonly confirmation: Confirmation | undefined;
  readonly isDone: boolean;
  readonly seconds: number;
  readonly given: Given;
}

/** Prints what a study has found. */
export async function report(found: Found, terminal: Terminal, json: boolean): Promise<void> {
  const { folder, trainings, best, test, confirmation, isDone, seconds, given } = found;
  const { study, path } = folder;
  const { maximize: isAccuracy } = study.definition;
  const scoreOf = (score: number) => describeTrialScore(score, isAccuracy);
  const { ranking } = study;
  terminal.out("");
  for (const line of rankingTable(ranking.slice(0, SHOWN), isAccuracy, terminal.columns)) terminal.out(line);
  const findings = await findingsOf(path, folder, given);
  const { importances: matters } = findings;
  if (matters.length > 0) terminal.out("\nWhat matters for being among the best:");
  for (const line of importanceLines(matters)) terminal.out(line);
  const said = describeFindings(findings);
  if (said.length > 0) terminal.out("");
  for (const text of said) terminal.out(text);
  const own = recipeScore(findings);
  const score = lastScore(best)!;
  const record = folder.records.findLast(({ trial }) => trial === best.number);
  const spread = record?.folds ? `, ${describeFolds(record.folds, isAccuracy)}` : "";
  terminal.out(`\nThe best is trial ${best.number}: ${scoreOf(score)} on validation images${spread}`);
  if (own !== undefined && best.number !== 0) terminal.out(`The recipe's own values (trial 0): ${scoreOf(own)}`);
  if (confirmation) terminal.out(describeConfirmation(confirmation, score, isAccuracy));
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
  const mean = confirmation && meanScore(confirmation);
  const { steps } = await trialSpec(trainings.base, best.parameters);
  const commands = new StudyCommands(path, folder.training, given);
  const again = commands.train(best.parameters, steps);
  terminal.out(`\n  ${again}`);
  const more = isDone
    ? `more trials: ${commands.resume("--trials", String(2 * study.size))}`
    : `the rest: ${commands.resume()}`;
  terminal.note(terminal.dim(`${duration(seconds)}; saved in ${path}; ${more}`));
  if (!json) return;
  const summary = {
    study: path,
    trials: study.trials,
    isDone,
    best: {
      trial: best.number,
      parameters: best.parameters,
      score,
      run: winnerRun(folder, best),
      ...(record?.folds && { folds: record.folds, standardError: standardError(record.folds) }),
      weightsSha256: record?.weightsSha256,
    },
    recipeScore: own,
    importances: matters,
    findings: said,
    next: nextSteps(findings),
    confirmation: confirmation && {
      ...confirmation,
      mean: mean ?? null,
      flattery: mean === undefined ? null : score - mean,
    },
    test,
    testsTaken: testsOf(folder).length,
    command: again,
    seconds,
  };
  printSummary(summary);
}
