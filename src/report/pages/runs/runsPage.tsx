import { percent, whole } from "../../../base/format.ts";
import { Figures, More } from "../../components/facts.tsx";
import { liveSource } from "../liveSource.js";
import { type Part, renderPage } from "../page.tsx";
import { curveParts } from "./curveParts.tsx";
import type { RunOnPage, RunsPageData } from "./runsPageData.ts";
import { settingsPart, tablePart } from "./tableParts.tsx";

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
