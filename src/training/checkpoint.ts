import { InklingError, message, optionRef } from "../base/error.ts";
import type { Weights } from "../engine/feed.ts";
import type { TrainingState } from "../engine/session.ts";
import { scheduleUntil } from "../optimizers/schedules/extended.ts";
import type { Preparation } from "../pictures/index.ts";
import { type Difference, differences } from "./differences.ts";
import type { WatchState } from "./learning/watch.ts";
import type { MonitorState } from "./monitor.ts";
import { gradientGroupsOf, type TrainingIdentity } from "./spec.ts";

/**
 * The complete state of a training after an update: resuming from it gives the same weights as never having stopped.
 */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** The loss and the accuracy of the last step's batch, before its update; 0 before the first. */
  readonly loss: number;
  readonly accuracy: number;
  readonly identity: TrainingIdentity;
  /** How pictures are prepared for the model, derived from the training images. */
  readonly preparation: Preparation;
  /** Copies of everything a step changes: weights, optimizer state, running statistics. */
  readonly state: TrainingState;
  /** The state that validations leave; absent in checkpoints written before it existed. */
  readonly monitor?: MonitorState | undefined;
  /** What the losses have shown about whether it learns; absent in checkpoints written before it was watched. */
  readonly learning?: WatchState | undefined;
  /** Copies of the weights of the best validation; absent before the first. */
  readonly best?: Weights | undefined;
}

/**
 * Throws `INVALID_DATA` naming the differences unless a checkpoint belongs to the given training, `INVALID_ARGUMENT` if
 * it is past the training's last step.
 */
export function checkResume(
  { step, identity }: Checkpoint,
  training: TrainingIdentity,
  { steps, otherArithmetic }: { readonly steps: number; readonly otherArithmetic: boolean },
): void {
  const { arithmetic, gradientGroups } = otherArithmetic ? training : identity;
  const before = { ...identity, arithmetic, ...(gradientGroups && { gradientGroups }) };
  checkSameTraining(before, training, "checkpoint", step);
  if (step > steps)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`resume: the checkpoint is at step ${step}, but ${optionRef("steps")} is ${steps}; set it to at least ${step}`,
    );
}

const SHOWN = 4;

/** Differences that affect only how weights are rounded. */
const roundingPaths = ["arithmetic", "gradientGroups"];

/** A training as it is up to a step: without what an extension changes afterwards. */
const upTo = (identity: TrainingIdentity, step: number): TrainingIdentity => ({
  ...identity,
  optimizer: { ...identity.optimizer, learningRate: scheduleUntil(identity.optimizer.learningRate, step) },
});

/** Throws `INVALID_DATA` naming the differences unless two identities are equal, up to a step if one is given. */
export function checkSameTraining(
  before: TrainingIdentity,
  now: TrainingIdentity,
  what: string,
  step = Number.POSITIVE_INFINITY,
): void {
  // Where other batch sizes have other groups, the sizes say it.
  const sameGroups = gradientGroupsOf(before) === gradientGroupsOf(now);
  const found = differences(upTo(before, step), upTo(now, step)).filter(
    ({ path }) => sameGroups || path !== "gradientGroups",
  );
  if (found.length === 0) return;
  const parts = found.slice(0, SHOWN).map((difference) => describe(difference, now));
  const more = found.length > SHOWN ? `; and ${found.length - SHOWN} more` : "";
  const advice = found.every(({ path }) => roundingPaths.includes(path))
    ? "resume with the machine and version that trained it, or force it, which leads to different weights than an uninterrupted run"
    : "resume with the original data and settings, or start a new training";
  throw new InklingError(
    "INVALID_DATA",
    `the ${what} belongs to a different training: ${parts.join("; ")}${more}; ${advice}`,
  );
}

/** What fingerprints are of, by their paths. */
const fingerprinted: Readonly<Record<string, string>> = {
  fingerprint: "the data set",
  testFingerprint: "the test set",
  validationFingerprint: "the validation set",
  partsFingerprint: "the split that the source gives",
};

function describe({ path, a, b }: Difference, { batchSize, gradientAccumulation = 1 }: TrainingIdentity): string {
  const short = (fingerprint: string) => fingerprint.replace(/^"(\w{12})\w+"$/, "$1…");
  const what = fingerprinted[path];
  if (what !== undefined) return `${what} has changed (its fingerprint was ${short(a)}, but is now ${short(b)})`;
  if (path === "initialWeights")
    return `the initial weights differ (their checksum was ${short(a)}, but is now ${short(b)})`;
  if (path === "gradientGroups")
    return `the gradients of a batch of ${batchSize / gradientAccumulation} were a single sum, but are now ${b} sums`;
  return `${path} was ${a}, but is now ${b}`;
}
