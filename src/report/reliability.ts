import { percent } from "../base/format.ts";
import type { ReliabilityBin } from "../evaluation/calibration.ts";
import type { Axis, Series } from "./components/chart.tsx";

/** How often answers are right, by their probability, at a temperature. */
export interface ReliabilityAt {
  readonly temperature: number;
  readonly bins: readonly Pick<ReliabilityBin, "confidence" | "accuracy">[];
  /** The expected calibration error. */
  readonly error: number;
}

/** It without a temperature, and with the model's; both are the same if that is 1. */
export interface Reliability {
  readonly before: ReliabilityAt;
  readonly after: ReliabilityAt;
}

/** Whether a model has a temperature, so that its probabilities are others than the softmax of its logits. */
export const isScaled = ({ after }: { readonly after: { readonly temperature: number } }): boolean =>
  after.temperature !== 1;

/** The calibration errors in words. */
export function calibrationErrors({ before, after }: Reliability): string {
  const errors = [before, after].map(({ error }) => `${percent(error)} %`);
  return `calibration error ${isScaled({ after }) ? errors.join(" → ") : errors[1]}`;
}

/** What the chart shows, in a sentence or two. */
export const describeReliability = ({ after }: Reliability): string =>
  `Answers in bins of equal size, by their probability: on the dashed line, they are right as often as it says.${
    isScaled({ after }) ? ` The temperature ${after.temperature.toFixed(3)} was fitted on validation images.` : ""
  }`;

/** The lines of the model without and, if it has one, with its temperature, which stands out. */
export function linesOf<T extends { readonly temperature: number }>(
  { before, after }: { readonly before: T; readonly after: T },
  points: (of: T) => Series["points"],
  dots: boolean,
): readonly Series[] {
  const main = { look: "main", points: points(after), dots } as const;
  if (!isScaled({ after })) return [{ name: "the model", ...main }];
  return [
    { name: "without temperature", look: "faint", points: points(before), dots },
    { name: "with temperature", ...main },
  ];
}

/** The reliability diagram, as a chart takes it. */
export function reliabilityChart(reliability: Reliability): {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
} {
  const { before, after } = reliability;
  const pointsOf = ({ bins }: ReliabilityAt) => bins.map(({ confidence, accuracy }) => [confidence, accuracy] as const);
  const lowest = Math.min(1, ...[before, after].flatMap((of) => pointsOf(of).flat()));
  const from = Math.max(0, Math.floor(10 * lowest) / 10);
  return {
    title: "Reliability: how often answers are right, by their probability",
    x: { name: "probability of the answer", kind: "percent", domain: [from, 1] },
    y: { name: "right", kind: "percent", domain: [from, 1] },
    series: [
      {
        name: "perfectly calibrated",
        look: "guide",
        points: [
          [from, from],
          [1, 1],
        ],
      },
      ...linesOf(reliability, pointsOf, true),
    ],
  };
}
