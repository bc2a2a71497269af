import { percent, quantity, whole } from "../base/format.ts";
import type { Score } from "../evaluation/index.ts";
import type { LearningCause, LearningEvent, LearningVerdict } from "../training/index.ts";

/** What was seen, by the likely cause. */
const findings: Readonly<Record<LearningCause, string>> = {
  learningRateTooHigh: "the learning rate is too high",
  learningRateTooLow: "the learning rate is too low for this number of steps",
  values: "the images are nearly all the same to the network",
  labels: "the labels seem to have nothing to do with the images",
  averages: "the averaged weights, which are validated, lag behind",
  runningStatistics: "the running statistics of batch normalization do not match the batches",
  unknown: "the cause is not known",
};

/** What to do about a training that guesses or memorizes, by the likely cause. */
const remedies: Readonly<Record<LearningCause, string>> = {
  learningRateTooHigh: "train again with --learning-rate auto, or a tenth of the rate",
  learningRateTooLow: "train again with --learning-rate auto",
  values: "look at them with inkling data inspect --png: is their range of values right?",
  labels: "look at them with inkling data inspect --png; if they are right, train with --learning-rate auto",
  averages: "train for more steps, or without averages",
  runningStatistics: "train for more steps, or with a lower momentum in batchNormalization",
  unknown: "train again with --learning-rate auto, or check the labels with inkling data inspect",
};

/** What was seen if the learning rate was already chosen by trials, none of which may have learned. */
const findingsOfChosen: Readonly<Partial<Record<LearningCause, string>>> = {
  learningRateTooLow: "there were too few steps, or the labels have nothing to do with the images",
};

/** What to do if the learning rate was already chosen by trials. */
const remediesOfChosen: Readonly<Partial<Record<LearningCause, string>>> = {
  learningRateTooHigh: "train again with --learning-rate and a tenth of the rate that was chosen",
  learningRateTooLow: "look at them with inkling data inspect --png; if they are right, train for more steps",
  labels: "look at them with inkling data inspect --png",
  unknown: "look at images and labels with inkling data inspect --png",
};

/** Labels that a network memorizes have been learned, so the learning rate is not the problem. */
const memorized = {
  finding: "there are too few training images, or the labels have nothing to do with them",
  remedy: "look at the labels with inkling data inspect --png, and for what else differs between the splits",
};

/** How the learning rate of a training came about: whether it was chosen by trials. */
export type RateOrigin = { readonly chosenRate?: boolean | undefined };

/** News about whether a training learns, as one line. */
export function describeLearning(event: LearningEvent, origin: RateOrigin = {}): string {
  const { status, step } = event;
  if (status === "learning") return `The network learns after all, as of step ${whole(step)}.`;
  const fails = status === "memorizing" ? "generalize" : "learn";
  return `The network does not ${fails}: ${seen(event)} after ${whole(step)} steps. Likely cause: ${whyNotLearning(event, origin)}.`;
}

const seen = ({ status, guessLoss }: LearningVerdict): string =>
  status === "memorizing"
    ? "training images are learned, but validation is no better than chance"
    : `its loss is no better than the ${guessLoss.toFixed(3)} of guessing`;

/** The likely cause of a training that does not learn, and what to do. */
export function whyNotLearning(
  { status, cause = "unknown" }: LearningVerdict,
  { chosenRate = false }: RateOrigin = {},
): string {
  if (status === "memorizing" && cause === "labels") return `${memorized.finding}; ${memorized.remedy}`;
  const remedy = chosenRate ? (remediesOfChosen[cause] ?? remedies[cause]) : remedies[cause];
  const finding = (chosenRate ? findingsOfChosen[cause] : undefined) ?? findings[cause];
  return `${finding}; ${remedy}`;
}

/** A training that has learned more than this share of its training labels needs more images to tell, not more steps. */
const MOST_LEARNED = 0.5;

/**
 * What a score is worth if it cannot be told whether a training has learned; `explained`: the share of what the training
 * labels hold that it has; `isDoubted`: it was reported not to learn.
 */
export function whatUndecidedMeans({ confusion, count, accuracy }: Score, explained = 0, isDoubted = false): string {
  const most = Math.max(...confusion.map((row) => row.reduce((sum, n) => sum + n, 0)));
  const since = "Since then the loss has become better than guessing, but on images that were seen before: i";
  if (accuracy > (1 + most / count) / 2 && explained > MOST_LEARNED)
    return `The network seems to have learned, but ${quantity(count, "test image")} ${count === 1 ? "is" : "are"} too few to be sure: always answering the most frequent class scores ${percent(most / count)} %`;
  const why =
    explained > MOST_LEARNED
      ? ". The training images are learned, perhaps by heart; more images would tell, not more steps"
      : "";
  return `${isDoubted ? since : "I"}t cannot be told yet whether the network has learned more than guessing: always answering the most frequent class scores ${percent(most / count)} %${why}`;
}
