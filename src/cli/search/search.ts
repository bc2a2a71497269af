import { percent, quantity } from "../../base/format.ts";
import { clipped } from "../../base/table.ts";
import { InklingError } from "../../index.ts";
import { describeParameters, describeTrialScore } from "../../report/studyTable.ts";
import { runStudy, type Workers } from "../../search/node/runStudy.ts";
import { StudyFolder } from "../../search/node/studyFolder.ts";
import type { TrialResult } from "../../search/node/trial.ts";
import type { Job } from "../../search/study.ts";
import { interruptible } from "../interrupt.ts";
import { checkRunning } from "../loadRecipe.ts";
import { checkFetching } from "../openRunData.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import {
  createStudy,
  openTrainings,
  originOf,
  type SearchOptions,
  type StudyTrainings,
  withWorkers,
} from "./openStudy.ts";
import { StudyCommands } from "./printedCommands.ts";
import { report } from "./report.ts";
import { confirm, confirmationOf, testOf, testOnce } from "./winner.ts";
import { writeStudyPage } from "./writePage.ts";

const KEEP = 5;

/** Runs or resumes a study, and reports its winner. */
export async function searchCommand(source: string | undefined, options: SearchOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const folder =
    options.resume === undefined
      ? await createStudy(source ?? "letters", options)
      : await StudyFolder.resume(options.resume);
  const moved = options.resume === undefined ? undefined : source;
  const given = { load: options.load, queue: options.queue, source: moved };
  const resume = new StudyCommands(folder.path, folder.training, given).resume();
  try {
    await interruptible(async (signal) => {
      if (options.trials !== undefined) await folder.extend(options.trials);
      if (options.keep !== undefined && options.keep !== folder.notes.get("keep"))
        await folder.note("keep", options.keep);
      if (options.resume !== undefined) {
        checkRunning(folder.training.recipe, options.load);
        await checkFetching(originOf(folder), options.fetch, { source: moved });
      }
      const trainings = await openTrainings(folder, moved, terminal, signal);
      const during = { signal, onNote: terminal.note };
      const started = performance.now();
      const { definition } = folder.study;
      const isDone = await withWorkers(trainings, definition, options, during, (workers) =>
        follow(folder, trainings, workers, options, terminal, signal),
      );
      if (signal.aborted) throw stopped(resume);
      const { best } = folder.study;
      if (!best)
        throw new InklingError("NOT_FOUND", `${folder.path}: no trial has a score yet; resume with: ${resume}`);
      const { confirm: seeds = 0 } = options;
      let confirmation = confirmationOf(folder, best);
      let test = testOf(folder, best);
      if (!test || seeds > (confirmation?.scores.length ?? 0))
        await withWorkers(trainings, definition, options, during, async (workers) => {
          test = await testOnce(folder, trainings, workers, best, terminal);
          confirmation = await confirm(folder, trainings, workers, best, seeds, terminal, signal);
        });
      if (signal.aborted) throw stopped(resume);
      const seconds = (performance.now() - started) / 1000;
      if (options.html !== undefined) await writeStudyPage(options.html, folder.path, folder, given);
      const found = { folder, trainings, best, test, confirmation, isDone, seconds, given };
      await report(found, terminal, options.json ?? false);
    });
  } finally {
    terminal.clear();
    await folder.close();
  }
}

const stopped = (resume: string) =>
  new InklingError("ABORTED", `the search was stopped and saved; resume with: ${resume}`);

/** Runs the study with a line for each result. */
async function follow(
  folder: StudyFolder,
  { tasksOf }: StudyTrainings,
  workers: Workers,
  { budget }: SearchOptions,
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
    tasksOf,
    signal,
    budget,
    keep: keepOf(folder),
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

/** Of how many trials weights are kept, as the study was told last; undefined for all. */
function keepOf({ notes }: StudyFolder): number | undefined {
  const noted = notes.get("keep");
  if (noted === "all") return undefined;
  return typeof noted === "number" ? noted : KEEP;
}

function resultOf({ trial, resource }: Job, result: TrialResult, isAccuracy: boolean): string {
  const share = resource === 1 ? "" : ` after ${percent(resource)} %`;
  const what = "score" in result ? describeTrialScore(result.score, isAccuracy) : result.problem;
  return `Trial ${String(trial).padStart(3)}${share}: ${what}`;
}
