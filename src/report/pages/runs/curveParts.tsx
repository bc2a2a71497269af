import { quantity, whole } from "../../../base/format.ts";
import type { ValidationEvent } from "../../../training/index.ts";
import type { Series } from "../../components/chart.tsx";
import { Live } from "../../components/live.tsx";
import { settled, thinned } from "../evaluate/learningParts.tsx";
import type { Part } from "../page.tsx";
import type { RunOnPage } from "./runsPageData.ts";

/** There are ten colors that can be told apart. */
const CURVES = 10;

/** Accuracy and loss on validation images over the steps, of the runs that were started last. */
export function curveParts(runs: readonly RunOnPage[]): readonly Part[] {
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
  const later = drawn.flatMap(({ validations }) => settled(validations));
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
