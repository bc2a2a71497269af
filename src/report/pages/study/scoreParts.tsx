import type { Series } from "../../components/chart.tsx";
import { Live } from "../../components/live.tsx";
import type { Part } from "../page.tsx";
import { scoreAxis, scoreDomain } from "./scoreDomain.ts";
import type { StudyPageData, TrialOnPage } from "./studyPageData.ts";

/** Lines of the chart of curves that have a color. */
const CURVES = 10;

/** The best score of trials that were trained in full, and every score, over the cost of all training before. */
export function progressPart({ progress, isAccuracy }: StudyPageData): Part | undefined {
  const full = progress.filter(({ isFull }) => isFull);
  if (full.length < 2) return undefined;
  const best: (readonly [number, number])[] = [];
  for (const { cost, score } of full) {
    const before = best.at(-1)?.[1];
    const now = before === undefined ? score : isAccuracy ? Math.max(before, score) : Math.min(before, score);
    if (before !== undefined && now !== before) best.push([cost, before]);
    best.push([cost, now]);
  }
  const [low, high] = scoreDomain(
    progress.map(({ score }) => score),
    isAccuracy,
  );
  const within = (score: number) => Math.min(high, Math.max(low, score));
  const dots = (wanted: boolean): readonly (readonly [number, number])[] =>
    progress.filter(({ isFull }) => isFull === wanted).map(({ cost, score }) => [cost, within(score)]);
  const series: readonly Series[] = [
    ...(dots(false).length > 0
      ? [{ name: "trained in part", look: "faint" as const, points: dots(false), dots: true, line: false }]
      : []),
    { name: "trained in full", look: 1, points: dots(true), dots: true, line: false },
    { name: "best so far", look: "main", points: dedupe(best) },
  ];
  return {
    id: "progress",
    title: "Best so far",
    note: "over the cost, in whole trainings",
    half: true,
    content: (
      <Live
        of="Chart"
        props={{
          title: "Scores by the cost of all training before, in whole trainings",
          x: { name: "whole trainings", kind: "number" },
          y: scoreAxis([low, high], isAccuracy),
          series,
        }}
      />
    ),
  };
}

/** The last of points with the same place, as a chart has one value there, but both ends of a step. */
const dedupe = (points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] =>
  points.map(([x, y], k) => [points[k + 1]?.[0] === x ? x - 1e-9 : x, y] as const);

/** The validations of trials over the share of their training: the best in colors, the others in one faint line each. */
export function curvesPart({ ranking, trials, isAccuracy }: StudyPageData): Part | undefined {
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  const curved = ranking.map(({ number }) => byNumber.get(number)!).filter(({ validations }) => validations.length > 1);
  if (curved.length === 0) return undefined;
  const pointsOf = ({ validations, steps }: TrialOnPage) =>
    validations.map((event) => [(event.step + 1) / steps, isAccuracy ? event.accuracy : event.loss] as const);
  const domain = scoreDomain(
    curved.flatMap((trial) => pointsOf(trial).map(([, y]) => y)),
    isAccuracy,
  );
  const best = curved.slice(0, CURVES);
  const others = curved.slice(CURVES);
  return {
    id: "curves",
    title: "Curves",
    note: `of ${best.length === curved.length ? "all trials" : `the best ${best.length} trials; the others are gray`} with more than one validation`,
    content: (
      <Live
        of="Chart"
        props={{
          title: "Scores of trials over their training",
          x: { name: "of the training", kind: "percent", domain: [0, 1] },
          y: scoreAxis(domain, isAccuracy),
          background: others.map(pointsOf),
          series: best.map((trial, k) => ({
            name: `trial ${trial.number}`,
            look: k,
            points: pointsOf(trial),
            dots: true,
          })),
        }}
      />
    ),
  };
}
