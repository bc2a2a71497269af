import { InklingError } from "../base/error.ts";
import type { Parameters } from "../training/space/parameter.ts";
import { MOST_TRIALS, type StudyDefinition } from "./definition.ts";
import { better, type Observation, type Sampler, sampler } from "./samplers/index.ts";
import { Schedule, type Slot } from "./schedule.ts";

/** A step of a study to be done: training a trial up to a share of its whole training. */
export interface Job {
  /** The number of the step in the order of the study. */
  readonly step: number;
  readonly trial: number;
  readonly rung: number;
  readonly parameters: Parameters;
  /** The share of the training after which the trial is scored, up to 1. */
  readonly resource: number;
}

/** What came of a step: the score, or why there is none. The same training always comes to the same outcome. */
export type Outcome = { readonly score: number } | { readonly problem: string };

/** An outcome, and the share of the training that it was reached with. */
export type Reached = Outcome & { readonly resource: number };

/** What is known of a trial. */
export interface Trial {
  readonly number: number;
  readonly parameters: Parameters;
  /** Its outcome at each rung, in order. */
  readonly outcomes: readonly Reached[];
  /** `running`: it may go on; `complete`: it has trained to its end; `pruned`: others of its bracket were better; `failed`. */
  readonly state: "running" | "complete" | "pruned" | "failed";
}

/**
 * A study as a state machine: it says which steps can be done (`ready`), and is told what came of them (`tell`), in any
 * order. Which trials there are, and which of them go on, depends on the definition and on scores alone, never on which
 * worker is faster.
 */
export class Study {
  readonly definition: StudyDefinition;
  readonly #schedule: Schedule;
  readonly #sampler: Sampler;
  readonly #parameters = new Map<number, Parameters>();
  /** Outcomes by step. */
  readonly #outcomes = new Map<number, Outcome>();
  /** The trials of each rung of each bracket, once they are known. */
  readonly #members = new Map<string, readonly number[]>();
  #brackets = 0;
  /** The number of steps from the first on that are all done. */
  #done = 0;

  /** A study of at least that many trials: as many as whole brackets have, or all that the sampler can propose. */
  constructor(definition: StudyDefinition, trials: number) {
    this.definition = definition;
    this.#schedule = new Schedule(definition.pruning);
    this.#sampler = sampler(definition.sampler);
    this.extend(trials);
  }

  /**
   * Makes the study as long as if it had been planned with that many trials from the start, unless it is longer already. Throws
   * `INVALID_ARGUMENT` for more than 100,000.
   */
  extend(trials: number): void {
    const wanted = Math.min(trials, this.#sampler.size?.(this.definition.space) ?? Number.POSITIVE_INFINITY);
    if (!(wanted <= MOST_TRIALS))
      throw new InklingError("INVALID_ARGUMENT", `a study has at most ${MOST_TRIALS} trials, not ${wanted}`);
    this.#brackets = Math.max(this.#brackets, this.#schedule.bracketsFor(wanted));
    this.#done = 0; // steps that did not exist before may be among those that were counted as done
    this.#advance();
  }

  /** The number of trials that it will have. */
  get size(): number {
    return this.#schedule.bracket(this.#brackets).first;
  }

  /** Whether every step is done. */
  get isDone(): boolean {
    return this.#done >= this.#schedule.endOf(this.#brackets);
  }

  /** The steps that can be done now, in order, including those that are in progress. */
  ready(): readonly Job[] {
    const jobs: Job[] = [];
    const end = Math.min(this.#done + this.definition.lag, this.#schedule.endOf(this.#brackets));
    for (let step = this.#done; step < end; step++) {
      if (this.#outcomes.has(step) || !this.#exists(step)) continue;
      const { bracket, rung, slot } = this.#schedule.slot(step);
      const trial = this.#membersOf(bracket, rung)?.[slot];
      if (trial === undefined) continue;
      const { resource } = this.#schedule.bracket(bracket).rungs[rung]!;
      jobs.push({ step, trial, rung, parameters: this.parametersOf(trial), resource });
    }
    return jobs;
  }

  /** Takes the parameters of a trial from a journal, instead of drawing them. */
  restore(trial: number, parameters: Parameters): void {
    this.#parameters.set(trial, parameters);
  }

  /** Takes the outcome of a step; the first one counts. */
  tell(step: number, outcome: Outcome): void {
    if (!this.#outcomes.has(step)) this.#outcomes.set(step, outcome);
    this.#advance();
  }

  /** The step that trains a trial up to a rung; undefined if the trial does not reach it, or if that is not known yet. */
  stepOf(trial: number, rung: number): number | undefined {
    const bracket = this.#schedule.bracketOf(trial);
    const slot = this.#membersOf(bracket, rung)?.indexOf(trial) ?? -1;
    return slot < 0 ? undefined : this.#schedule.firstStep(bracket, rung) + slot;
  }

  /** The trials whose parameters are known, in order. */
  get trials(): readonly Trial[] {
    return [...this.#parameters.keys()].sort((a, b) => a - b).map((number) => this.#trial(number));
  }

  /** The best trial: of those that trained longest, the one with the best score, then the first; undefined before any. */
  get best(): Trial | undefined {
    return this.ranking[0];
  }

  /** The trials that have a score, the best first. */
  get ranking(): readonly Trial[] {
    return rankedBy(
      this.trials.filter(({ outcomes }) => outcomes.some((outcome) => "score" in outcome)),
      ({ number, outcomes }) => observed(number, outcomes, this.#lossOf),
    );
  }

  /** The parameters of a trial: known ones, or drawn from the results that it may depend on. */
  parametersOf(trial: number): Parameters {
    const known = this.#parameters.get(trial);
    if (known) return known;
    const parameters = this.draw(trial);
    this.#parameters.set(trial, parameters);
    return parameters;
  }

  /** Draws the parameters of a trial, even if they are known. The steps that they depend on must be done. */
  draw(trial: number): Parameters {
    const { space, seed, initial, lag } = this.definition;
    const fixed = initial[trial];
    if (fixed) return fixed;
    const bracket = this.#schedule.bracketOf(trial);
    const step = this.#schedule.firstStep(bracket, 0) + trial - this.#schedule.bracket(bracket).first;
    const history = this.#observations(step - lag + 1);
    const seen = new Set(history.map((observation) => observation.trial));
    const pending: Parameters[] = [];
    for (let earlier = 0; earlier < trial; earlier++) if (!seen.has(earlier)) pending.push(this.parametersOf(earlier));
    return this.#sampler.ask({ space, seed, trial, history, pending });
  }

  /** What the steps before `end` have shown of each trial: its outcome after its longest training. */
  #observations(end: number): readonly Observation[] {
    const found = new Map<number, Observation>();
    for (let step = 0; step < end; step++) {
      const outcome = this.#outcomes.get(step);
      if (!outcome) continue;
      const { bracket, rung, slot } = this.#schedule.slot(step);
      const trial = this.#membersOf(bracket, rung)![slot]!;
      const { resource } = this.#schedule.bracket(bracket).rungs[rung]!;
      found.set(trial, { trial, parameters: this.parametersOf(trial), loss: this.#lossOf(outcome), resource });
    }
    return [...found.values()].sort((a, b) => a.trial - b.trial);
  }

  readonly #lossOf = (outcome: Outcome): number =>
    "problem" in outcome ? Number.POSITIVE_INFINITY : this.definition.maximize ? -outcome.score : outcome.score;

  #trial(number: number): Trial {
    const bracket = this.#schedule.bracketOf(number);
    const { rungs } = this.#schedule.bracket(bracket);
    const outcomes: Reached[] = [];
    let state: Trial["state"] = "running";
    for (const [rung, { resource }] of rungs.entries()) {
      const step = this.stepOf(number, rung);
      if (step === undefined) {
        if (this.#membersOf(bracket, rung)) state = "pruned";
        break;
      }
      const outcome = this.#outcomes.get(step);
      if (!outcome) break;
      outcomes.push({ ...outcome, resource });
      if ("problem" in outcome) {
        state = "failed";
        break;
      }
      if (resource === 1) state = "complete";
    }
    return { number, parameters: this.parametersOf(number), outcomes, state };
  }

  #exists(step: number): boolean {
    return this.#schedule.slot(step).bracket < this.#brackets;
  }

  /** The trials of a rung, by rank on the one before; undefined until all trials of that one have an outcome. */
  #membersOf(bracket: number, rung: number): readonly number[] | undefined {
    const { first, rungs } = this.#schedule.bracket(bracket);
    const own = rungs[rung];
    if (!own) return undefined;
    const key = `${bracket}/${rung}`;
    const known = this.#members.get(key);
    if (known) return known;
    const found = rung === 0 ? Array.from({ length: own.trials }, (_, k) => first + k) : this.#promote(bracket, rung);
    if (found) this.#members.set(key, found);
    return found;
  }

  #promote(bracket: number, rung: number): readonly number[] | undefined {
    const before = this.#membersOf(bracket, rung - 1);
    if (!before) return undefined;
    const firstStep = this.#schedule.firstStep(bracket, rung - 1);
    const losses = new Map<number, number>();
    for (const [slot, trial] of before.entries()) {
      const outcome = this.#outcomes.get(firstStep + slot);
      if (!outcome) return undefined;
      losses.set(trial, this.#lossOf(outcome));
    }
    const ranked = rankedBy(before, (trial) => ({ trial, loss: losses.get(trial)!, resource: 0 }));
    return ranked.slice(0, this.#schedule.bracket(bracket).rungs[rung]!.trials);
  }

  /** Counts the steps from the first on that are done. A trial that has failed fails at every further rung. */
  #advance(): void {
    const end = this.#schedule.endOf(this.#brackets);
    for (let step = this.#done; step < Math.min(end, this.#done + this.definition.lag); step++) {
      if (this.#exists(step) && !this.#outcomes.has(step)) {
        const failure = this.#failureBefore(this.#schedule.slot(step));
        if (failure) this.#outcomes.set(step, failure);
      }
      if (step === this.#done && (this.#outcomes.has(step) || !this.#exists(step))) this.#done++;
    }
  }

  #failureBefore({ bracket, rung, slot }: Slot): Outcome | undefined {
    if (rung === 0) return undefined;
    const trial = this.#membersOf(bracket, rung)?.[slot];
    const before = trial === undefined ? undefined : this.stepOf(trial, rung - 1);
    const outcome = before === undefined ? undefined : this.#outcomes.get(before);
    return outcome && "problem" in outcome ? outcome : undefined;
  }
}

/** What is known of a trial by its outcomes. */
function observed(trial: number, outcomes: readonly Reached[], lossOf: (outcome: Outcome) => number) {
  const scored = outcomes.filter((outcome) => "score" in outcome).at(-1)!;
  return { trial, loss: lossOf(scored), resource: scored.resource };
}

/** Sorted by what was observed: longer trained first, then smaller losses, then earlier trials. */
const rankedBy = <T>(items: readonly T[], of: (item: T) => Pick<Observation, "trial" | "loss" | "resource">): T[] =>
  items
    .map((item) => ({ item, ...of(item) }))
    .sort(better)
    .map(({ item }) => item);
