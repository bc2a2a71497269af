import { percent } from "../base/format.ts";
import type { ReliabilityBin } from "../evaluation/calibration.ts";
import { isCalibrated } from "../evaluation/probabilityReport.ts";
import type { Scaling } from "../evaluation/softmax.ts";
import type { Axis, Series } from "./components/chart.tsx";

/** How often answers are right, by their probability, by one scaling of the logits. */
export interface ReliabilityAt extends Scaling {
  readonly bins: readonly ReliabilityBin[];
  /** The expected calibration error. */
  readonly error: number;
}

/** It before calibration and after; both are the same if the model is not calibrated. */
export interface Reliability {
  readonly before: ReliabilityAt;
  readonly after: ReliabilityAt;
}

/** The calibration errors in words. */
export function calibrationErrors({ before, after }: Reliability): string {
  const errors = [before, after].map(({ error }) => `${percent(error)} %`);
  return `calibration error ${isCalibrated({ after }) ? errors.join(" → ") : errors[1]}`;
}

/** What the chart shows, in a sentence or two. */
export const describeReliability = ({ after }: Reliability): string =>
  `Answers in bins of equal size, by their probability: on the dashed line, they are right as often as it says.${
    isCalibrated({ after }) ? " Calibrated on validation images." : ""
  }`;

/** The lines of the model before and, if it is calibrated, after that, which stands out. */
export function linesOf<T extends Scaling>(
  { before, after }: { readonly before: T; readonly after: T },
  points: (of: T) => Series["points"],
  dots: boolean,
): readonly Series[] {
  const main = { look: "main", points: points(after), dots } as const;
  if (!isCalibrated({ after })) return [{ name: "the model", ...main }];
  return [
    { name: "before calibration", look: "faint", points: points(before), dots },
    { name: "after calibration", ...main },
  ];
}

/** Images that a point stands for at least, since of a few nearly any number may be right. */
const PER_POINT = 10;

/** The points of neighboring bins, merged so that each has images enough. */
function pointsOf({ bins }: ReliabilityAt): Series["points"] {
  const images = bins.reduce((sum, { count }) => sum + count, 0);
  const groups = Math.max(1, Math.min(bins.length, Math.floor(images / PER_POINT)));
  return Array.from({ length: groups }, (_, g) => {
    const own = bins.slice(Math.floor((g * bins.length) / groups), Math.floor(((g + 1) * bins.length) / groups));
    const count = own.reduce((sum, bin) => sum + bin.count, 0);
    const mean = (of: (bin: ReliabilityBin) => number) =>
      own.reduce((sum, bin) => sum + bin.count * of(bin), 0) / count;
    return [mean(({ confidence }) => confidence), mean(({ accuracy }) => accuracy)] as const;
  }).filter((point) => point.every(Number.isFinite));
}

/** The reliability diagram, as a chart takes it. */
export function reliabilityChart(reliability: Reliability): {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
} {
  const { before, after } = reliability;
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
