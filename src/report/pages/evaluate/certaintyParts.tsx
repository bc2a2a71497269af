import { percent } from "../../../base/format.ts";
import type { ProbabilityReport } from "../../../evaluation/probabilityReport.ts";
import type { EvaluationReport } from "../../../evaluation/report.ts";
import type { Series } from "../../components/chart.tsx";
import { Live } from "../../components/live.tsx";
import type { Part } from "../page.tsx";

type Probabilities = EvaluationReport["probabilities"];

/** Whether the model has a temperature, so that its probabilities are others than the softmax of its logits. */
const isScaled = ({ after }: Probabilities): boolean => after.temperature !== 1;

/** The lines of the model without and, if it has one, with its temperature, which stands out. */
function linesOf(
  probabilities: Probabilities,
  points: (of: ProbabilityReport) => Series["points"],
  dots: boolean,
): readonly Series[] {
  const after = { look: "main", points: points(probabilities.after), dots } as const;
  if (!isScaled(probabilities)) return [{ name: "the model", ...after }];
  return [
    { name: "without temperature", look: "faint", points: points(probabilities.before), dots },
    { name: "with temperature", ...after },
  ];
}

/** Whether answers are right as often as their probabilities say. */
export function reliabilityPart(probabilities: Probabilities): Part {
  const { before, after } = probabilities;
  const pointsOf = ({ reliability }: ProbabilityReport) =>
    reliability.map(({ confidence, accuracy }) => [confidence, accuracy] as const);
  const lowest = Math.min(1, ...[before, after].flatMap((of) => pointsOf(of).flat()));
  const from = Math.max(0, Math.floor(10 * lowest) / 10);
  const errors = [before, after].map(({ calibrationError }) => `${percent(calibrationError.value)} %`);
  return {
    id: "reliability",
    title: "Reliability",
    half: true,
    note: `calibration error ${isScaled(probabilities) ? errors.join(" → ") : errors[1]}`,
    content: (
      <>
        <p class="soft small">
          Answers in bins of equal size, by their probability: on the dashed line, they are right as often as it says.
          {isScaled(probabilities) &&
            ` The temperature ${after.temperature.toFixed(3)} was fitted on validation images.`}
        </p>
        <Live
          of="Chart"
          props={{
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
              ...linesOf(probabilities, pointsOf, true),
            ],
          }}
        />
      </>
    ),
  };
}

/** How much more accurate a model is if it answers only where it is certain. */
export function coveragePart(probabilities: Probabilities): Part {
  const { before, after } = probabilities;
  const pointsOf = ({ coverage }: ProbabilityReport) =>
    coverage.map((point) => [Math.round(1000 * point.coverage) / 1000, point.accuracy] as const);
  const lowest = Math.min(...[before, after].flatMap(pointsOf).map(([, accuracy]) => accuracy), 0.98);
  return {
    id: "coverage",
    title: "Coverage",
    short: "",
    half: true,
    note: `area under the risk ${after.areaUnderRiskCoverage.value.toPrecision(3)}`,
    content: (
      <>
        <p class="soft small">How often answers are right if only the most certain ones are given.</p>
        <Live
          of="Chart"
          props={{
            title: "How often answers are right, by the share of images that is answered",
            x: { name: "answered", kind: "percent", domain: [0, 1] },
            y: { name: "right", kind: "percent", domain: [Math.floor(50 * lowest) / 50, 1] },
            series: linesOf(probabilities, pointsOf, false),
          }}
        />
      </>
    ),
  };
}
