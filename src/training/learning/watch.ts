import { log } from "../../base/math.ts";
import type { Agreement } from "../../evaluation/agreement.ts";
import type { Guess } from "./guess.ts";
import { errorOf, type Moments, none, plus, together } from "./moments.ts";

/** Whether a training learns. */
export type LearningStatus =
  /** Too few steps or images to tell; a training loss that falls on images seen before proves nothing. */
  | "undecided"
  | "learning"
  /** The training loss is no better than that of a guess from the class shares. */
  | "guessing"
  /** The training loss falls, but on validation images the answers are no better than chance. */
  | "memorizing";

/** The likely causes of a training that does not learn. */
export const learningCauses = [
  /** Steps so large that the network gives the same answer to every image, or that the loss explodes. */
  "learningRateTooHigh",
  /** Steps so small that the weights hardly change, or that the loss falls too slowly for the number of steps. */
  "learningRateTooLow",
  /** The images are all nearly the same: black, white, or constant. */
  "values",
  /** The labels have nothing to do with the images. */
  "labels",
  /** The moving averages of the weights, which are what is validated, still hold earlier weights. */
  "averages",
  /** The running statistics of batch normalization, which validation uses, differ from those of the batches. */
  "runningStatistics",
  "unknown",
] as const;

/** The likely cause of a training that does not learn. */
export type LearningCause = (typeof learningCauses)[number];

/** Whether n is 1, 2, 4, 8, …: after that many steps a sample of steps ends. */
export const isPowerOfTwo = (n: number): boolean => n > 0 && (n & (n - 1)) === 0;

/** What a watch remembers; part of checkpoints, so that a resumed training reaches the same verdicts. */
export interface WatchState {
  /** Gains of the steps before the last power of two, and since. */
  readonly before: Moments;
  readonly since: Moments;
  /** What was said last. */
  readonly said: LearningStatus;
  /** The cause that was given with it, if it was that the training does not learn. */
  readonly cause?: LearningCause | undefined;
  /** What the last validation showed, if anything. */
  readonly validation?: "better" | "chance" | undefined;
  /** Whether the loss of images seen for the first time was better than guessing. */
  readonly fresh?: boolean | undefined;
}

/**
 * Standard errors by which a mean must differ: p < 0.001 one-sided by Student's t for the smallest sample, 16, and
 * 0.00003 for large ones, so that the dozen of looks at a training rarely includes a false alarm.
 */
const ERRORS = 4;
/** The smallest sample of steps that a verdict is based on. */
const FEWEST = 16;
/** The gain of a few images in all that shows learning, and the standard errors of their kappa: see the class. */
const [ENOUGH, FEW_ERRORS] = [log(100), 2];
/** A training that has not gained this share of what the labels hold is guessing. */
const NEGLIGIBLE = 0.05;
/** A training that has gained this share has learned its training images, and should do better than chance on others. */
const MOST_LEARNED = 0.5;
/** The steps after which a training that is still guessing is reported: a quarter of all, from 32 to 256. */
const reportedAfter = (steps: number): number => Math.min(256, Math.max(32, steps / 4));

/**
 * Tells a training that learns from one that does not, from its losses alone.
 *
 * The gain of a step is the loss of its batch under the best guess (see `guessOf`), less its actual loss. A network that
 * has learned nothing has an expected gain of at most 0 on images it sees for the first time, whatever the class shares;
 * using the batch's own labels for the guess removes the noise of its composition. The mean gain, divided by the largest
 * one possible, is the share of the labels' information that the network has learned: McFadden's pseudo-R².
 *
 * The steps from one power of two to the next are one sample, so a verdict depends on the recent half of a training. The
 * network is guessing if the upper limit of the mean gain is below 5 % of what is possible, and learns if the lower limit
 * is above 0; limits are 4 standard errors away. Images that were seen before may have been memorized, so only
 * the first epoch and validation prove that it learns; a validation does so with Cohen's kappa or with a loss below that
 * of a guess. Of fewer than 16 images the errors say little, but the probability that the gains of all of them add up to
 * ln 100 is at most 1 % if answers do not depend on labels, by Markov's inequality: E exp(Σ gain) = Π E p(y)/q(y) = 1 for
 * answers p and shares q of the classes. Since q is that of the training images, kappa has to agree.
 *
 * Source of the pseudo-R²: McFadden, "Conditional logit analysis of qualitative choice behavior", 1974.
 */
export class LearningWatch {
  readonly #guess: Guess;
  readonly #steps: number;
  readonly #epoch: number;
  #state: WatchState;

  /** `epoch`: the steps in which every image is seen for the first time. */
  constructor(guess: Guess, { steps, epoch }: { steps: number; epoch: number }, resume?: WatchState) {
    this.#guess = guess;
    this.#steps = steps;
    this.#epoch = epoch;
    this.#state = resume ?? { before: none, since: none, said: "undecided" };
  }

  get state(): WatchState {
    return this.#state;
  }

  /** The training loss of the guess. */
  get guessLoss(): number {
    return this.#guess.loss;
  }

  /** The largest mean gain possible. */
  get #possible(): number {
    return Math.max(this.#guess.loss - this.#guess.floor, 1e-9);
  }

  /** The gains of the recent half of the training. */
  get #recent(): Moments {
    const { before, since } = this.#state;
    return since.count >= FEWEST ? since : together(before, since);
  }

  /** The share of the labels' information that the network has recently learned: below 0 if it is worse than guessing. */
  get explained(): number {
    const recent = this.#recent;
    return recent.count === 0 ? 0 : recent.mean / this.#possible;
  }

  /** Whether the loss is clearly above that of a guess, by half of it, and does not fall. */
  get isFarAbove(): boolean {
    const { before, since } = this.#state;
    if (since.count < FEWEST || since.mean > before.mean) return false;
    return since.mean + ERRORS * errorOf(since) < -this.#guess.loss / 2;
  }

  /** Records the mean loss of a step's batch, before the update, and the labels of its images. */
  record(step: number, loss: number, labels: readonly number[]): void {
    const guessed = labels.reduce((sum, label) => sum + this.#guess.losses[label]!, 0) / labels.length;
    const { before, since } = this.#state;
    const isNext = isPowerOfTwo(step) && step > 1;
    const [last, current] = isNext ? [since, none] : [before, since];
    this.#state = { ...this.#state, before: last, since: plus(current, guessed - loss) };
    if (step < this.#epoch && !this.#state.fresh && this.#gains) this.#state = { ...this.#state, fresh: true };
  }

  /** Records a validation: the agreement of answers and labels, and the gains over guessing of its images. */
  validate({ kappa, error }: Agreement, gains: Moments): void {
    const isBetter =
      kappa > ERRORS * error ||
      (gains.count >= FEWEST
        ? gains.mean > ERRORS * errorOf(gains)
        : gains.count * gains.mean > ENOUGH && kappa > FEW_ERRORS * error);
    const isChance = gains.count >= FEWEST && kappa + ERRORS * error < this.explained / 2;
    this.#state = { ...this.#state, validation: isBetter ? "better" : isChance ? "chance" : undefined };
  }

  /** Whether the recent loss is better than guessing. */
  get #gains(): boolean {
    const recent = this.#recent;
    return recent.count >= FEWEST && recent.mean - ERRORS * errorOf(recent) > 0;
  }

  /** Whether the loss is still falling: the last two samples differ by two standard errors, p = 0.02. */
  get isFalling(): boolean {
    const { before, since } = this.#state;
    if (before.count < FEWEST / 2 || since.count < FEWEST) return false;
    return since.mean - before.mean > 2 * Math.sqrt(errorOf(before) ** 2 + errorOf(since) ** 2);
  }

  /** Whether the samples complete after this many steps say that the network guesses. */
  get #isGuessing(): boolean {
    const recent = this.#recent;
    if (recent.count < FEWEST || this.#state.validation === "better") return false;
    return recent.mean + ERRORS * errorOf(recent) < NEGLIGIBLE * this.#possible;
  }

  /** What is known after the steps so far. */
  get status(): LearningStatus {
    const { validation } = this.#state;
    if (validation === "better") return "learning";
    if (this.#isGuessing) return "guessing";
    if (!this.#gains) return "undecided";
    if (this.explained > MOST_LEARNED && validation === "chance") return "memorizing";
    return this.#state.fresh ? "learning" : "undecided";
  }

  /** The cause that was reported with this status, if it was. */
  causeSaid(status: LearningStatus): LearningCause | undefined {
    return this.#state.said === status ? this.#state.cause : undefined;
  }

  /** Records the cause given with the status that was reported last. */
  say(cause: LearningCause | undefined): void {
    this.#state = { ...this.#state, cause };
  }

  /**
   * The status at the end. A report that the training does not learn stands, unless what happened since says otherwise:
   * that it learns, or that its loss is now better than guessing, though only on images that were seen before.
   */
  get final(): LearningStatus {
    const { said } = this.#state;
    const isReported = said === "guessing" || said === "memorizing";
    return this.status === "undecided" && isReported && !this.#gains ? said : this.status;
  }

  /** Whether the network may have died: nothing shows that it learns, and a sample is complete. */
  mayBeDead(step: number): boolean {
    return step >= FEWEST && isPowerOfTwo(step) && this.status !== "learning" && this.#state.said !== "guessing";
  }

  /**
   * The status after `step` steps, if it is news: a training that does not learn, or one that does after all. `isDead`
   * tells that the network gives the same answer to every image.
   */
  news(step: number, isDead: boolean): LearningStatus | undefined {
    const status = isDead ? "guessing" : this.status;
    const { said } = this.#state;
    if (status === said || status === "undecided") return undefined;
    const isGood = status === "learning";
    const isStuck = isPowerOfTwo(step) && (this.isFarAbove || (step >= reportedAfter(this.#steps) && !this.isFalling));
    const isLast = step >= this.#steps;
    if (!isGood && !isDead && status !== "memorizing" && !isStuck && !isLast) return undefined;
    // That a training learns is news only if the opposite was said.
    const isNews = !isGood || said !== "undecided";
    this.#state = { ...this.#state, said: status };
    return isNews ? status : undefined;
  }
}
