import { Live } from "../../components/live.tsx";
import { lastScore } from "../../studyTable.ts";
import type { Part } from "../page.tsx";
import type { StudyPageData } from "./studyPageData.ts";

/** All trials as a table. */
export function trialsPart({ trials, space, isAccuracy }: StudyPageData): Part {
  const names = Object.keys(space);
  const isNumeric = (name: string) => {
    const parameter = space[name]!;
    return parameter.type === "number" || parameter.values.every((value) => typeof value === "number");
  };
  return {
    id: "trials",
    title: "Trials",
    note: "a click on a name sorts",
    content: (
      <Live
        of="DataTable"
        props={{
          label: "Trials with their parameters and scores",
          first: { column: 1, descending: isAccuracy },
          columns: [
            { name: "trial", kind: "count" },
            { name: isAccuracy ? "validation" : "loss", kind: isAccuracy ? "percent" : "number" },
            { name: "trained", kind: "percent", note: "the share of its training that it had" },
            { name: "state", kind: "text" },
            ...names.map((name) => ({ name, kind: isNumeric(name) ? ("number" as const) : ("text" as const) })),
            { name: "seconds", kind: "number" },
          ],
          rows: trials.map((trial) => [
            trial.number,
            lastScore(trial) ?? null,
            trial.outcomes.at(-1)?.resource ?? 0,
            trial.state,
            ...names.map((name) => {
              const value = trial.parameters[name];
              return value === undefined ? null : isNumeric(name) ? (value as number) : String(value);
            }),
            trial.seconds,
          ]),
        }}
      />
    ),
  };
}
