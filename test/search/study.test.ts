import { describe, expect, it } from "vitest";
import { philox } from "../../src/base/philox.ts";
import type { StudyDefinition } from "../../src/search/definition.ts";
import { type Job, type Outcome, Study } from "../../src/search/study.ts";
import { choice, integer, logUniform, parseSpace, real, when } from "../../src/training/space/parameter.ts";

const space = parseSpace({
  rate: logUniform(0.001, 1),
  momentum: real(0, 0.99),
  layers: integer(1, 3),
  kind: choice("a", "b", "c"),
  width: when({ kind: ["a", "b"] }, choice(8, 16, 32)),
});
const definition: StudyDefinition = {
  space,
  initial: [],
  sampler: "tpe",
  seed: 7,
  maximize: true,
  lag: 4,
  pruning: { type: "none", factor: 3, comparisons: 2 },
};
const pruned: StudyDefinition = { ...definition, pruning: { type: "hyperband", factor: 3, comparisons: 2 } };

/** A score that depends on parameters and resource; every 11th trial fails. */
function outcomeOf({ parameters, trial, resource }: Pick<Job, "parameters" | "trial" | "resource">): Outcome {
  if (trial % 11 === 5) return { problem: "diverged" };
  const { rate, momentum, kind, width = 0 } = parameters as Record<string, number>;
  const noise = philox([1, 2], [trial, 0, 0, 0])[0] / 2 ** 32;
  const distance = Math.abs(Math.log10(rate!) + 1.5) + Math.abs(momentum! - 0.8) + (String(kind) === "b" ? 0 : 0.5);
  return { score: -distance - width / 100 - noise / (10 * resource) };
}

/** Does all steps with that many workers, which finish in an order that the seed decides. */
function work(study: Study, workers: number, seed: number, stopAfter = Number.POSITIVE_INFINITY): number {
  const busy = new Map<number, Job>();
  for (let turn = 0; ; turn++) {
    for (const job of study.ready()) if (busy.size < workers && !busy.has(job.step)) busy.set(job.step, job);
    if (busy.size === 0 || turn >= stopAfter) return turn;
    const jobs = [...busy.values()];
    const job = jobs[philox([seed, 0], [turn, 0, 0, 0])[0] % jobs.length]!;
    busy.delete(job.step);
    study.tell(job.step, outcomeOf(job));
  }
}

const stateOf = (study: Study) => ({ trials: study.trials, best: study.best });

describe("a study", () => {
  it.each([
    ["without pruning", definition],
    ["with Hyperband", pruned],
    ["with successive halving", { ...pruned, pruning: { type: "halving", factor: 2, comparisons: 3 } } as const],
  ])("%s has the same trials for any number of workers, in whatever order they finish", (_, chosen) => {
    const one = new Study(chosen, 60);
    work(one, 1, 0);
    expect(one.isDone).toBe(true);
    expect(one.trials).toHaveLength(one.size);
    expect(one.trials.every(({ state }) => state !== "running")).toBe(true);
    for (const [workers, seed] of [
      [2, 1],
      [4, 2],
      [4, 3],
    ] as const) {
      const many = new Study(chosen, 60);
      work(many, workers, seed);
      expect(many.isDone).toBe(true);
      expect(stateOf(many)).toEqual(stateOf(one));
    }
  });

  it("goes on where it was stopped, and a longer one begins like a shorter one", () => {
    const whole = new Study(pruned, 60);
    work(whole, 3, 1);
    const stopped = new Study(pruned, 20);
    work(stopped, 3, 5, 9);
    expect(stopped.isDone).toBe(false);
    work(stopped, 2, 6);
    expect(stopped.isDone).toBe(true);
    stopped.extend(60);
    expect(stopped.isDone).toBe(false);
    work(stopped, 4, 7);
    expect(stateOf(stopped)).toEqual(stateOf(whole));
    expect(
      whole.trials.every(({ number, parameters }) => JSON.stringify(whole.draw(number)) === JSON.stringify(parameters)),
    ).toBe(true);
  });

  it("lets a third go on at each comparison, and trains most of what is left to the end", () => {
    const study = new Study({ ...pruned, pruning: { type: "halving", factor: 3, comparisons: 2 } }, 18);
    work(study, 4, 1);
    const reached = [1 / 9, 1 / 3, 1].map(
      (share) => study.trials.filter(({ outcomes }) => outcomes.some(({ resource }) => resource === share)).length,
    );
    expect(reached).toEqual([18, 6, 2]);
    const [best] = study.ranking;
    expect(best!.state).toBe("complete");
    const scores = study.ranking.filter(({ state }) => state === "complete").map(({ outcomes }) => outcomes.at(-1)!);
    expect(scores).toEqual(scores.toSorted((a, b) => ("score" in b ? b.score : 0) - ("score" in a ? a.score : 0)));
  });

  it("never has more steps in progress than its lag", () => {
    const study = new Study(definition, 40);
    expect(study.ready().map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    study.tell(2, { score: 1 });
    expect(study.ready().map(({ step }) => step)).toEqual([0, 1, 3]);
    study.tell(0, { score: 1 });
    expect(study.ready().map(({ step }) => step)).toEqual([1, 3, 4]);
  });

  it("tries every combination of a grid once", () => {
    const study = new Study({ ...definition, sampler: "grid" }, 1e6);
    work(study, 4, 1);
    const all = study.trials.map(({ parameters }) => JSON.stringify(parameters));
    expect(all).toHaveLength(5 * 5 * 3 * (3 + 3 + 1));
    expect(new Set(all).size).toBe(all.length);
  });
});
