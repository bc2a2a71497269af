import { InklingError, message, optionRef } from "../base/error.ts";
import type { Split } from "../datasets/index.ts";
import type { OptimizerConfig, ScheduleState, ValidationScore } from "../optimizers/index.ts";
import { followsValidations, startOf, stateAfter } from "../optimizers/schedules/registry.ts";

/** When to stop a training that no longer improves. */
export interface EarlyStopping {
  /** The training ends after this many validations in a row without a better score. */
  readonly patience: number;
  /** The smallest improvement that counts. Default: 0. */
  readonly minDelta?: number;
}

/** The best validation of a training so far. */
export interface BestValidation extends ValidationScore {
  /** Steps done before it. */
  readonly step: number;
}

/** The state that validations leave, which lets a resumed training end like an uninterrupted one. */
export interface MonitorState {
  /** Steps done before the last recorded validation. */
  readonly step: number;
  /** Validations since the last improvement. */
  readonly waited: number;
  /** The score of that improvement, which later ones must beat by more than `minDelta`. */
  readonly reference?: number;
  readonly best?: BestValidation;
  /** The state of a learning rate schedule that depends on validations. */
  readonly schedule: ScheduleState;
}

/** The options of a training that control what its validations affect. */
export interface MonitorOptions {
  readonly monitor: "accuracy" | "loss";
  readonly earlyStopping?: EarlyStopping | undefined;
  readonly optimizer: OptimizerConfig;
}

/** Throws `INVALID_ARGUMENT` if early stopping or the schedule depends on validations and there are none. */
export function checkFollowed(
  { validation }: Pick<Split, "validation">,
  { validateEvery, earlyStopping, optimizer }: MonitorOptions & { readonly validateEvery: number },
): void {
  if (earlyStopping || followsValidations(optimizer.learningRate))
    checkValidates(earlyStopping !== undefined, { validateEvery, images: validation.length });
}

/** Throws `INVALID_ARGUMENT` for a training that depends on validations, by early stopping or its schedule, and has none. */
export function checkValidates(
  isByEarlyStopping: boolean,
  { validateEvery, images }: { readonly validateEvery: number | undefined; readonly images: number | undefined },
): void {
  const follower = isByEarlyStopping ? optionRef("earlyStopping") : "the learning rate schedule";
  if (validateEvery === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`train: ${follower} depends on validations, but ${optionRef("validateEvery")} is 0; set it to at least 1`,
    );
  if (images === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`train: ${follower} depends on validations, but there are no validation images; make ${optionRef("split.validation")} larger`,
    );
}

/** Tracks the validations of a training: which weights are best, whether to stop, and the state of the schedule. */
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

  /** Whether early stopping has run out of patience. */
  get stopsEarly(): boolean {
    const { earlyStopping } = this.#options;
    return earlyStopping !== undefined && this.#state.waited >= earlyStopping.patience;
  }

  /** Whether early stopping may end the training at the next validation. */
  get mayStop(): boolean {
    const { earlyStopping } = this.#options;
    return earlyStopping !== undefined && this.#state.waited + 1 >= earlyStopping.patience;
  }

  /**
   * Records a validation after `step` steps; returns whether it is the best so far. One that was already recorded is
   * ignored, because a resumed training repeats its last validation.
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
