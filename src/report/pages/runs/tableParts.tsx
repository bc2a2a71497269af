import { duration } from "../../../base/format.ts";
import { Live } from "../../components/live.tsx";
import type { Part } from "../page.tsx";
import type { RunOnPage } from "./runsPageData.ts";

/** The results of the runs, each with its main settings. */
export function tablePart(runs: readonly RunOnPage[]): Part | undefined {
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
            run.settings?.batchSize ?? null,
            run.settings?.learningRate ?? null,
            run.settings?.parameters ?? null,
            run.settings?.recipe ?? "",
            run.seconds === undefined ? "" : duration(run.seconds),
            run.started.slice(0, 16).replace("T", " "),
          ]),
        }}
      />
    ),
  };
}

/** The settings that differ, by `names`, and what each run has. */
export function settingsPart(names: readonly string[], runs: readonly RunOnPage[]): Part | undefined {
  if (names.length === 0) return undefined;
  return {
    id: "settings",
    title: "Settings that differ",
    short: "Settings",
    content: (
      <Live
        of="DataTable"
        props={{
          label: "Differing settings of each run",
          columns: [{ name: "run", kind: "text" }, ...names.map((name) => ({ name, kind: "text" as const }))],
          rows: runs.map(({ name, differing }) => [name, ...differing]),
        }}
      />
    ),
  };
}
