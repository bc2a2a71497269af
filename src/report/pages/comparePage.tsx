import { formatInterval, percent, quantity, whole } from "../../base/format.ts";
import type { AnyDataset } from "../../datasets/index.ts";
import { Facts, Figures } from "../components/facts.tsx";
import { Intervals } from "../components/intervals.tsx";
import { Live } from "../components/live.tsx";
import type { Pictures } from "../components/pictures.tsx";
import {
  type ComparisonReport,
  describePoints,
  describeRange,
  describeReservations,
  describeSeeds,
  describeVerdict,
  type NamedComparison,
  settingName,
} from "../describeComparison.ts";
import { pictureStrips } from "../pictureStrips.ts";
import { imageIn } from "./evaluate/answeredRows.ts";
import { liveSource } from "./liveSource.js";
import { originPart, type Reproduction } from "./originPart.tsx";
import { type Part, renderPage } from "./page.tsx";

/** What a model answers for the images of a comparison. */
export interface ComparedAnswers {
  /** As in the report. */
  readonly run: string;
  /** Shape [N]: 1 where it is right, the class that it answers, and the probability of that. */
  readonly correct: ArrayLike<number>;
  readonly answers: ArrayLike<number>;
  readonly confidences: ArrayLike<number>;
}

/** What a page about a comparison shows. */
export interface ComparePageData {
  readonly report: ComparisonReport;
  /** The images, with labels numbered by the classes that answers are numbered by. */
  readonly dataset: AnyDataset;
  readonly rows: ArrayLike<number>;
  /** In the order of the settings and their runs. */
  readonly models: readonly ComparedAnswers[];
  /** For each comparison, the settings that differ: a path, and both values as text. */
  readonly differences: readonly (readonly (readonly [path: string, first: string, second: string])[])[];
  readonly reproduction: Reproduction;
}

/** Bytes of pictures on a page. */
const BUDGET = 3_000_000;

/** Images that all models of one setting get right and all of the other wrong. */
interface Disagreement {
  readonly better: string;
  readonly worse: string;
  /** Places among the images, the most certain mistakes first, and the model whose mistakes they are. */
  readonly places: readonly number[];
  readonly mistaken: ComparedAnswers;
}

/** A page about which of several runs is better, and on which images. */
export function comparePage(data: ComparePageData): string {
  const { report } = data;
  const disagreements = report.comparisons.flatMap((comparison) => disagreementsIn(data, comparison));
  const pictures = picturesOf(data, disagreements);
  let first = 0;
  const galleries = disagreements.map((one, k) => {
    const part = disagreementPart(one, k, first, pictures.rows.length);
    first += one.places.length;
    return part;
  });
  const parts = [
    verdictPart(report),
    runsPart(report),
    ...galleries,
    ...report.comparisons.map((comparison) => classesPart(data, comparison)),
    ...report.comparisons.flatMap((comparison, k) => settingsPart(report, comparison, data.differences[k]!)),
    originPart(data.reproduction),
  ];
  return renderPage({ title: titleOf(report), parts, pictures, script: liveSource });
}

const titleOf = ({ settings }: ComparisonReport): string =>
  `Comparison of ${settings.map(({ name, runs }) => (runs.length === 1 ? runs[0]!.run : name)).join(", ")}`;

const nameOf = (report: ComparisonReport, letter: string): string =>
  settingName(report.settings.find(({ name }) => name === letter)!);

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
            <p class="verdict">{describeVerdict(report, comparison)}</p>
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

/** The images on which the two settings of a comparison disagree, in both directions. */
function disagreementsIn(data: ComparePageData, { first, second }: NamedComparison): readonly Disagreement[] {
  const { report, models, rows } = data;
  const modelsOf = (letter: string) => {
    const { runs } = report.settings.find(({ name }) => name === letter)!;
    return models.filter(({ run }) => runs.some((one) => one.run === run));
  };
  return [
    [second, first],
    [first, second],
  ].map(([better, worse]) => {
    const [right, wrong] = [modelsOf(better!), modelsOf(worse!)];
    const places = Array.from(rows, (_, i) => i).filter(
      (i) => right.every(({ correct }) => correct[i] === 1) && wrong.every(({ correct }) => correct[i] === 0),
    );
    const [mistaken] = wrong;
    return {
      better: nameOf(report, better!),
      worse: nameOf(report, worse!),
      places: places.sort((a, b) => mistaken!.confidences[b]! - mistaken!.confidences[a]!),
      mistaken: mistaken!,
    };
  });
}

/** The pictures of all disagreements, in their order, with what the mistaken model answers. */
function picturesOf({ dataset, rows }: ComparePageData, disagreements: readonly Disagreement[]): Pictures {
  const all = disagreements.flatMap(({ places, mistaken }) => places.map((i) => ({ i, row: rows[i]!, mistaken })));
  const channels = dataset.imageShape[2];
  const { side, perStrip, strips, count } = pictureStrips(
    channels === 1 || channels === 3 ? all.length : 0,
    (k) => imageIn(dataset, all[k]!.row),
    BUDGET,
  );
  const shown = all.slice(0, count);
  return {
    ...{ side, perStrip, strips },
    classes: dataset.classNames,
    rows: shown.map(({ row }) => row),
    labels: shown.map(({ row }) => dataset.labels[row]!),
    answers: shown.map(({ i, mistaken }) => mistaken.answers[i]!),
    confidences: shown.map(({ i, mistaken }) => Math.round(1000 * mistaken.confidences[i]!) / 1000),
    names: shown.map(({ row }) => dataset.names?.[row]),
  };
}

/** The number-th gallery of a page, whose pictures begin at `first`; `shown` is the number of all pictures. */
function disagreementPart({ better, worse, places }: Disagreement, number: number, first: number, shown: number): Part {
  const images = places.map((_, k) => first + k).filter((k) => k < shown);
  return {
    id: `images-${number}`,
    short: number === 0 ? "Images" : "",
    title: `Only ${better} is right`,
    note: `on ${quantity(places.length, "image")}; with the answers of ${worse}`,
    half: true,
    content:
      images.length > 0 ? (
        <Live of="Gallery" props={{ images, atOnce: 36, missing: places.length - images.length }} />
      ) : (
        <p class="soft">There is no such image{places.length > 0 ? " that can be shown" : ""}.</p>
      ),
  };
}

/** The accuracy of both settings on each class. */
function classesPart({ report, dataset, rows, models }: ComparePageData, comparison: NamedComparison): Part {
  const { first, second } = comparison;
  const shareOf = (letter: string, label: number): number => {
    const { runs } = report.settings.find(({ name }) => name === letter)!;
    const own = models.filter(({ run }) => runs.some((one) => one.run === run));
    const places = Array.from(rows, (_, i) => i).filter((i) => dataset.labels[rows[i]!] === label);
    const right = own.reduce((sum, { correct }) => sum + places.reduce((count, i) => count + correct[i]!, 0), 0);
    return right / (own.length * places.length);
  };
  const counts = dataset.classNames.map(
    (_, label) => Array.from(rows).filter((row) => dataset.labels[row] === label).length,
  );
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
            { name: "difference in points", kind: "number" },
          ],
          rows: dataset.classNames.flatMap((name, label) => {
            if (counts[label] === 0) return [];
            const [before, after] = [shareOf(first, label), shareOf(second, label)];
            return [[name, counts[label]!, before, after, Math.round(1000 * (after - before)) / 10]];
          }),
        }}
      />
    ),
  };
}

function settingsPart(
  report: ComparisonReport,
  { first, second }: NamedComparison,
  differences: readonly (readonly [string, string, string])[],
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
