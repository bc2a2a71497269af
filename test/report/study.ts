import type { StudyFindings } from "../../src/report/studyFindings.ts";
import { lastScore } from "../../src/report/studyTable.ts";
import { importances } from "../../src/search/importance.ts";
import { Study } from "../../src/search/study.ts";
import type { Parameters, Space } from "../../src/training/space/parameter.ts";
import { completed } from "../../src/training/space/parameter.ts";

/** Accuracy of parameters: best at a learning rate of 0.05, whatever the others are. */
const accuracyOf = ({ learningRate }: Parameters): number =>
  0.95 - 0.2 * Math.abs(Math.log10(Number(learningRate) / 0.05));

/** What a study of random trials has found, the first with the defaults; every tenth fails. */
export function studyOf(space: Space, count: number, scoreOf = accuracyOf): StudyFindings {
  const pruning = { type: "none", factor: 3, comparisons: 0 } as const;
  const definition = { sampler: "random", seed: 1, maximize: true, lag: 1, pruning };
  const study = new Study({ ...definition, space, initial: [completed(space)] }, count);
  for (;;) {
    const [job] = study.ready();
    if (!job) break;
    study.tell(job.step, job.trial % 10 === 9 ? { problem: "the loss is NaN" } : { score: scoreOf(job.parameters) });
  }
  const { trials, ranking } = study;
  const scored = ranking.map((trial) => ({ parameters: trial.parameters, loss: -lastScore(trial)! }));
  return {
    ...{ space, trials, ranking, importances: importances(space, scored), isAccuracy: true, startsWithRecipe: true },
    ...{ validationImages: 1000, confirmed: [0.9, 0.92], isDone: true, resume: "inkling search --resume studies/one" },
  };
}
