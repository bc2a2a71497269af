import { calibrationError, calibrationOf, errorIfCalibrated, type ReliabilityBin } from "./calibration.ts";
import { type Estimate, estimates } from "./estimate.ts";
import { brierScore, brierScores, type LabeledProbabilities, logLoss, logLosses } from "./probabilities.ts";
import { type Interval, wilsonInterval } from "./score.ts";
import { areaUnderRiskCoverage, type Coverage, coverageCurve, riskCoverageArea } from "./selection.ts";
import type { Scaling } from "./softmax.ts";
import { answerSampler } from "./sortedAnswers.ts";

/** How much a model's probabilities mean, by one scaling of its logits. */
export interface ProbabilityReport extends Scaling {
  readonly logLoss: Estimate;
  readonly brier: Estimate;
  /** The expected calibration error: 15 bins of equal numbers of images. */
  readonly calibrationError: Estimate & {
    /** What a perfectly calibrated model with the same confidences would show on as many images. */
    readonly ifCalibrated: number;
  };
  /** The reliability curve, by increasing confidence, with the interval of the accuracy in each bin. */
  readonly reliability: readonly (ReliabilityBin & { readonly interval: Interval })[];
  /** The accuracy among answers at coverages from about 1 % to 100 % of the images. */
  readonly coverage: readonly Coverage[];
  /** The area under the curve of risk (1 − accuracy) against coverage. */
  readonly areaUnderRiskCoverage: Estimate;
}

/** Whether probabilities after calibration are others than before. */
export const isCalibrated = ({ after }: { readonly after: Scaling }): boolean =>
  after.temperature !== 1 || (after.attenuation ?? 0) !== 0;

/** Points of the coverage curve. */
const POINTS = 100;

/** The report on probabilities by a scaling. */
export function probabilityReport(
  data: LabeledProbabilities,
  { temperature, attenuation }: Scaling,
): ProbabilityReport {
  const { bins, error } = calibrationOf(data);
  const [losses, briers] = [logLosses(data), brierScores(data)];
  const meanOf = (values: Float64Array, rows: Uint32Array) =>
    rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  const sample = answerSampler(data);
  const values = [logLoss(data), brierScore(data), areaUnderRiskCoverage(data), error];
  const [loss, brier, area, calibration] = estimates(values, data.labels.length, (rows) => {
    const answers = sample(rows);
    return [meanOf(losses, rows), meanOf(briers, rows), riskCoverageArea(answers), calibrationError(answers)];
  });
  return {
    temperature,
    ...(attenuation !== undefined && { attenuation }),
    logLoss: loss!,
    brier: brier!,
    calibrationError: {
      value: error,
      interval: pivoted(error, calibration!.interval),
      ifCalibrated: errorIfCalibrated(data),
    },
    reliability: bins.map((bin) => ({
      ...bin,
      interval: wilsonInterval(Math.round(bin.accuracy * bin.count), bin.count),
    })),
    coverage: thinned(coverageCurve(data)),
    areaUnderRiskCoverage: area!,
  };
}

/**
 * The basic bootstrap interval 2·value − percentiles, which corrects for a calibration error being greater on fewer images
 * whatever the model, as percentiles do not; it is widened to include the value. Source: Kumar, Liang & Ma, "Verified
 * uncertainty calibration", NeurIPS 2019.
 */
const pivoted = (value: number, [low, high]: Interval): Interval => [
  Math.max(0, Math.min(value, 2 * value - high)),
  Math.max(value, 2 * value - low),
];

/** The points of a coverage curve next above each hundredth. */
const thinned = (curve: readonly Coverage[]): readonly Coverage[] =>
  curve.filter(({ coverage }, i) => {
    const before = curve[i - 1]?.coverage ?? 0;
    return Math.floor(coverage * POINTS + 1e-9) > Math.floor(before * POINTS + 1e-9);
  });
