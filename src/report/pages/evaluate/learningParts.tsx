import type { ValidationEvent } from "../../../training/index.ts";
import type { Series } from "../../components/chart.tsx";
import { Live } from "../../components/live.tsx";
import type { Part } from "../page.tsx";

/** A chart of more points than these says no more. */
const POINTS = 200;

/** Loss and accuracy over the steps of a training. */
export function learningParts(validations: readonly ValidationEvent[]): readonly Part[] {
  if (validations.length < 2) return [];
  const shown = thinned(validations);
  const x = { name: "step", kind: "count" } as const;
  const batch = (of: (event: ValidationEvent) => number): Series => ({
    name: "batch",
    look: "faint",
    points: shown.map((event) => [event.step, of(event)]),
  });
  const validated = validations.some(({ images }) => images > 0);
  const validation = (of: (event: ValidationEvent) => number): readonly Series[] =>
    validated
      ? [{ name: "validation", look: "main", points: shown.map((event) => [event.step, of(event)] as const) }]
      : [];
  return [
    {
      id: "accuracy",
      title: "Accuracy in training",
      short: "Training",
      half: true,
      content: (
        <Live
          of="Chart"
          props={{
            title: "Accuracy by step",
            x,
            y: { name: "accuracy", kind: "percent", domain: [lowestAccuracy(shown), 1] },
            series: [batch((event) => event.minibatchAccuracy), ...validation((event) => event.accuracy)],
          }}
        />
      ),
    },
    {
      id: "loss",
      title: "Loss in training",
      short: "",
      half: true,
      note: "nats, lower is better",
      content: (
        <Live
          of="Chart"
          props={{
            title: "Loss by step, in nats",
            x,
            y: { name: "loss", kind: "number", domain: [0, highestLoss(shown)] },
            series: [batch((event) => event.minibatchLoss), ...validation((event) => event.loss)],
          }}
        />
      ),
    },
  ];
}

/** What comes after the first steps, in which so much changes that later changes could not be seen. */
export const settled = (validations: readonly ValidationEvent[]): readonly ValidationEvent[] =>
  validations.slice(Math.max(1, Math.ceil(validations.length / 10)));

const lowestAccuracy = (validations: readonly ValidationEvent[]): number => {
  const lowest = Math.min(...settled(validations).flatMap((event) => [event.accuracy, event.minibatchAccuracy]));
  return Math.max(0, Math.floor(10 * lowest - 0.5) / 10);
};

const highestLoss = (validations: readonly ValidationEvent[]): number =>
  1.1 * Math.max(...settled(validations).flatMap(({ loss, minibatchLoss }) => [loss, minibatchLoss]));

/** Evenly spaced events, with the first and the last. */
export function thinned<T>(all: readonly T[]): readonly T[] {
  if (all.length <= POINTS) return all;
  return Array.from({ length: POINTS }, (_, k) => all[Math.round((k * (all.length - 1)) / (POINTS - 1))]!);
}
