import type { EvaluationProgram } from "../engine/programs.ts";
import { evaluateBatches } from "../engine/session.ts";
import { calibrateModel, isAmong, type ModelCalibration, type Score, scoreOf } from "../evaluation/index.ts";
import { type Moments, momentsOf } from "./learning/moments.ts";
import type { Setup } from "./setup.ts";
import { CALL_SECONDS, type Stepper } from "./stepper.ts";
import type { TimeLeft } from "./timeLeft.ts";

/** The score of some images, and by how much the losses of the images are below those of a guess. */
export interface Scored {
  readonly score: Score;
  /** Shape [N,K] and [N]: what the score is of. */
  readonly logits: Float32Array;
  readonly labels: Uint16Array;
  readonly gains: Moments;
}

/** Scores the weights that the engine of a training has. */
export class Scoring {
  readonly #setup: Setup;
  readonly #stepper: Pick<Stepper, "step">;
  readonly #timeLeft: TimeLeft;
  readonly #pause: () => Promise<void>;

  /** `pause` is called regularly, and lets other work of the program run. */
  constructor(setup: Setup, stepper: Pick<Stepper, "step">, timeLeft: TimeLeft, pause: () => Promise<void>) {
    this.#setup = setup;
    this.#stepper = stepper;
    this.#timeLeft = timeLeft;
    this.#pause = pause;
  }

  /** Scores the validation images, with dropout if the training has it there. */
  validate(): Promise<Scored> {
    const { validate, division } = this.#setup;
    return this.#score(validate, division.split.validation);
  }

  /** Scores the test images; none if the training leaves them alone. */
  test(): Promise<Scored> {
    const { evaluate, division, options } = this.#setup;
    const rows = options.testAtEnd ? division.split.test : new Uint32Array();
    return this.#score(evaluate, rows, division.trainTestDuplicates);
  }

  /** The calibration of the weights in use; those of a validation with dropout are scored again without. */
  async calibrate(validation?: Scored): Promise<ModelCalibration | undefined> {
    const { evaluate, validate, division, identity } = this.#setup;
    const isPlain = validation && validate === evaluate;
    const { logits, labels } = isPlain ? validation : await this.#score(evaluate, division.split.validation);
    return calibrateModel(logits, labels, identity.model.classes.length);
  }

  /** Scores rows batch by batch, pausing regularly. */
  async #score(program: EvaluationProgram, rows: Uint32Array, duplicates?: Uint32Array): Promise<Scored> {
    const { engine, data, identity, plainGuess, options } = this.#setup;
    const began = performance.now();
    const batches = evaluateBatches(engine, program, data, rows, options.seed, this.#stepper.step);
    for (let paused = Number.NEGATIVE_INFINITY; ; ) {
      if (performance.now() - paused > 1000 * CALL_SECONDS) {
        await this.#pause();
        paused = performance.now();
      }
      const { done, value } = await batches.next();
      if (!done) continue;
      this.#timeLeft.evaluated(rows.length, (performance.now() - began) / 1000);
      const labels = Uint16Array.from(rows, (row) => data.labels[row]!);
      const classes = identity.model.classes.length;
      return {
        score: scoreOf(value, labels, classes, duplicates && isAmong(rows, duplicates)),
        logits: value.logits,
        labels,
        gains: momentsOf(value.losses.map((loss, i) => plainGuess.losses[labels[i]!]! - loss)),
      };
    }
  }
}
