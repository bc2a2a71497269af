import { duration, percent, quantity, whole } from "../../../base/format.ts";
import { Bar } from "../../components/bar.tsx";
import type { Series } from "../../components/chart.tsx";
import { Figures } from "../../components/facts.tsx";
import { Live } from "../../components/live.tsx";
import { ParallelCoordinates } from "../../components/parallel.tsx";
import { Slice } from "../../components/slice.tsx";
import { describeFindings, describeFlattery, nextSteps } from "../../describeStudy.ts";
import { describeTrialScore, lastScore } from "../../studyTable.ts";
import { liveSource } from "../liveSource.js";
import { originPart } from "../originPart.tsx";
import { type Part, renderPage } from "../page.tsx";
import type { StudyPageData, TrialOnPage } from "./studyPageData.ts";

/** The share of the trials that stand out as the best, and their least number. */
const BEST = 0.1;
const LEAST = 5;
/** Scores below this quantile are drawn at the lower end of their axis, so that the others can be told apart. */
const CUT = 0.25;
/** Lines of the chart of curves that have a color. */
const CURVES = 10;

/** The page of a study: what it has found, in words and in charts, and all of its trials. */
export function studyPage(data: StudyPageData): string {
  const parts: readonly (Part | undefined)[] = [
    overviewPart(data),
    findingsPart(data),
    progressPart(data),
    importancePart(data),
    parallelPart(data),
    slicesPart(data),
    curvesPart(data),
    trialsPart(data),
    nextPart(data),
    originPart({ commands: data.commands, hashes: [] }),
  ];
  return renderPage({
    title: `Study ${data.name}`,
    parts: parts.filter((part) => part !== undefined),
    script: liveSource,
  });
}

function overviewPart(data: StudyPageData): Part {
  const { trials, ranking, isAccuracy, startsWithRecipe, test, testsTaken, confirmed } = data;
  const [best] = ranking;
  const own = startsWithRecipe && trials[0] ? lastScore(trials[0]) : undefined;
  const shown = (score: number) => describeTrialScore(score, isAccuracy);
  const seconds = trials.reduce((sum, trial) => sum + trial.seconds, 0);
  const mean = confirmed.length > 0 ? confirmed.reduce((sum, x) => sum + x, 0) / confirmed.length : undefined;
  return {
    id: "overview",
    title: "Overview",
    content: (
      <Figures
        lead
        items={[
          ...(best
            ? [{ name: "Best on validation images", value: shown(lastScore(best)!), note: `trial ${best.number}` }]
            : []),
          ...(test
            ? [
                {
                  name: "Its test accuracy",
                  value: `${percent(test.accuracy)} %`,
                  note: `${test.interval.map((end) => `${percent(end)} %`).join(" to ")} on ${quantity(test.count, "image")}${testsTaken > 1 ? `; winner number ${testsTaken} that was tested` : ""}`,
                },
              ]
            : []),
          ...(mean === undefined
            ? []
            : [{ name: "With other seeds", value: shown(mean), note: `mean of ${confirmed.length}` }]),
          ...(own === undefined ? [] : [{ name: "The recipe's own values", value: shown(own), note: "trial 0" }]),
          { name: "Trials", value: whole(trials.length), note: `${duration(seconds)} of training, by ${data.sampler}` },
        ]}
      />
    ),
  };
}

function findingsPart(data: StudyPageData): Part {
  const flattery = describeFlattery(data);
  return {
    id: "findings",
    title: "What was found",
    short: "Findings",
    content: (
      <ul class="list prose">
        {[...describeFindings(data), ...(flattery === undefined ? [] : [flattery])].map((text) => (
          <li>{text}</li>
        ))}
      </ul>
    ),
  };
}

function nextPart(data: StudyPageData): Part | undefined {
  const steps = nextSteps(data);
  if (steps.length === 0) return undefined;
  return {
    id: "next",
    title: "What to try next",
    short: "Next",
    content: (
      <ul class="list">
        {steps.map(({ text, command }) => (
          <li class="command">
            {text} {command && <code>{command}</code>}
          </li>
        ))}
      </ul>
    ),
  };
}

/** The best score of trials that were trained in full, and every score, over the cost of all training before. */
function progressPart({ progress, isAccuracy }: StudyPageData): Part | undefined {
  const full = progress.filter(({ isFull }) => isFull);
  if (full.length < 2) return undefined;
  const best: (readonly [number, number])[] = [];
  for (const { cost, score } of full) {
    const before = best.at(-1)?.[1];
    const now = before === undefined ? score : isAccuracy ? Math.max(before, score) : Math.min(before, score);
    if (before !== undefined && now !== before) best.push([cost, before]);
    best.push([cost, now]);
  }
  const domain = domainOf(
    progress.map(({ score }) => score),
    isAccuracy,
  );
  const within = (score: number) => Math.min(domain[1], Math.max(domain[0], score));
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
          y: { name: isAccuracy ? "accuracy" : "loss", kind: isAccuracy ? "percent" : "number", domain },
          series,
        }}
      />
    ),
  };
}

/** The last of points with the same place, as a chart has one value there, but both ends of a step. */
const dedupe = (points: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] =>
  points.map(([x, y], k) => [points[k + 1]?.[0] === x ? x - 1e-9 : x, y] as const);

function importancePart({ importances }: StudyPageData): Part | undefined {
  if (importances.length === 0) return undefined;
  return {
    id: "importance",
    title: "What matters",
    short: "Importance",
    note: "for being among the best tenth (PED-ANOVA)",
    half: true,
    content: (
      <dl class="odds">
        {importances.map(({ name, share }) => (
          <>
            <dt title={name}>{name}</dt>
            <dd>
              <Bar pieces={[{ share, class: "validation" }]} />
              <span class="number">{Math.round(100 * share)} %</span>
            </dd>
          </>
        ))}
      </dl>
    ),
  };
}

/** The trials that were trained in full, the best first; those among the best stand out. */
function fullTrials({ ranking, isAccuracy }: StudyPageData) {
  const full = ranking.filter(({ state }) => state === "complete");
  const best = Math.max(LEAST, Math.ceil(BEST * full.length));
  const scores = full.map((trial) => lastScore(trial)!);
  const [low, high] = domainOf(scores, isAccuracy);
  const placed = full.map((trial, k) => ({
    trial,
    isBest: k < best,
    score: Math.min(1, Math.max(0, (scores[k]! - low) / (high - low))),
  }));
  return { placed, ends: [describeTrialScore(low, isAccuracy), describeTrialScore(high, isAccuracy)] as const };
}

/** The ends of an axis of scores: few bad ones do not press all others together. */
function domainOf(scores: readonly number[], isAccuracy: boolean): readonly [number, number] {
  const sorted = scores.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [low, high] = isAccuracy ? [at(CUT), sorted.at(-1)!] : [sorted[0]!, at(1 - CUT)];
  const margin = (high - low) / 10 || 0.01;
  return isAccuracy
    ? [Math.max(0, low - 3 * margin), Math.min(1, high + margin)]
    : [Math.max(0, low - margin), high + 3 * margin];
}

function parallelPart(data: StudyPageData): Part | undefined {
  const { placed, ends } = fullTrials(data);
  if (placed.length < LEAST) return undefined;
  return {
    id: "parallel",
    title: "All parameters at once",
    short: "Parallel",
    note: "a line for each trial that was trained in full; the best tenth is blue; lower scores are at the lower end",
    content: (
      <ParallelCoordinates
        title="The parameters of each trial and its score"
        space={data.space}
        lines={placed.map(({ trial, score, isBest }) => ({ parameters: trial.parameters, score, isBest }))}
        score={{ name: data.isAccuracy ? "accuracy" : "loss", ends }}
      />
    ),
  };
}

function slicesPart(data: StudyPageData): Part | undefined {
  const { placed, ends } = fullTrials(data);
  if (placed.length < LEAST) return undefined;
  const order = data.importances.map(({ name }) => name);
  const names = order.length > 0 ? order : Object.keys(data.space);
  return {
    id: "slices",
    title: "Each parameter",
    short: "Slices",
    note: `scores from ${ends[0]} to ${ends[1]}; lower ones are at the lower end; the best tenth is blue`,
    content: (
      <div class="slices">
        {names.map((name) => (
          <Slice
            name={name}
            parameter={data.space[name]!}
            ends={ends}
            points={placed.flatMap(({ trial, score, isBest }) => {
              const value = trial.parameters[name];
              return value === undefined ? [] : [{ value, score, isBest }];
            })}
          />
        ))}
      </div>
    ),
  };
}

/** The validations of trials over the share of their training: the best in colors, the others in one faint line each. */
function curvesPart({ ranking, trials, isAccuracy }: StudyPageData): Part | undefined {
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  const curved = ranking.map(({ number }) => byNumber.get(number)!).filter(({ validations }) => validations.length > 1);
  if (curved.length === 0) return undefined;
  const pointsOf = ({ validations, steps }: TrialOnPage) =>
    validations.map((event) => [(event.step + 1) / steps, isAccuracy ? event.accuracy : event.loss] as const);
  const domain = domainOf(
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
          y: { name: isAccuracy ? "accuracy" : "loss", kind: isAccuracy ? "percent" : "number", domain },
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

function trialsPart({ trials, space, isAccuracy }: StudyPageData): Part {
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
