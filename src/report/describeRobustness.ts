import { formatInterval, percent, quantity } from "../base/format.ts";
import { formatTable } from "../base/table.ts";
import type { Accuracy, CorruptionReport } from "../evaluation/index.ts";

/** What test-time augmentation changes. */
export interface Augmentation {
  readonly by: "shifts";
  /** Predictions for each image. */
  readonly predictions: number;
  /** The accuracy for the images as they are. */
  readonly without: Accuracy;
}

/** What test-time augmentation changes and costs, in a sentence. */
export const describeAugmentation = ({ predictions, without }: Augmentation): string =>
  `By the mean over shifts of each image, with ${quantity(predictions, "prediction")} for each; without them ${percent(without.accuracy)} % (${formatInterval(without.interval)})`;

/** What a model of an ensemble is called, and how accurate it is alone. */
export interface NamedAccuracy extends Accuracy {
  readonly name: string;
}

/** What the models of an ensemble do alone, in a sentence. */
export const describeMembers = (members: readonly Accuracy[]): string =>
  `By the mean of ${quantity(members.length, "model")}; alone they have ${members.map(({ accuracy }) => `${percent(accuracy)} %`).join(", ")}`;

/** How a model does under corruptions, as a table. */
export function describeCorruptions({ clean, kinds, meanError }: CorruptionReport): readonly string[] {
  const row = (name: string, { accuracy, interval }: Accuracy) => [
    name,
    `${percent(accuracy)} %`,
    formatInterval(interval),
    `${percent(1 - accuracy)} %`,
  ];
  return [
    "Under corruptions, as in MNIST-C:",
    ...formatTable(
      [
        ["", "accuracy", "95 % interval", "error", ""],
        [...row("none", clean), ""],
        ...kinds.map((kind) => [...row(kind.name.replaceAll("_", " "), kind), kind.description]),
      ],
      ["left", "right", "right", "right", "left"],
    ),
    `Mean corruption error: ${percent(meanError)} %`,
  ];
}
