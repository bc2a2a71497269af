import type { ProbabilityReport } from "../../../evaluation/probabilityReport.ts";
import type { EvaluationReport } from "../../../evaluation/report.ts";
import { Live } from "../../components/live.tsx";
import {
  calibrationErrors,
  describeReliability,
  linesOf,
  type ReliabilityAt,
  reliabilityChart,
} from "../../reliability.ts";
import type { Part } from "../page.tsx";

type Probabilities = EvaluationReport["probabilities"];

/** Whether answers are right as often as their probabilities say. */
export function reliabilityPart({ before, after }: Probabilities): Part {
  const at = ({ temperature, reliability, calibrationError }: ProbabilityReport): ReliabilityAt => ({
    temperature,
    bins: reliability,
    error: calibrationError.value,
  });
  const reliability = { before: at(before), after: at(after) };
  return {
    id: "reliability",
    title: "Reliability",
    half: true,
    note: calibrationErrors(reliability),
    content: (
      <>
        <p class="soft small">{describeReliability(reliability)}</p>
        <Live of="Chart" props={reliabilityChart(reliability)} />
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
