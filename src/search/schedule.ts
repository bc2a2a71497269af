/** How much of its training a trial gets before it is compared with others. */
export interface Pruning {
  /**
   * `none`: every trial trains to its end. `halving`: successive halving. `hyperband`: brackets that begin with ever fewer
   * trials and ever more training.
   */
  readonly type: "none" | "halving" | "hyperband";
  /** Of how many trials one goes on at a comparison, and by which factor its training becomes longer. */
  readonly factor: number;
  /** The number of comparisons before the end of a training; the first one is after 1 / factor^comparisons of it. */
  readonly comparisons: number;
}

/** Trials that start together and are compared with one another. */
export interface Bracket {
  /** The number of its first trial. */
  readonly first: number;
  /** For each rung, how many of its trials reach it, and which share of the training it ends after. */
  readonly rungs: readonly { readonly trials: number; readonly resource: number }[];
}

/** One step of a study: training one trial of a bracket up to a rung. Slots of rungs above the first are filled by rank. */
export interface Slot {
  readonly bracket: number;
  readonly rung: number;
  readonly slot: number;
}

/**
 * The brackets of a study and the order of its steps, both fixed from the beginning and without an end: a study with more
 * trials begins like one with fewer.
 *
 * A bracket of successive halving has factor^comparisons trials, of which 1 / factor goes on at each rung. Hyperband repeats
 * brackets of K + 1 kinds, K = comparisons: kind s = K, …, 0 begins with ⌈(K + 1) / (s + 1) · factor^s⌉ trials at the share
 * factor^−s of the training (Li et al., "Hyperband", JMLR 2018, algorithm 1).
 *
 * Rung k of bracket b is in wave b + k, after the first rung of the bracket that begins in that wave. So what is compared has
 * usually been trained by the time a comparison is due, and no worker waits for it.
 */
export class Schedule {
  readonly #pruning: Pruning;
  readonly #brackets: Bracket[] = [];
  /** The bracket of each trial. */
  readonly #bracketOf: number[] = [];
  /** The number of steps up to the last one of the first brackets, by their number. */
  readonly #ends: number[] = [0];
  readonly #slots: Slot[] = [];
  /** The step of the first slot of each rung, by bracket. */
  readonly #firsts: number[][] = [];
  #wave = 0;

  constructor(pruning: Pruning) {
    this.#pruning = pruning;
  }

  bracket(index: number): Bracket {
    while (this.#brackets.length <= index) {
      const rungs = rungsOf(this.#pruning, this.#brackets.length);
      this.#brackets.push({ first: this.#bracketOf.length, rungs });
      for (let k = 0; k < rungs[0]!.trials; k++) this.#bracketOf.push(this.#brackets.length - 1);
    }
    return this.#brackets[index]!;
  }

  /** The bracket that a trial starts in. */
  bracketOf(trial: number): number {
    while (this.#bracketOf.length <= trial) this.bracket(this.#brackets.length);
    return this.#bracketOf[trial]!;
  }

  /** What a step trains. */
  slot(step: number): Slot {
    while (this.#slots.length <= step) this.#addWave();
    return this.#slots[step]!;
  }

  /** The step of the first slot of a rung. */
  firstStep(bracket: number, rung: number): number {
    while (this.#wave <= bracket + rung) this.#addWave();
    return this.#firsts[bracket]![rung]!;
  }

  /** The number of brackets that together have at least that many trials. */
  bracketsFor(trials: number): number {
    return trials <= 0 ? 0 : this.bracketOf(trials - 1) + 1;
  }

  /** The number of steps up to the last one of the given number of brackets, including steps of later brackets in between. */
  endOf(brackets: number): number {
    for (let k = this.#ends.length - 1; k < brackets; k++) {
      const { rungs } = this.bracket(k);
      const end = this.firstStep(k, rungs.length - 1) + rungs.at(-1)!.trials;
      this.#ends.push(Math.max(this.#ends[k]!, end));
    }
    return this.#ends[brackets]!;
  }

  #addWave(): void {
    const wave = this.#wave++;
    this.#firsts.push([]);
    for (let rung = 0; rung <= Math.min(wave, this.#pruning.comparisons); rung++) {
      const bracket = wave - rung;
      const { trials = 0 } = this.bracket(bracket).rungs[rung] ?? {};
      this.#firsts[bracket]!.push(this.#slots.length);
      for (let slot = 0; slot < trials; slot++) this.#slots.push({ bracket, rung, slot });
    }
  }
}

/** How many trials successive halving compares with one another. */
export const comparedBy = ({ factor, comparisons }: Pruning): number => factor ** comparisons;

function rungsOf({ type, factor, comparisons }: Pruning, index: number): Bracket["rungs"] {
  if (type === "none") return [{ trials: 1, resource: 1 }];
  const depth = type === "halving" ? comparisons : comparisons - (index % (comparisons + 1));
  const share = type === "halving" ? 1 : (comparisons + 1) / (depth + 1);
  const first = Math.ceil(share * factor ** depth);
  return Array.from({ length: depth + 1 }, (_, k) => ({
    trials: Math.max(1, Math.floor(first / factor ** k)),
    resource: 1 / factor ** (depth - k),
  }));
}
