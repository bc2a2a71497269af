import { formatInterval, percent, quantity, whole } from "../../../base/format.ts";
import type { AverageReport } from "../../../evaluation/classReport.ts";
import type { Estimate } from "../../../evaluation/estimate.ts";
import { mostConfused } from "../../../evaluation/index.ts";
import type { EvaluationReport } from "../../../evaluation/report.ts";
import { Figures, Verdict } from "../../components/facts.tsx";
import { Live } from "../../components/live.tsx";
import type { Cell } from "../../components/table.tsx";
import type { Part } from "../page.tsx";

/** The accuracy, what it means, and the other numbers that sum the images up. */
export function scorePart(report: EvaluationReport, source: string): Part {
  const { count, accuracy, interval, balancedAccuracy, macro, topK, probabilities } = report;
  const { after } = probabilities;
  const top = topK.at(-1);
  const between = (estimate: Estimate) => `${formatInterval(estimate.interval)}`;
  const numbers = (estimate: Estimate) => estimate.interval.map((end) => end.toPrecision(3)).join("–");
  return {
    id: "score",
    title: "Score",
    note: `on ${source}, ${quantity(count, "image")}; 95 % intervals`,
    content: (
      <>
        <Figures
          lead
          items={[
            { name: "Accuracy", value: `${percent(accuracy)} %`, note: formatInterval(interval) },
            {
              name: "Balanced accuracy",
              value: `${percent(balancedAccuracy.value)} %`,
              note: between(balancedAccuracy),
            },
            { name: "Macro F1", value: `${percent(macro.f1.value)} %`, note: between(macro.f1) },
            ...(top
              ? [
                  {
                    name: `Top-${top.k} accuracy`,
                    value: `${percent(top.accuracy)} %`,
                    note: formatInterval(top.interval),
                  },
                ]
              : []),
            {
              name: "Calibration error",
              value: `${percent(after.calibrationError.value)} %`,
              note: between(after.calibrationError),
            },
            { name: "Log loss", value: after.logLoss.value.toPrecision(3), note: `${numbers(after.logLoss)} nats` },
          ]}
        />
        <Verdict>{verdict(report)}</Verdict>
      </>
    ),
  };
}

/** The findings that matter most, in a sentence each. */
function verdict({
  count,
  accuracy,
  classes,
  confusion,
  perClass,
  probabilities: { after },
}: EvaluationReport): string {
  const wrong = count - Math.round(accuracy * count);
  if (count === 0) return "There are no images to judge by.";
  const sentences = [
    wrong === 0
      ? `All ${whole(count)} images are recognized.`
      : `${whole(wrong)} of ${quantity(count, "image")} ${wrong === 1 ? "is" : "are"} misclassified.`,
  ];
  const [most] = mostConfused(confusion.counts, 1);
  if (most)
    sentences.push(
      `The most frequent mistake is ${classes[most.label]} taken for ${classes[most.answer]}: ${quantity(most.count, "image")}, ${percent(most.share)} % of the class.`,
    );
  const present = perClass.filter((of) => of.count > 0);
  const weakest = present.reduce((a, b) => (b.recall.value < a.recall.value ? b : a), present[0]!);
  if (wrong > 0)
    sentences.push(
      `The class that is recognized least often is ${weakest.class} (${percent(weakest.recall.value)} %).`,
    );
  const { value, interval, ifCalibrated } = after.calibrationError;
  sentences.push(
    interval[0] <= ifCalibrated
      ? "Its probabilities are well calibrated, as far as this many images can show."
      : `Its probabilities are off by ${percent(value)} % on average.`,
  );
  return sentences.join(" ");
}

/** A value with the ends of its interval, as a cell. */
const cellOf = ({ value, interval }: Estimate): Cell => [value, ...interval];

/** Recall, precision and F1 of each class. */
export function classesPart({ classes, confusion, perClass, macro, weighted, count }: EvaluationReport): Part {
  const confused = mostConfused(confusion.counts, Number.POSITIVE_INFINITY);
  const rows = perClass.map((of, k): readonly Cell[] => {
    const most = confused.find(({ label }) => label === k);
    return [
      of.class,
      of.count,
      of.count > 0 ? cellOf(of.recall) : null,
      of.answered > 0 ? cellOf(of.precision) : null,
      of.count + of.answered > 0 ? cellOf(of.f1) : null,
      most ? `${classes[most.answer]}: ${whole(most.count)} (${percent(most.share)} %)` : "",
    ];
  });
  const total = (name: string, { precision, recall, f1 }: AverageReport): readonly Cell[] => [
    name,
    count,
    cellOf(recall),
    cellOf(precision),
    cellOf(f1),
    "",
  ];
  return {
    id: "classes",
    title: "Classes",
    note: "with 95 % intervals; a click on a name sorts",
    content: (
      <Live
        of="DataTable"
        props={{
          label: "Recall, precision and F1 of each class",
          columns: [
            { name: "class", kind: "text" },
            { name: "images", kind: "count" },
            { name: "recall", kind: "percent", note: "the fraction of the images of the class that is recognized" },
            { name: "precision", kind: "percent", note: "the fraction of the answers with this class that is right" },
            { name: "F1", kind: "percent", note: "the harmonic mean of recall and precision" },
            { name: "most often taken for", kind: "text" },
          ],
          rows,
          totals: [total("macro average", macro), total("weighted average", weighted)],
        }}
      />
    ),
  };
}
