import { percent, quantity } from "../base/format.ts";
import type { Importance } from "../search/importance.ts";
import { axisOf } from "../search/scale.ts";
import type { Trial } from "../search/study.ts";
import type { Parameter, ParameterValue, Space } from "../training/space/parameter.ts";
import { describeTrialScore, lastScore } from "./studyTable.ts";

/** What a study has found, as far as words about it need it. */
export interface StudyFindings {
  readonly space: Space;
  readonly trials: readonly Trial[];
  /** The trials that have a score, the best first. */
  readonly ranking: readonly Trial[];
  readonly importances: readonly Importance[];
  readonly isAccuracy: boolean;
  /** Whether trial 0 has the recipe's own values. */
  readonly startsWithRecipe: boolean;
  /** The number of images that trials are scored on. */
  readonly validationImages: number;
  /** The winner's scores with other seeds, of those trainings that did not fail. */
  readonly confirmed: readonly number[];
  readonly isDone: boolean;
  /** The command that resumes the study. */
  readonly resume: string;
}

/** The best trials that are looked at, as a share of those that were trained in full, and their least number. */
const BEST = 0.1;
const LEAST = 5;
/** The least number of trials that anything is said about parameters from, as for importances. */
const ENOUGH = 20;
/** The share of the importance above which a parameter is spoken of, and below which it does not matter. */
const MATTERS = 0.1;
const IDLE = 0.02;
/** How many standard deviations are beyond chance. */
const BEYOND_CHANCE = 2;
/** The part of a range, at each end, where the best values ask for a wider one. */
const EDGE = 0.1;

const complete = (trials: readonly Trial[]): readonly Trial[] => trials.filter(({ state }) => state === "complete");

/** The best tenth of the trials that were trained in full. */
function bestOf({ ranking }: StudyFindings): readonly Trial[] {
  const full = complete(ranking);
  return full.slice(0, Math.max(LEAST, Math.ceil(BEST * full.length)));
}

/** What a study has found, a sentence each. Nothing is said that its trials do not show. */
export function describeFindings(study: StudyFindings): readonly string[] {
  const enough = complete(study.ranking).length >= ENOUGH;
  return [
    ...describeGain(study),
    ...(enough ? [...describeImportance(study), ...describeValues(study)] : []),
    ...describeFailures(study),
  ];
}

/** How much better the best trial is than the recipe's own values, and whether by more than chance. */
function describeGain({ trials, ranking, startsWithRecipe, isAccuracy, validationImages }: StudyFindings): string[] {
  const [best] = ranking;
  const own = startsWithRecipe && trials[0] ? lastScore(trials[0]) : undefined;
  const score = best && lastScore(best);
  if (!best || own === undefined || score === undefined || trials[0]?.state !== "complete") return [];
  if (best.number === 0) return ["No trial is better than the recipe's own values."];
  if (!isAccuracy) return [`The recipe's own loss is ${own.toFixed(4)}, that of the best trial ${score.toFixed(4)}.`];
  const gain = score - own;
  const error = Math.sqrt((score * (1 - score) + own * (1 - own)) / Math.max(1, validationImages));
  const isReal = gain > BEYOND_CHANCE * error;
  return [
    `The best trial is ${percent(gain)} points above the recipe's own values${isReal ? "" : `, which may be chance on ${quantity(validationImages, "validation image")}`}.`,
  ];
}

function describeImportance({ importances }: StudyFindings): string[] {
  const [first, second] = importances;
  if (!first || importances.length < 2) return [];
  const share = (one: Importance) => `${Math.round(100 * one.share)} %`;
  if (first.share < 1.5 / importances.length)
    return ["No parameter stands out: each matters about as much as the others."];
  const next = second && second.share >= MATTERS ? `, then ${second.name} (${share(second)})` : "";
  return [`${first.name} matters most for being among the best (${share(first)} of the importance)${next}.`];
}

/** Where the best trials have other values than the recipe. */
function describeValues(study: StudyFindings): string[] {
  const { space, importances } = study;
  const names = importances.filter(({ share }) => share >= MATTERS).map(({ name }) => name);
  return names.flatMap((name) => {
    const parameter = space[name]!;
    return parameter.type === "number"
      ? describeNumber(name, parameter, study)
      : describeChoice(name, parameter, study);
  });
}

/** Values of a parameter in trials, without those that do not use it. */
const valuesIn = (name: string, trials: readonly Trial[]): readonly ParameterValue[] =>
  trials.flatMap(({ parameters }) => (parameters[name] === undefined ? [] : [parameters[name]]));

function describeNumber(
  name: string,
  parameter: Extract<Parameter, { type: "number" }>,
  study: StudyFindings,
): string[] {
  const { trials, where } = comparable(name, study);
  const values = (valuesIn(name, trials) as readonly number[]).toSorted((a, b) => a - b);
  if (values.length < LEAST) return [];
  const at = (share: number) => values[Math.round(share * (values.length - 1))]!;
  const [low, middle, high] = [at(0.1), at(0.5), at(0.9)];
  const own = parameter.default;
  const range = `${short(low)} to ${short(high)}`;
  if (own >= low && own <= high)
    return [`The recipe's ${name} of ${short(own)} is within those of the best trials${where}: ${range}.`];
  const isHigh = own > high;
  const ratio = isHigh ? own / middle : middle / own;
  const how = parameter.log
    ? `${ratio.toPrecision(2)} times too ${isHigh ? "high" : "low"}`
    : `too ${isHigh ? "high" : "low"}`;
  return [
    `The recipe's ${name} of ${short(own)} is ${how}${where}: the best trials have ${range}, half of them above ${short(middle)}.`,
  ];
}

/** The best trials to compare a value with: a learning rate only with those of the recipe's batch size, if there are enough. */
function comparable(name: string, study: StudyFindings): { readonly trials: readonly Trial[]; readonly where: string } {
  const batch = study.space["batchSize"];
  const best = bestOf(study);
  if (name !== "learningRate" || !batch) return { trials: best, where: "" };
  const own = batch.type === "choice" ? batch.values[0]! : batch.default;
  const full = complete(study.ranking);
  const same = full.slice(0, Math.ceil(full.length / 4)).filter(({ parameters }) => parameters["batchSize"] === own);
  return same.length < LEAST ? { trials: best, where: "" } : { trials: same, where: ` for batch ${own}` };
}

/** That the best trials have one value more often than chance would have it, if they do. */
function describeChoice(
  name: string,
  { values }: Extract<Parameter, { type: "choice" }>,
  study: StudyFindings,
): string[] {
  const best = valuesIn(name, bestOf(study));
  if (best.length < LEAST) return [];
  const counted = values.map((value) => ({ value, count: best.filter((other) => other === value).length }));
  const top = counted.reduce((a, b) => (b.count > a.count ? b : a));
  const usual = 1 / values.length;
  const isBeyond = top.count / best.length > usual + BEYOND_CHANCE * Math.sqrt((usual * (1 - usual)) / best.length);
  if (!isBeyond) return [];
  const is = top.value === values[0] ? ", as the recipe has" : `; the recipe has ${values[0]}`;
  return [`${top.count} of the best ${best.length} trials have ${name} ${top.value}${is}.`];
}

function describeFailures({ trials }: StudyFindings): string[] {
  const failed = trials.filter(({ state }) => state === "failed").length;
  return failed === 0 ? [] : [`${quantity(failed, "trial")} of ${trials.length} failed, such as by diverging.`];
}

/** How much the search flatters its winner, in words. */
export function describeFlattery({ ranking, confirmed, isAccuracy }: StudyFindings): string | undefined {
  const score = ranking[0] && lastScore(ranking[0]);
  if (score === undefined) return undefined;
  const shown = describeTrialScore(score, isAccuracy);
  if (confirmed.length === 0)
    return `${shown} is the best of ${quantity(ranking.length, "score")}, and so partly luck; nothing is known yet of how much.`;
  const mean = confirmed.reduce((sum, x) => sum + x, 0) / confirmed.length;
  const flattery = isAccuracy ? score - mean : mean - score;
  const seeds = quantity(confirmed.length, "other seed");
  const found = `With ${seeds}, the winner's parameters have ${describeTrialScore(mean, isAccuracy)} on average instead of ${shown}`;
  return flattery <= 0
    ? `${found}: the search does not flatter its winner.`
    : `${found}: the search flatters its winner by ${isAccuracy ? `${percent(flattery)} points` : flattery.toFixed(4)}.`;
}

/** What to try next: each with a command, if there is one. */
export function nextSteps(study: StudyFindings): readonly { readonly text: string; readonly command?: string }[] {
  const { isDone, resume, confirmed, trials, ranking, isAccuracy, validationImages, importances } = study;
  const full = complete(ranking);
  const steps: { text: string; command?: string }[] = [];
  if (!isDone) steps.push({ text: "Go on: not all trials are done.", command: resume });
  if (full.length >= ENOUGH)
    for (const [name, parameter] of Object.entries(study.space)) {
      const end = edgeOf(name, parameter, study);
      if (end) steps.push({ text: `Widen the range of ${name}: the best values are at its ${end} end.` });
    }
  const [best] = ranking;
  if (isDone && best && best.number >= 0.75 * trials.length && trials.length >= ENOUGH)
    steps.push({
      text: "Try more trials: the best was found late.",
      command: `${resume} --trials ${2 * trials.length}`,
    });
  if (confirmed.length === 0 && best)
    steps.push({ text: "Measure how lucky the winner is.", command: `${resume} --confirm 5` });
  const fifth = full[LEAST - 1];
  const [top, low] = [best && lastScore(best), fifth && lastScore(fifth)];
  if (isAccuracy && top !== undefined && low !== undefined && validationImages > 0) {
    const error = Math.sqrt((2 * top * (1 - top)) / validationImages);
    if (top - low < error)
      steps.push({
        text: `Tell the best five apart: their scores differ by ${percent(top - low)} points, less than chance on ${quantity(validationImages, "image")} (${percent(error)}). A new study with --folds 5 scores each trial on all of them.`,
      });
  }
  const idle = importances.filter(({ share }) => share < IDLE).map(({ name }) => name);
  if (idle.length > 0)
    steps.push({
      text: `Leave ${idle.join(", ")} out of the next study: ${idle.length === 1 ? "it hardly matters" : "they hardly matter"}.`,
    });
  return steps;
}

/** The end of its range that the best values of a number are at, if they are. */
function edgeOf(name: string, parameter: Parameter, study: StudyFindings): "upper" | "lower" | undefined {
  if (parameter.type !== "number" || parameter.whole) return undefined;
  const axis = axisOf(parameter)!;
  const values = (valuesIn(name, bestOf(study)) as readonly number[]).toSorted((a, b) => a - b);
  if (values.length < LEAST) return undefined;
  const place = (axis.placeOf(values[Math.floor(values.length / 2)]!) - axis.low) / (axis.high - axis.low);
  return place > 1 - EDGE ? "upper" : place < EDGE ? "lower" : undefined;
}

const short = (x: number): string => String(Number(x.toPrecision(3)));
