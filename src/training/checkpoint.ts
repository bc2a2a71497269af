import type { Arithmetic } from "../backends/index.ts";
import type { SplitSizes } from "../datasets/index.ts";
import type { TrainingState } from "../engine/session.ts";
import type { Model } from "../model/index.ts";
import type { OptimizerConfig } from "../optimizers/index.ts";
import { InklingError } from "../tensor/error.ts";
import { type Difference, differences } from "./differences.ts";

/** What fixes the weights after any number of steps: trainings with the same identity give the same, bit for bit. */
export interface TrainingIdentity {
  readonly model: Model;
  /** The data set's {@link fingerprint}. */
  readonly fingerprint: string;
  /** That of the data set for the test, where it is one of its own. */
  readonly testFingerprint?: string;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  readonly seed: number;
  readonly split: SplitSizes;
  readonly arithmetic: Arithmetic;
}

/** A training as it was after an update: all that it takes to go on as if it had never stopped. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** The loss and the accuracy of the last step's batch, before its update; 0 before the first. */
  readonly loss: number;
  readonly accuracy: number;
  readonly identity: TrainingIdentity;
  /** Copies of all that a step changes: weights, what the optimizer keeps for them, running statistics. */
  readonly state: TrainingState;
}

/**
 * Throws `INVALID_DATA` naming what differs, unless a checkpoint is of a training; `INVALID_ARGUMENT` where it is
 * beyond the training's end.
 */
export function checkResume(
  { step, identity }: Checkpoint,
  training: TrainingIdentity,
  { steps, otherArithmetic }: { readonly steps: number; readonly otherArithmetic: boolean },
): void {
  const found = differences(identity, training).filter(({ path }) => !(otherArithmetic && path === "arithmetic"));
  if (found.length > 0) throw new InklingError("INVALID_DATA", refusal(found));
  if (step > steps)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `resume: the checkpoint has ${step} steps done, and steps is ${steps}; ask for at least ${step}`,
    );
}

const SHOWN = 4;

function refusal(found: readonly Difference[]): string {
  const lines = found.slice(0, SHOWN).map(({ path, a, b }) => `${nameOf(path)} was ${a}, and is ${b}`);
  const more = found.length > SHOWN ? `; and ${found.length - SHOWN} more` : "";
  const arithmetic = found.every(({ path }) => path === "arithmetic");
  const advice = arithmetic
    ? "go on where arithmetic is as it was, or force it, which gives other weights than an undisturbed run"
    : "resume with what it was trained with, or train anew";
  return `the checkpoint is of another training: ${lines.join("; ")}${more}; ${advice}`;
}

function nameOf(path: string): string {
  if (path === "fingerprint") return "the data set's fingerprint";
  return path === "testFingerprint" ? "the test set's fingerprint" : path;
}
