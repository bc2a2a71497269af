import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { StudyPageData, TrialOnPage } from "../../report/pages/study/studyPageData.ts";
import type { StudyFindings } from "../../report/studyFindings.ts";
import { lastScore } from "../../report/studyTable.ts";
import { readMetrics } from "../../runs/node/metrics.ts";
import { readRun } from "../../runs/node/runFile.ts";
import { importances } from "../../search/importance.ts";
import { readStudy, runOf, type SavedStudy } from "../../search/node/studyFolder.ts";
import type { Trial } from "../../search/study.ts";
import { createTerminal } from "../terminal.ts";
import type { SearchOptions } from "./openStudy.ts";
import { type Given, StudyCommands } from "./printedCommands.ts";
import { confirmationOf, testsOf } from "./winner.ts";

/** Writes the page of a study that is in a folder, without training anything. */
export async function pageCommand(path: string, { html, load }: SearchOptions): Promise<void> {
  await writeStudyPage(html!, path, await readStudy(path), { load });
  createTerminal().out(`Written: ${html}`);
}

/** What a study has found so far. Reads the record of the winner. */
export async function findingsOf(
  path: string,
  { study, training, notes }: SavedStudy,
  given: Given,
): Promise<StudyFindings> {
  const { maximize: isAccuracy, space, initial } = study.definition;
  const { ranking } = study;
  const [best] = ranking;
  const validation = best && (await recordOf(path, best.number))?.result?.validation;
  return {
    ...{ space, isAccuracy, ranking, isDone: study.isDone },
    resume: new StudyCommands(path, training, given).resume(),
    trials: study.trials,
    importances: importances(
      space,
      ranking.flatMap((trial) => {
        const score = trial.state === "complete" ? lastScore(trial) : undefined;
        return score === undefined ? [] : [{ parameters: trial.parameters, loss: isAccuracy ? -score : score }];
      }),
    ),
    startsWithRecipe: initial.length > 0,
    validationImages: validation?.count ?? 0,
    confirmed: (best && confirmationOf({ notes }, best)?.scores.filter((score) => score !== null)) ?? [],
  };
}

/** The run of a trial or, with folds, of its first fold; undefined if there is none that can be read. */
const recordOf = async (path: string, trial: number) => {
  const folder = runOf(path, trial);
  return ignoring(readRun(folder).catch(() => readRun(join(folder, "fold-0"))));
};

/** A result, or undefined for an error about a file. */
const ignoring = <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: unknown) => {
    if (error instanceof InklingError) return undefined;
    throw error;
  });

/** Writes the page of a study. Throws `FILE_SYSTEM`. */
export async function writeStudyPage(file: string, path: string, saved: SavedStudy, given: Given): Promise<void> {
  const { studyPage } = await import("../../report/pages/study/studyPage.tsx");
  await writeFileAtomic(file, studyPage(await pageDataOf(path, saved, given)));
}

async function pageDataOf(path: string, saved: SavedStudy, given: Given): Promise<StudyPageData> {
  const { study, training, name } = saved;
  const findings = await findingsOf(path, saved, given);
  const commands = new StudyCommands(path, training, given);
  const steps = stepsOf(saved);
  const trials = await Promise.all(findings.trials.map((trial) => onPage(path, saved, trial, steps)));
  const [best] = findings.ranking;
  const test = testsOf(saved).find(({ trial }) => trial === best?.number);
  return {
    ...findings,
    ...{ name, trials, test, testsTaken: testsOf(saved).length },
    recipe: training.recipe,
    source: String(training.origin["source"]),
    sampler: study.definition.sampler,
    progress: progressOf(saved),
    commands: [commands.verify, ...(best ? [commands.train(best.parameters, steps(best))] : [])],
  };
}

/** The steps of a trial's whole training, if known: from its own record, or from one with as many images. */
function stepsOf({ records, study }: SavedStudy): (trial: Trial) => number {
  const shares = new Map(
    study.trials.map(({ number, outcomes }) => [number, outcomes.map(({ resource }) => resource)]),
  );
  const known = new Map(
    records.map(({ trial, rung, steps }) => [trial, Math.round(steps / shares.get(trial)![rung]!)]),
  );
  return ({ number }) => known.get(number) ?? 0;
}

async function onPage(
  path: string,
  { records }: SavedStudy,
  trial: Trial,
  stepsOf: (trial: Trial) => number,
): Promise<TrialOnPage> {
  const own = records.filter((record) => record.trial === trial.number);
  const validations = (await ignoring(readMetrics(runOf(path, trial.number)))) ?? [];
  return {
    ...trial,
    cost: trial.outcomes.at(-1)?.resource ?? 0,
    seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
    validations: validations.map(({ step, accuracy, loss }) => ({ step, accuracy, loss })),
    steps: stepsOf(trial),
  };
}

/** The scores in the order of the study's steps, each with the cost of all training up to it. */
function progressOf({ study, records }: SavedStudy): StudyPageData["progress"] {
  const outcomes = new Map(study.trials.map(({ number, outcomes }) => [number, outcomes]));
  const ordered = records
    .map((record) => ({ ...record, place: study.stepOf(record.trial, record.rung) ?? 0 }))
    .toSorted((a, b) => a.place - b.place);
  let cost = 0;
  return ordered.map(({ trial, rung, score }) => {
    const reached = outcomes.get(trial)!;
    const { resource } = reached[rung]!;
    cost += resource - (rung > 0 ? reached[rung - 1]!.resource : 0);
    return { cost, trial, score, isFull: resource === 1 };
  });
}
