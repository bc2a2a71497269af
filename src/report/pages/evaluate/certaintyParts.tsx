import { percent, quantity } from "../../../base/format.ts";
import type { ProbabilityReport } from "../../../evaluation/probabilityReport.ts";
import type { EvaluationReport } from "../../../evaluation/report.ts";
import { wilsonInterval } from "../../../evaluation/score.ts";
import { Live } from "../../components/live.tsx";
import type { Cell } from "../../components/table.tsx";
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
  const at = ({ temperature, attenuation, reliability, calibrationError }: ProbabilityReport): ReliabilityAt => ({
    temperature,
    attenuation,
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
    note: `area under the risk–coverage curve ${after.areaUnderRiskCoverage.value.toPrecision(3)}`,
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

/** What the model achieves if it says don't know or lists several classes, by the thresholds that are kept with it. */
export function thresholdsPart({ thresholds, count, probabilities }: EvaluationReport): Part | undefined {
  if (!thresholds || count === 0) return undefined;
  const { answers, sets, validationImages } = thresholds;
  const ofAll = (share: number): Cell => [share, ...wilsonInterval(Math.round(share * count), count)];
  const everything: readonly Cell[] = [
    "all answers",
    null,
    ofAll(1),
    0,
    ofAll(probabilities.after.coverage.at(-1)!.accuracy),
  ];
  return {
    id: "thresholds",
    title: "Don't know",
    note: `with thresholds from ${quantity(validationImages, "validation image")}, tested on these images; 95 % intervals`,
    content: (
      <div class="side-by-side">
        <div>
          <h3>Answers only where certain enough</h3>
          <p class="soft small">
            {answers.length === 0
              ? "There are too few validation images, or too many mistakes among them, to promise an accuracy."
              : "Thresholds of confidence from which at least so many answers are right, for 19 models in 20."}
          </p>
          <Live
            of="DataTable"
            props={{
              label: "Answers at thresholds of confidence",
              sortable: false,
              columns: [
                { name: "target", kind: "text" },
                { name: "confidence from", kind: "percent" },
                { name: "answered", kind: "percent" },
                { name: "refused", kind: "count" },
                { name: "right", kind: "percent", note: "the share of the answers that is right" },
              ],
              rows: [
                everything,
                ...answers.map(({ target, threshold, coverage, count: given, accuracy, interval }): readonly Cell[] => [
                  `${percent(target)} %`,
                  threshold,
                  ofAll(coverage),
                  count - given,
                  [accuracy, ...interval],
                ]),
              ],
            }}
          />
        </div>
        <div>
          <h3>Prediction sets</h3>
          <p class="soft small">
            For each image the classes it may be: sets that contain the right one at least so often.
          </p>
          <Live
            of="DataTable"
            props={{
              label: "Prediction sets",
              sortable: false,
              columns: [
                { name: "target, method", kind: "text" },
                { name: "right", kind: "percent", note: "the share of the sets that contain the right class" },
                { name: "classes", kind: "mean", note: "the mean number of classes in a set" },
                { name: "one class", kind: "percent", note: "the share of the sets that have one class" },
              ],
              rows: sets.map(({ coverage, method, covered, interval, meanSize, sizes }): readonly Cell[] => [
                `${percent(coverage)} %, ${method}`,
                [covered, ...interval],
                meanSize,
                sizes[0]! / count,
              ]),
            }}
          />
        </div>
      </div>
    ),
  };
}
