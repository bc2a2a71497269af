import { formatInterval, percent, quantity, whole } from "../../../base/format.ts";
import { Facts, Figures, Verdict } from "../../components/facts.tsx";
import { Intervals } from "../../components/intervals.tsx";
import { Live } from "../../components/live.tsx";
import {
  type ComparisonReport,
  describePoints,
  describeRange,
  describeReservations,
  describeSeeds,
  describeVerdict,
  type NamedComparison,
  settingName,
  settingOf,
} from "../../describeComparison.ts";
import type { SettingDifference } from "../../describeDifferences.ts";
import { answeredPictures } from "../answeredPictures.ts";
import { liveSource } from "../liveSource.js";
import { originPart } from "../originPart.tsx";
import { type Part, renderPage } from "../page.tsx";
import { type ComparedAnswers, type ComparePageData, modelsOf } from "./comparePageData.ts";
import { disagreementParts, disagreementsIn } from "./disagreements.tsx";

/** Bytes of pictures on a page. */
const BUDGET = 3_000_000;

/** A page about which of several runs is better, and on which images. */
export function comparePage(data: ComparePageData): string {
  const { report } = data;
  const disagreements = report.comparisons.flatMap((comparison) => disagreementsIn(data, comparison));
  const pictures = answeredPictures(
    data.dataset,
    disagreements.flatMap(({ images }) => images),
    BUDGET,
  );
  const parts = [
    verdictPart(report),
    runsPart(report),
    ...disagreementParts(disagreements, pictures.rows.length),
    ...report.comparisons.map((comparison) => classesPart(data, comparison)),
    ...report.comparisons.flatMap((comparison, k) => settingsPart(report, comparison, data.differences[k]!)),
    originPart(data.reproduction),
  ];
  return renderPage({ title: titleOf(report), parts, pictures, script: liveSource });
}

const titleOf = ({ settings }: ComparisonReport): string =>
  `Comparison of ${settings.map(({ name, runs }) => (runs.length === 1 ? runs[0]!.run : name)).join(", ")}`;

const nameOf = (report: ComparisonReport, letter: string): string => settingName(settingOf(report, letter));

function verdictPart(report: ComparisonReport): Part {
  const { images, source, leftOut, comparisons, seeds } = report;
  const [first] = comparisons;
  const { notShared, trainedOn } = leftOut;
  const facts = [
    ...(notShared > 0 ? [["Test images of only some runs, left out", whole(notShared)] as const] : []),
    ...(trainedOn > 0 ? [["Images that a run was trained on, left out", whole(trainedOn)] as const] : []),
    ...(seeds ? [["Seeds", describeSeeds(seeds)] as const] : []),
  ];
  return {
    id: "verdict",
    title: "Verdict",
    note: `on ${quantity(images, "image")}, ${source}`,
    content: (
      <>
        {comparisons.map((comparison) => (
          <>
            <Verdict>{describeVerdict(report, comparison)}</Verdict>
            <p class="soft prose">{describeReservations(report, comparison).join(" ")}</p>
          </>
        ))}
        {comparisons.length === 1 && first && (
          <Figures
            items={[
              { name: nameOf(report, first.first), value: `${percent(first.accuracies[0])} %`, note: "accuracy" },
              { name: nameOf(report, first.second), value: `${percent(first.accuracies[1])} %`, note: "accuracy" },
              {
                name: "Difference",
                value: describePoints(first.difference),
                note: `95 % interval ${describeRange(first.interval)}`,
              },
            ]}
          />
        )}
        <Intervals
          guide={0}
          rows={comparisons.map((comparison) => ({
            name: `${nameOf(report, comparison.second)} − ${nameOf(report, comparison.first)}`,
            value: comparison.difference,
            interval: comparison.interval,
            text: `${describePoints(comparison.difference)} (${describeRange(comparison.interval)})`,
            main: comparison.verdict !== "undecided",
          }))}
        />
        <p class="soft small">Differences with their 95 % intervals; the dashed line is no difference.</p>
        {facts.length > 0 && <Facts items={facts} />}
      </>
    ),
  };
}

function runsPart({ settings }: ComparisonReport): Part {
  const hasSeeds = settings.some(({ runs }) => runs.length > 1);
  return {
    id: "runs",
    title: "Accuracy of each run",
    short: "Runs",
    note: "with the 95 % interval of the images",
    content: (
      <Intervals
        rows={settings.flatMap(({ name, runs }) =>
          runs.map(({ run, seed, score: { accuracy, interval } }) => ({
            name: `${hasSeeds ? `${name}: ` : ""}${run}${seed === undefined ? "" : `, seed ${seed}`}`,
            value: accuracy,
            interval,
            text: `${percent(accuracy)} % (${formatInterval(interval)})`,
          })),
        )}
      />
    ),
  };
}

/** The accuracy of both settings on each class. */
function classesPart(data: ComparePageData, { first, second }: NamedComparison): Part {
  const { report, dataset, rows } = data;
  const placesByClass = dataset.classNames.map((): number[] => []);
  for (let i = 0; i < rows.length; i++) placesByClass[dataset.labels[rows[i]!]!]!.push(i);
  const [firstModels, secondModels] = [modelsOf(data, first), modelsOf(data, second)];
  const shareOf = (models: readonly ComparedAnswers[], places: readonly number[]): number => {
    const right = models.reduce((sum, { correct }) => sum + places.reduce((count, i) => count + correct[i]!, 0), 0);
    return right / (models.length * places.length);
  };
  return {
    id: `classes-${second}`,
    title: `By class: ${nameOf(report, second)} beside ${nameOf(report, first)}`,
    short: second === report.comparisons[0]!.second ? "Classes" : "",
    note: "the share of the images of each class that is recognized",
    content: (
      <Live
        of="DataTable"
        props={{
          label: "Accuracy by class",
          columns: [
            { name: "class", kind: "text" },
            { name: "images", kind: "count" },
            { name: nameOf(report, first), kind: "percent" },
            { name: nameOf(report, second), kind: "percent" },
            { name: "difference in points", kind: "points" },
          ],
          rows: dataset.classNames.flatMap((name, label) => {
            const places = placesByClass[label]!;
            if (places.length === 0) return [];
            const [before, after] = [shareOf(firstModels, places), shareOf(secondModels, places)];
            return [[name, places.length, before, after, after - before]];
          }),
        }}
      />
    ),
  };
}

function settingsPart(
  report: ComparisonReport,
  { first, second }: NamedComparison,
  differences: readonly SettingDifference[],
): readonly Part[] {
  if (differences.length === 0) return [];
  return [
    {
      id: `settings-${second}`,
      title: `Settings in which ${nameOf(report, second)} differs`,
      short: second === report.comparisons[0]!.second ? "Settings" : "",
      content: (
        <Live
          of="DataTable"
          props={{
            label: "Differing settings of both",
            columns: [
              { name: "setting", kind: "text" },
              { name: nameOf(report, first), kind: "text" },
              { name: nameOf(report, second), kind: "text" },
            ],
            rows: differences,
            sortable: false,
          }}
        />
      ),
    },
  ];
}
