import { InklingError } from "../base/error.ts";
import type { Split } from "../datasets/index.ts";
import type { OptimizerConfig, ScheduleState, ValidationScore } from "../optimizers/index.ts";
import { followsValidations, startOf, stateAfter } from "../optimizers/schedules/registry.ts";

/** Stops a training that gets no better. */
export interface EarlyStopping {
  /** Validations in a row without a better score after which the training ends. */
  readonly patience: number;
  /** How much better a score must be to count: 0. */
  readonly minDelta?: number;
}

/** The best validation of a training so far. */
export interface BestValidation extends ValidationScore {
  /** Steps done by then. */
  readonly step: number;
}

/** What validations leave behind: with it, a resumed training ends where the undisturbed one does. */
export interface MonitorState {
  /** Steps done at the last validation that was counted. */
  readonly step: number;
  /** Validations since the one that counted as better. */
  readonly waited: number;
  /** The score of that one, which later ones must exceed by `minDelta`. */
  readonly reference?: number;
  readonly best?: BestValidation;
  /** Of a schedule of learning rates that follows validations. */
  readonly schedule: ScheduleState;
}

/** The options of a training that say what to make of its validations. */
export interface MonitorOptions {
  readonly monitor: "accuracy" | "loss";
  readonly earlyStopping?: EarlyStopping | undefined;
  readonly optimizer: OptimizerConfig;
}

/** Throws `INVALID_ARGUMENT` where a training is to follow validations, and has none. */
export function checkFollowed(
  { validation }: Pick<Split, "validation">,
  { validateEvery, earlyStopping, optimizer }: MonitorOptions & { readonly validateEvery: number },
): void {
  const follower = earlyStopping ? "earlyStopping" : "the learning rate schedule";
  if (!earlyStopping && !followsValidations(optimizer.learningRate)) return;
  if (validateEvery === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `train: ${follower} depends on validations, but validateEvery is 0; set it to at least 1`,
    );
  if (validation.length === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `train: ${follower} depends on validations, but there are no validation images; make split.validation larger`,
    );
}

/** Follows the validations of a training: which weights are the best, whether to stop, and how to go on. */
export class Monitor {
  readonly #options: MonitorOptions;
  #state: MonitorState;

  constructor(options: MonitorOptions, resume?: MonitorState) {
    this.#options = options;
    this.#state = resume ?? { step: 0, waited: 0, schedule: startOf(options.optimizer.learningRate) };
  }

  get state(): MonitorState {
    return this.#state;
  }

  /** Whether the training has waited for a better score as long as it may. */
  get stopsEarly(): boolean {
    const { earlyStopping } = this.#options;
    return earlyStopping !== undefined && this.#state.waited >= earlyStopping.patience;
  }

  /** Whether the next validation may be the last one. */
  get mayStop(): boolean {
    const { earlyStopping } = this.#options;
    return earlyStopping !== undefined && this.#state.waited + 1 >= earlyStopping.patience;
  }

  /**
   * Takes in a validation after so many steps; says whether it is the best so far. One that was taken in before
   * changes nothing, since a resumed training does its last one again.
   */
  record(step: number, { loss, accuracy }: ValidationScore): boolean {
    if (step <= this.#state.step) return false;
    const { monitor, earlyStopping, optimizer } = this.#options;
    const score = { loss, accuracy };
    const { best, reference, waited, schedule } = this.#state;
    const isBetter = (than: number | undefined, delta = 0) =>
      than === undefined || (monitor === "accuracy" ? score.accuracy > than + delta : score.loss < than - delta);
    const isBest = isBetter(best?.[monitor]);
    const counts = isBetter(reference, earlyStopping?.minDelta);
    this.#state = {
      step,
      waited: counts ? 0 : waited + 1,
      reference: counts ? score[monitor] : reference!,
      best: isBest ? { step, ...score } : best!,
      schedule: stateAfter(optimizer.learningRate, schedule, score),
    };
    return isBest;
  }
}
