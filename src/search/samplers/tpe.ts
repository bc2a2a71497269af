import type { Parameters, Space } from "../../training/space/parameter.ts";
import { groupsOf, isGroupUsed, Mixture } from "./parzen.ts";
import { quasirandom } from "./quasirandom.ts";
import { type Asked, better, type Observation, type Sampler, uniformOf } from "./sampler.ts";

/** Trials before the first that is modeled. */
const STARTUP = 10;
/** Values drawn from the good trials for each group of parameters, of which the most promising are taken. */
const CANDIDATES = 24;
/** Attempts to find values that no trial has had. */
const ATTEMPTS = 8;
/** The most recent trials that all have the full weight. */
const RECENT = 25;

/** The number of good trials among n. */
const goodOf = (n: number): number => Math.min(Math.ceil(0.1 * n), 25);

/** Weights of n trials, oldest first: 1 for the last 25, and from 1/n up to 1 for those before. */
function weightsOf(n: number): readonly number[] {
  const ramp = Math.max(0, n - RECENT);
  return Array.from({ length: n }, (_, k) =>
    k >= ramp ? 1 : ramp === 1 ? 1 / n : 1 / n + (k / (ramp - 1)) * (1 - 1 / n),
  );
}

/** Whether some trial has had the same parameters. */
const isKnown = (values: Parameters, trials: readonly Parameters[]): boolean => {
  const entries = Object.entries(values);
  const isSame = (other: Parameters) =>
    entries.every(([name, value]) => other[name] === value) && Object.keys(other).length === entries.length;
  return trials.some(isSame);
};

/** The good trials and the others, oldest first. */
function divided(history: readonly Observation[], pending: readonly Parameters[]) {
  const best = new Set(history.toSorted(better).slice(0, goodOf(history.length)));
  const parametersOf = (isGood: boolean) =>
    history.filter((trial) => best.has(trial) === isGood).map(({ parameters }) => parameters);
  return { good: parametersOf(true), others: [...parametersOf(false), ...pending] };
}

/** Models of the good trials and of the others, over one group of parameters. */
function models(group: Space, { good, others }: ReturnType<typeof divided>) {
  const names = Object.keys(group);
  const having = (trials: readonly Parameters[]) => trials.filter((values) => names.every((name) => name in values));
  const mixture = (trials: readonly Parameters[]) => new Mixture(group, trials, weightsOf(trials.length));
  return { good: mixture(having(good)), others: mixture(having(others)) };
}

/** The values of a group that are most promising, the best first. */
function candidatesOf(
  { good, others }: ReturnType<typeof models>,
  asked: Asked,
  stream: number,
): readonly Parameters[] {
  const drawn = Array.from({ length: CANDIDATES }, (_, k) => {
    const values = good.draw((index) => uniformOf(asked, 1000 + stream, k * 64 + index));
    return { values, promise: good.logDensity(values) - others.logDensity(values) };
  });
  return drawn.toSorted((a, b) => b.promise - a.promise).map(({ values }) => values);
}

/**
 * The tree-structured Parzen estimator: what distinguishes the best tenth of the trials from the others. 24 values are
 * drawn from a density l of the best trials, and those are taken for which l / g is largest, where g is a density of the
 * others. Densities, weights and numbers are those of Optuna 5's multivariate TPE.
 *
 * It differs from Optuna in these points: the first 10 trials are quasi-random instead of random; numbers to choose from
 * are ordered, and kernels over them are at least half a step wide; values that a trial has already had are not tried again,
 * since a training would come to the same result; a failed trial counts as the worst; parameters with the same condition are
 * modeled together; and trials whose results are not known yet, which count as bad ones, are the same for every number of
 * workers.
 *
 * Sources: Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011; Falkner et al., "BOHB", ICML
 * 2018; Watanabe, "Tree-structured Parzen estimator", arXiv 2304.11127.
 */
export const tpe: Sampler = {
  name: "tpe",
  description: "what distinguishes the best trials from the others (multivariate TPE)",
  ask(asked) {
    const { space, history, pending } = asked;
    const known = [...history.map(({ parameters }) => parameters), ...pending];
    if (history.length < STARTUP) return unknownOf(asked, known);
    const trials = divided(history, pending);
    const groups = groupsOf(space).map((group) => ({ group, models: models(group, trials) }));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let options: readonly Parameters[] = [{}];
      groups.forEach(({ group, models }, k) => {
        const [values] = options;
        if (!isGroupUsed(group, values!)) return;
        const found = candidatesOf(models, asked, attempt * groups.length + k);
        options = found.map((more) => ({ ...values, ...more }));
      });
      const found = options.find((values) => !isKnown(values, known));
      if (found) return found;
    }
    return unknownOf(asked, known);
  },
};

/** Quasi-random values that no trial has had, if they can be found. */
function unknownOf(asked: Asked, known: readonly Parameters[]): Parameters {
  const first = quasirandom.ask(asked);
  for (let attempt = 0, values = first; attempt < 256; attempt++) {
    if (!isKnown(values, known)) return values;
    values = quasirandom.ask({ ...asked, trial: asked.trial + 2 ** 20 * (attempt + 1) });
  }
  return first;
}
