import { sizeOf } from "../../base/shape.ts";
import { asFloat, type Weights } from "../../engine/feed.ts";
import { evaluateRows, withWeights } from "../../engine/session.ts";
import { type Agreement, agreementOf } from "../../evaluation/agreement.ts";
import { scoreOf } from "../../evaluation/score.ts";
import type { Setup } from "../setup.ts";
import type { LearningCause, LearningStatus } from "./watch.ts";

/** Images that a diagnosis looks at. */
const LOOKED_AT = 512;
/** Images that differ by less than this, of 255 levels, are nearly the same. */
const LEVELS = 5;
/** Outputs that differ by less than this share of their size are the same for every image. */
const SAME = 1e-5;
/** Weights that have changed by less than this share of their size have hardly changed. */
const HARDLY = 0.01;
/** Weights that have changed by more than this multiple of their size have diverged. */
const WILDLY = 10;
/** Kappa must exceed this many standard errors: p = 0.001. */
const ERRORS = 3.1;

const isBetter = ({ kappa, error }: Agreement): boolean => kappa > ERRORS * error;

/** What the loss looks like. */
interface LossShape {
  readonly isFarAbove: boolean;
  readonly isFalling: boolean;
}

/** Finds out why a training does not learn. Leaves weights and states as they are. */
export class Diagnosis {
  readonly #setup: Setup;
  /** Whether the training images are nearly the same, once that was looked at. */
  #areSame: boolean | undefined;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** Whether the network gives the same answer to every image, though the images differ. */
  async isDead(): Promise<boolean> {
    if (this.#sameImages) return false;
    return this.#withCurrentWeights(async () => this.#sameOutputs(await this.#logits(this.#training)));
  }

  /** The likely cause of a status, for a loss that is far above that of a guess, or still falling. */
  async causeOf(status: LearningStatus, loss: LossShape): Promise<LearningCause> {
    return status === "memorizing" ? this.#causeOfMemorizing() : this.#causeOfGuessing(loss);
  }

  async #causeOfGuessing({ isFarAbove, isFalling }: LossShape): Promise<LearningCause> {
    if (this.#sameImages) return "values";
    const change = this.#change();
    if (change !== undefined && change < HARDLY) return "learningRateTooLow";
    if (change !== undefined && !(change < WILDLY)) return "learningRateTooHigh";
    if (isFarAbove || (await this.isDead())) return "learningRateTooHigh";
    if (isFalling) return "learningRateTooLow";
    return change === undefined ? "unknown" : "labels";
  }

  async #causeOfMemorizing(): Promise<LearningCause> {
    const { train, division } = this.#setup;
    const validation = division.split.validation.subarray(0, LOOKED_AT);
    if (
      train.averages.size > 0 &&
      (await this.#withCurrentWeights(async () => isBetter(await this.#score(validation))))
    )
      return "averages";
    return isBetter(await this.#score(this.#training)) ? "labels" : "runningStatistics";
  }

  get #training(): Uint32Array {
    return this.#setup.division.split.training.subarray(0, LOOKED_AT);
  }

  /** Runs `look` with the weights of the last step in place of their moving averages. */
  async #withCurrentWeights<T>(look: () => Promise<T>): Promise<T> {
    const { engine, train } = this.#setup;
    return train.averages.size === 0 ? look() : withWeights(engine, train, this.#currentWeights(), look);
  }

  #currentWeights(): Weights {
    const { engine, train } = this.#setup;
    return new Map(
      train.weights.map(({ tensor }) => [tensor.name, engine.elements(train.spec.name, asFloat(tensor)).slice()]),
    );
  }

  #logits(rows: Uint32Array) {
    const { engine, evaluate, data } = this.#setup;
    return evaluateRows(engine, evaluate, data, rows);
  }

  async #score(rows: Uint32Array): Promise<Agreement> {
    const { data, identity } = this.#setup;
    const labels = Array.from(rows, (row) => data.labels[row]!);
    return agreementOf(scoreOf(await this.#logits(rows), labels, identity.model.classes.length).confusion);
  }

  /** Whether each of K logits [N,K] is the same for all N images. */
  #sameOutputs({ logits }: { readonly logits: Float32Array }): boolean {
    const classes = this.#setup.identity.model.classes.length;
    let [spread, size] = [0, 0];
    for (let k = 0; k < classes; k++) {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let i = k; i < logits.length; i += classes) {
        low = Math.min(low, logits[i]!);
        high = Math.max(high, logits[i]!);
      }
      spread = Math.max(spread, high - low);
      size = Math.max(size, Math.abs(low), Math.abs(high));
    }
    return spread <= SAME * size;
  }

  get #sameImages(): boolean {
    this.#areSame ??= this.#deviation() < LEVELS;
    return this.#areSame;
  }

  /** The root mean square deviation of the training images' pixels from the mean image, in gray levels. */
  #deviation(): number {
    const { data, identity } = this.#setup;
    const rows = this.#training;
    const size = sizeOf(identity.model.input);
    const pixels = new Uint8Array(rows.length * size);
    data.read(rows, pixels);
    let squares = 0;
    for (let p = 0; p < size; p++) {
      let [sum, sumOfSquares] = [0, 0];
      for (let i = p; i < pixels.length; i += size) {
        sum += pixels[i]!;
        sumOfSquares += pixels[i]! ** 2;
      }
      squares += sumOfSquares / rows.length - (sum / rows.length) ** 2;
    }
    return Math.sqrt(squares / size);
  }

  /** ‖w − w₀‖ / ‖w₀‖ over all parameters, w₀ the initial ones; undefined if these are unknown. */
  #change(): number | undefined {
    const { initial, train } = this.#setup;
    if (!initial) return undefined;
    const current = this.#currentWeights();
    let [moved, whole] = [0, 0];
    for (const { name } of train.parameters) {
      const [now, before] = [current.get(name)!, initial.get(name)!];
      for (let i = 0; i < now.length; i++) {
        moved += (now[i]! - before[i]!) ** 2;
        whole += before[i]! ** 2;
      }
    }
    return Math.sqrt(moved / whole);
  }
}
