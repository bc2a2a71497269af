import { join } from "node:path";
import { quantity } from "../../base/format.ts";
import { temporaryFolder } from "../../base/node/temporaryFolder.ts";
import { InklingError } from "../../index.ts";
import type { StepRecord } from "../../search/journal.ts";
import { trainFolds } from "../../search/node/runStudy.ts";
import { readStudy } from "../../search/node/studyFolder.ts";
import { interruptible } from "../interrupt.ts";
import { checkRunning } from "../loadRecipe.ts";
import { checkFetching } from "../openRunData.ts";
import { createTerminal, printSummary } from "../terminal.ts";
import { openTrainings, originOf, type SearchOptions, withWorkers } from "./openStudy.ts";

const REPLAYS = 3;

/**
 * Draws the parameters of all trials of a study again, and trains some trials again, the best one first. The exit code is 1
 * if anything differs.
 */
export async function verifyCommand(path: string, source: string | undefined, options: SearchOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const saved = await readStudy(path);
  const { study, records } = saved;
  const { trials } = study;
  const drawnOtherwise = trials.filter(
    ({ number, parameters }) => JSON.stringify(study.draw(number)) !== JSON.stringify(parameters),
  );
  terminal.out(
    drawnOtherwise.length === 0
      ? `All ${quantity(trials.length, "trial")} are drawn again with the same parameters`
      : `Drawn with other parameters: ${drawnOtherwise.map(({ number }) => `trial ${number}`).join(", ")}`,
  );
  const chosen = chooseRecords(records, study.best?.number, options.replays ?? REPLAYS);
  if (chosen.length === 0) throw new InklingError("NOT_FOUND", `${path}: no trial has a score yet`);
  checkRunning(saved.training.recipe, options.load);
  await checkFetching(originOf(saved), options.fetch, { source });
  const replayed = await interruptible(async (signal) => {
    const scratch = await temporaryFolder("verify");
    try {
      const runOf = (trial: number) => join(scratch.path, String(trial));
      const trainings = await openTrainings({ ...saved, runOf }, source, terminal, signal);
      const during = { signal, onNote: terminal.note };
      return await withWorkers(trainings, study.definition, options, during, async (workers) => {
        const replay = async (record: StepRecord) => {
          const { trial, rung, steps } = record;
          const { parameters } = trials.find(({ number }) => number === trial)!;
          const tasks = await trainings.tasksOf({ step: 0, trial, rung, parameters, resource: 1 });
          const result = await trainFolds(
            tasks.map((task) => ({ ...task, steps })),
            workers,
          );
          const sha = "score" in result ? result.weightsSha256 : undefined;
          const same = sha === record.weightsSha256 && "score" in result && result.score === record.score;
          terminal.out(
            `Trial ${trial}: ${same ? "the same weights and score, bit for bit" : "the weights or the score differ"}`,
          );
          return { trial, steps, same, weightsSha256: record.weightsSha256, replayedSha256: sha };
        };
        const done = [];
        for (let k = 0; k < chosen.length; k += workers.count)
          done.push(...(await Promise.all(chosen.slice(k, k + workers.count).map(replay))));
        return done;
      });
    } finally {
      await scratch.remove();
    }
  }).finally(() => terminal.clear());
  const same = drawnOtherwise.length === 0 && replayed.every((replay) => replay.same);
  process.exitCode = same ? 0 : 1;
  if (!options.json) return;
  const drawn = drawnOtherwise.map(({ number }) => number);
  printSummary({ same, trials: trials.length, drawnOtherwise: drawn, replayed, study: path });
}

/** The last results of some trials: of the best one, and of others at equal distances. */
function chooseRecords(records: readonly StepRecord[], best: number | undefined, count: number): readonly StepRecord[] {
  const last = new Map(records.map((record) => [record.trial, record]));
  const winner = best === undefined ? undefined : last.get(best);
  const others = [...last.values()].filter(({ trial }) => trial !== best).sort((a, b) => a.trial - b.trial);
  const wanted = Math.min(others.length, count - (winner ? 1 : 0));
  const spread = Array.from({ length: wanted }, (_, k) => others[Math.floor((k * others.length) / wanted)]!);
  return [...(winner ? [winner] : []), ...spread];
}
