import { duration, percent, quantity, whole } from "../../base/format.ts";
import type { ValidationEvent } from "../../training/index.ts";
import type { Series } from "../components/chart.tsx";
import { Figures, More } from "../components/facts.tsx";
import { Live } from "../components/live.tsx";
import { thinned } from "./evaluate/learningParts.tsx";
import { liveSource } from "./liveSource.js";
import { type Part, renderPage } from "./page.tsx";
import type { RunOnPage, RunsPageData } from "./runsPageData.ts";

/** There are ten colors that can be told apart. */
const CURVES = 10;

/** A page of all runs of a folder: their curves over one another, their results, and what differs between them. */
export function runsPage(data: RunsPageData): string {
  const readable = data.runs.filter(({ problem }) => problem === undefined);
  const parts: readonly (Part | undefined)[] = [
    overviewPart(data),
    ...curveParts(readable),
    tablePart(readable),
    settingsPart(data.differing, readable),
    reportsPart(readable),
    problemsPart(data.runs),
  ];
  return renderPage({
    title: `Runs in ${data.folder}`,
    parts: parts.filter((part) => part !== undefined),
    script: liveSource,
  });
}

function overviewPart({ runs }: RunsPageData): Part {
  const finished = runs.filter(({ status }) => status === "finished");
  const [best] = finished
    .filter(({ validation }) => validation !== undefined)
    .toSorted((a, b) => b.validation! - a.validation!);
  return {
    id: "overview",
    title: "Overview",
    content: (
      <>
        <Figures
          items={[
            { name: "Runs", value: whole(runs.length), note: `${whole(finished.length)} finished` },
            ...(best
              ? [
                  {
                    name: "Highest validation accuracy",
                    value: `${percent(best.validation!)} %`,
                    note: best.name,
                  },
                  ...(best.test
                    ? [
                        {
                          name: "Its test accuracy",
                          value: `${percent(best.test.accuracy)} %`,
                          note: best.test.interval.map((end) => `${percent(end)} %`).join(" to "),
                        },
                      ]
                    : []),
                ]
              : []),
          ]}
        />
        <p class="soft prose">
          The highest of many accuracies is partly luck: <code>inkling compare</code> says whether one run is better
          than another beyond chance.
        </p>
      </>
    ),
  };
}

/** Accuracy and loss on validation images over the steps, of the runs that were started last. */
function curveParts(runs: readonly RunOnPage[]): readonly Part[] {
  const curved = runs.filter(({ validations }) => validations.filter(({ images }) => images > 0).length > 1);
  const drawn = curved
    .toSorted((a, b) => (a.started < b.started ? 1 : -1))
    .slice(0, CURVES)
    .toReversed();
  if (drawn.length === 0) return [];
  const series = (of: (event: ValidationEvent) => number): readonly Series[] =>
    drawn.map(({ name, validations }, k) => ({
      name,
      look: k,
      points: thinned(validations).map((event) => [event.step, of(event)]),
    }));
  const later = drawn.flatMap(({ validations }) => validations.slice(Math.ceil(validations.length / 10)));
  const lowest = Math.max(0, Math.floor(20 * Math.min(...later.map(({ accuracy }) => accuracy))) / 20);
  const x = { name: "step", kind: "count" } as const;
  const notes = [
    "on validation images",
    ...(drawn.length < curved.length ? [`the ${whole(CURVES)} runs that were started last`] : []),
    ...(curved.length < runs.length
      ? [`${quantity(runs.length - curved.length, "run has", "runs have")} no curve`]
      : []),
  ];
  return [
    {
      id: "accuracy",
      title: "Accuracy",
      short: "Curves",
      half: true,
      note: notes.join("; "),
      content: (
        <Live
          of="Chart"
          props={{
            title: "Validation accuracy by step",
            x,
            y: { name: "accuracy", kind: "percent", domain: [lowest, 1] },
            series: series(({ accuracy }) => accuracy),
          }}
        />
      ),
    },
    {
      id: "loss",
      title: "Loss",
      short: "",
      half: true,
      note: "on validation images, in nats",
      content: (
        <Live
          of="Chart"
          props={{
            title: "Validation loss by step, in nats",
            x,
            y: { name: "loss", kind: "number", domain: [0, 1.1 * Math.max(...later.map(({ loss }) => loss))] },
            series: series(({ loss }) => loss),
          }}
        />
      ),
    },
  ];
}

function tablePart(runs: readonly RunOnPage[]): Part | undefined {
  if (runs.length === 0) return undefined;
  return {
    id: "runs",
    title: "Runs",
    note: "with the 95 % interval of the test images; a click on a name sorts",
    content: (
      <Live
        of="DataTable"
        props={{
          label: "Results of the runs",
          columns: [
            { name: "run", kind: "text" },
            { name: "test", kind: "percent" },
            { name: "validation", kind: "percent" },
            { name: "steps", kind: "count" },
            { name: "batch", kind: "count" },
            { name: "rate", kind: "number", note: "the largest learning rate of the schedule" },
            { name: "parameters", kind: "count" },
            { name: "recipe", kind: "text" },
            { name: "time", kind: "text" },
            { name: "started", kind: "text" },
          ],
          rows: runs.map((run) => [
            run.status === "finished" ? run.name : `${run.name} (${run.status})`,
            run.test ? [run.test.accuracy, ...run.test.interval] : null,
            run.validation ?? null,
            run.step,
            run.batchSize ?? null,
            run.learningRate ?? null,
            run.parameters ?? null,
            run.recipe ?? "",
            run.seconds === undefined ? "" : duration(run.seconds),
            run.started.slice(0, 16).replace("T", " "),
          ]),
        }}
      />
    ),
  };
}

function settingsPart(differing: readonly string[], runs: readonly RunOnPage[]): Part | undefined {
  if (differing.length === 0) return undefined;
  return {
    id: "settings",
    title: "Settings that differ",
    short: "Settings",
    content: (
      <Live
        of="DataTable"
        props={{
          label: "Differing settings of each run",
          columns: [{ name: "run", kind: "text" }, ...differing.map((name) => ({ name, kind: "text" as const }))],
          rows: runs.map(({ name, settings }) => [name, ...settings]),
        }}
      />
    ),
  };
}

function reportsPart(runs: readonly RunOnPage[]): Part | undefined {
  const [first] = runs;
  if (!first) return undefined;
  const all = runs.filter(({ reports }) => reports.length > 0);
  return {
    id: "reports",
    title: "Reports",
    content:
      all.length === 0 ? (
        <p class="soft">
          None of the runs has one; make one with <code>npx inkling evaluate RUN --html RUN/report.html</code>
        </p>
      ) : (
        <ul class="list">
          {all.map(({ name, reports }) => (
            <li>
              {name}:{" "}
              {reports.map((report, k) => (
                <>
                  {k > 0 && ", "}
                  <a href={report.href}>{report.name}</a>
                </>
              ))}
            </li>
          ))}
        </ul>
      ),
  };
}

/** The longest list of runs that cannot be read. */
const PROBLEMS = 50;

function problemsPart(runs: readonly RunOnPage[]): Part | undefined {
  const all = runs.filter(({ problem }) => problem !== undefined);
  if (all.length === 0) return undefined;
  return {
    id: "unreadable",
    title: "Runs that cannot be read",
    short: "Unreadable",
    note: whole(all.length),
    content: (
      <>
        <ul class="list">
          {all.slice(0, PROBLEMS).map(({ name, problem }) => (
            <li>{`${name}: ${problem}`}</li>
          ))}
        </ul>
        <More count={all.length - PROBLEMS}>… and {whole(all.length - PROBLEMS)} more.</More>
      </>
    ),
  };
}
