import { percent, quantity } from "../base/format.ts";
import type { Importance } from "../search/importance.ts";
import type { Trial } from "../search/study.ts";
import type { Parameter } from "../training/space/parameter.ts";
import { bestOf, complete, ENOUGH, LEAST, recipeScore, type StudyFindings, valuesIn } from "./studyFindings.ts";
import { lastScore } from "./studyTable.ts";

/** The share of the importance above which a parameter is spoken of. */
const MATTERS = 0.1;
/** How many standard deviations are beyond chance. */
const BEYOND_CHANCE = 2;

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
function describeGain(study: StudyFindings): string[] {
  const { trials, ranking, isAccuracy, validationImages } = study;
  const [best] = ranking;
  const own = recipeScore(study);
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

const short = (x: number): string => String(Number(x.toPrecision(3)));
