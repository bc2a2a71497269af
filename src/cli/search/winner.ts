import { join } from "node:path";
import * as v from "valibot";
import { finite, parseConfig, wholeNumber } from "../../base/config.ts";
import { quantity } from "../../base/format.ts";
import { evaluate, type Score } from "../../index.ts";
import { openRun } from "../../node.ts";
import { describeGap } from "../../report/describeFlattery.ts";
import { describeTrialScore, meanOf } from "../../report/studyTable.ts";
import type { Workers } from "../../search/node/runStudy.ts";
import type { SavedStudy, StudyFolder } from "../../search/node/studyFolder.ts";
import type { Trial } from "../../search/study.ts";
import { trialSpec } from "../../search/trialSpec.ts";
import type { Terminal } from "../terminal.ts";
import type { StudyTrainings } from "./openStudy.ts";

/** The test of a winner, as noted in the journal. */
export interface WinnerTest extends Pick<Score, "accuracy" | "interval" | "count"> {
  readonly trial: number;
}

/** The winner's parameters, trained again with other seeds. */
export interface Confirmation {
  readonly trial: number;
  /** The score with each seed; null if its training failed. */
  readonly scores: readonly (number | null)[];
}

/** The test of a winner, if it was taken before. */
export const testOf = (folder: StudyFolder, { number }: Trial): WinnerTest | undefined =>
  testsOf(folder).find(({ trial }) => trial === number);

/**
 * The test score of the winner. It is taken once for each trial that wins, and noted. With folds, whose models have seen parts
 * of the data, the winner's parameters are trained once more, as its command would.
 */
export async function testOnce(
  folder: StudyFolder,
  { base }: StudyTrainings,
  workers: Workers,
  best: Trial,
  terminal: Terminal,
): Promise<WinnerTest | undefined> {
  const { data } = base;
  const rows = data.division.split.test;
  if (rows.length === 0) return undefined;
  const known = testOf(folder, best);
  if (known) return known;
  const run = winnerRun(folder, best);
  if (folder.training.folds !== undefined) {
    terminal.progress("Training the winner on all folds");
    const spec = await trialSpec(base, best.parameters);
    const result = await workers.run({ spec, steps: spec.steps, folder: run });
    if ("problem" in result) return undefined;
  }
  terminal.progress("Testing the winner");
  const { trained } = await openRun(run);
  const dataset = data.test ?? data.dataset;
  const first = data.test ? data.dataset.labels.length : 0;
  const score = await evaluate(trained, dataset, { rows: Array.from(rows, (row) => row - first) });
  const { accuracy, interval, count } = score;
  const test = { trial: best.number, accuracy, interval, count };
  await folder.note("tests", [...testsOf(folder), test]);
  return test;
}

/** The folder of the winner's model. */
export const winnerRun = (folder: StudyFolder, { number }: Trial): string =>
  folder.training.folds === undefined ? folder.runOf(number) : join(folder.path, "winners", String(number));

const testsSchema = v.array(
  v.object({ trial: wholeNumber, accuracy: finite, interval: v.strictTuple([finite, finite]), count: wholeNumber }),
  "a list of tests",
);
const confirmationSchema = v.object({ trial: wholeNumber, scores: v.array(v.nullable(finite), "a list of scores") });

/** What a study has noted, checked, since another program may have written its journal. */
const noteOf = <const S extends v.GenericSchema>({ notes }: Pick<SavedStudy, "notes">, key: string, schema: S) =>
  notes.has(key) ? parseConfig(schema, notes.get(key), `the study's note ${key}`, "INVALID_DATA") : undefined;

/** The tests of all winners so far. Throws `INVALID_DATA` for a study that is damaged. */
export const testsOf = (saved: Pick<SavedStudy, "notes">): readonly WinnerTest[] =>
  noteOf(saved, "tests", testsSchema) ?? [];

/** What is known of how good the parameters of a trial are with other seeds. Throws `INVALID_DATA` as {@link testsOf}. */
export function confirmationOf(saved: Pick<SavedStudy, "notes">, { number }: Trial): Confirmation | undefined {
  const known = noteOf(saved, "confirmation", confirmationSchema);
  return known?.trial === number ? known : undefined;
}

/** Trains the winner's parameters again with other seeds, which also draw other validation images. */
export async function confirm(
  folder: StudyFolder,
  { base }: StudyTrainings,
  workers: Workers,
  best: Trial,
  count: number,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Confirmation | undefined> {
  const { number: trial, parameters } = best;
  const scores = [...(confirmationOf(folder, best)?.scores ?? [])];
  const spec = await trialSpec(base, parameters);
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
      for (const result of results) scores.push("score" in result ? result.score : null);
      await folder.note("confirmation", { trial, scores });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return scores.length > 0 ? { trial, scores } : undefined;
}

/** The mean score with those of the other seeds whose training did not fail; undefined if every one did. */
export function meanScore({ scores }: Confirmation): number | undefined {
  const known = scores.filter((score) => score !== null);
  return known.length === 0 ? undefined : meanOf(known);
}

/** How good the winner's parameters are with other seeds, and how much better its own score is, if it is. */
export function describeConfirmation(confirmation: Confirmation, score: number, isAccuracy: boolean): string {
  const { scores } = confirmation;
  const seeds = quantity(scores.length, "other seed");
  const mean = meanScore(confirmation);
  if (mean === undefined) return `With ${seeds}: every training failed`;
  const failed = scores.filter((score) => score === null).length;
  const some = failed === 0 ? "" : `, ${failed} of which failed`;
  const found = `With ${seeds}${some}: ${describeTrialScore(mean, isAccuracy)} on average`;
  return `${found}; ${describeGap(score, mean, isAccuracy)}`;
}
